import { readFileSync } from 'node:fs';
import { ArnFormat, Aws, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { HandlerFunction } from './handler-function.ts';
import { acknowledgeWildcards, allow, tableKeyActions } from './permissions.ts';

/** Name of the state machine; the operator's commands know it. */
export const ingestMachineName = 'caudal-ingest';

export interface IngestMachineProps {
  /** Path of `ingest.asl.json`. */
  readonly definition: string;
  /** By the name of the state that calls it. */
  readonly functions: Readonly<Record<string, HandlerFunction>>;
  readonly curated: Bucket;
  readonly jobs: Table;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly config: Config;
}

/** The state machine `ingest`, from its ASL file, with a role that names every resource it touches. */
export class IngestMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: IngestMachineProps) {
    super(scope, id);
    const { functions, curated, jobs, bus, key, config } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      // Step Functions logs only to groups whose policy it can extend; with this prefix one policy covers them all.
      logGroupName: `/aws/vendedlogs/states/${ingestMachineName}`,
      retention: config.logRetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    allow(role, [
      {
        actions: ['lambda:InvokeFunction'],
        resources: Object.values(functions).map((handler) => handler.function.functionArn),
      },
      { actions: ['dynamodb:UpdateItem'], resources: [jobs.tableArn] },
      { actions: ['events:PutEvents'], resources: [bus.eventBusArn] },
      {
        actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        resources: [curated.arnForObjects('staging/*')],
        wildcard: 'Manifests and results of the maps are named by job; all lie under this prefix.',
      },
      { actions: tableKeyActions, resources: [key.keyArn] },
    ]);
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: ingestMachineName,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(readFileSync(props.definition, 'utf8')),
      definitionSubstitutions: {
        ...Object.fromEntries(
          Object.entries(functions).map(([state, { function: handler }]) => [
            `${state}FunctionArn`,
            handler.functionArn,
          ]),
        ),
        CuratedBucket: curated.bucketName,
        JobsTable: jobs.tableName,
        EventBusName: bus.eventBusName,
        MaxConcurrency: String(config.maxConcurrency),
      },
      role,
      // Execution data would put every batch into the logs; the history of an execution has it.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery (logs:CreateLogDelivery and the like) and X-Ray know no resource to name.',
    });
    this.grantMaps(role);
  }

  /**
   * What the Distributed Maps need: to start children, to watch and stop them, to redrive them. A definition from a file
   * grants none of it, and a grant in the role's own policy would be circular: the machine waits for that policy, and the
   * policy would name the machine. So it is a policy by itself.
   */
  private grantMaps(role: Role): void {
    const executions = (name: string) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${ingestMachineName}${name}`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const children = [executions(':*'), executions('/*')];
    const policy = new Policy(this, 'DistributedMapPolicy', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['states:StartExecution'],
          resources: [this.machine.stateMachineArn],
        }),
        new PolicyStatement({
          actions: ['states:DescribeExecution', 'states:RedriveExecution', 'states:StopExecution'],
          resources: children,
        }),
      ],
    });
    acknowledgeWildcards(policy, children, 'Executions are named when they start; all are of this machine.');
  }
}
