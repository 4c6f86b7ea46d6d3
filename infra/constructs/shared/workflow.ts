import { readFileSync } from 'node:fs';
import { ArnFormat, Aws, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type CfnStateMachine,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { deliveredLogs } from '../data/encryption-key.ts';
import type { HandlerFunction } from './handler-function.ts';
import { acknowledgeWildcards, allow, onBehalfOf, type Permission, tableKeyActions } from './permissions.ts';

export interface WorkflowProps {
  /** Name of the state machine, before a stage. */
  readonly name: string;
  /** Path of the `*.asl.json` file. */
  readonly definition: string;
  /** By the name of the state that calls it; `<state>FunctionArn` in the definition. */
  readonly functions: Readonly<Record<string, HandlerFunction>>;
  /** The definition's other substitutions; `MaxConcurrency` and `Partition` are added. */
  readonly substitutions: Readonly<Record<string, string>>;
  /** What its direct integrations and maps touch; the functions and the key are added. */
  readonly permissions: readonly Permission[];
  readonly key: IKey;
  readonly config: Config;
}

/** A Standard state machine with Distributed Maps, from its ASL file, with a role that names every resource it touches. */
export class Workflow extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { functions, key, config } = props;
    const name = ofStage(props.name, config.stage);
    const logGroup = new LogGroup(this, 'Logs', {
      // Step Functions logs only to groups whose policy it can extend; with this prefix one policy covers them all.
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention: config.logRetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Made from the name, because the machine waits for its role. A map within it has an ARN that goes on after the machine's.
    const machineArn = Stack.of(this).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const ofThisMachine = [machineArn, `${machineArn}/*`];
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: onBehalfOf(ofThisMachine),
      }),
    });
    allow(role, [
      {
        actions: ['lambda:InvokeFunction'],
        resources: Object.values(functions).map((handler) => handler.function.functionArn),
      },
      ...props.permissions,
      { actions: tableKeyActions, resources: [key.keyArn], via: ['dynamodb', 's3', 'sns'] },
      {
        // Executions and their histories. Not by way of a service: Step Functions asks KMS as this role, and with `kms:ViaService` none would start.
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
        conditions: { StringLike: { 'kms:EncryptionContext:aws:states:stateMachineArn': ofThisMachine } },
      },
      {
        actions: ['kms:GenerateDataKey'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:EncryptionContext:SourceArn': deliveredLogs(this) } },
      },
    ]);
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: name,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(readFileSync(props.definition, 'utf8')),
      definitionSubstitutions: {
        ...Object.fromEntries(
          Object.entries(functions).map(([state, { function: handler }]) => [
            `${state}FunctionArn`,
            handler.functionArn,
          ]),
        ),
        ...props.substitutions,
        MaxConcurrency: String(config.maxConcurrency),
        Partition: Aws.PARTITION, // of the integrations' ARNs, which differ in China and GovCloud
      },
      role,
      // Execution data would put every batch into the logs; the history of an execution has it.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    // On the L1: the L2 would add a statement to the key's policy, which is of another stack, for each machine.
    (this.machine.node.defaultChild as CfnStateMachine).encryptionConfiguration = {
      type: 'CUSTOMER_MANAGED_KMS_KEY',
      kmsKeyId: key.keyArn,
      kmsDataKeyReusePeriodSeconds: 900, // the longest: one KMS call in so long instead of one for each execution
    };
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery (logs:CreateLogDelivery and the like) and X-Ray know no resource to name.',
    });
    this.grantMaps(role, name);
  }

  /**
   * What the Distributed Maps need: to start children, to watch and stop them, to redrive them. A definition from a file
   * grants none of it, and a grant in the role's own policy would be circular: the machine waits for that policy, and the
   * policy would name the machine. So it is a policy by itself.
   */
  private grantMaps(role: Role, machineName: string): void {
    const executions = (part: string) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${machineName}${part}`,
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
