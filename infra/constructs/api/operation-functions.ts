import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Tables } from '../data/tables.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { type Permission, tableReadKeyActions } from '../shared/permissions.ts';
import { apiTimeoutSeconds, corsOf, type FunctionsOf } from './api-functions.ts';

export interface OperationFunctionsProps {
  readonly tables: Tables;
  readonly ingestMachine: StateMachine;
  readonly jobMachine: StateMachine;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

const named = 'Executions and map runs are named when they start; all are of the two state machines.';

/** The functions behind the routes of those who look after the installation: one only reads, one acts. */
export class OperationFunctions extends Construct {
  readonly byHandler: FunctionsOf<'query-operations' | 'operate'>;

  constructor(scope: Construct, id: string, props: OperationFunctionsProps) {
    super(scope, id);
    const { tables, ingestMachine, jobMachine, key, config, code } = props;
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds, memoryMiB: 1024 };
    const machines = [ingestMachine.stateMachineArn, jobMachine.stateMachineArn];
    const environment = {
      INGEST_MACHINE_ARN: ingestMachine.stateMachineArn,
      JOB_MACHINE_ARN: jobMachine.stateMachineArn,
      ...corsOf(config),
    };
    const ofMachines = (resource: string, after: string) =>
      [ingestMachine, jobMachine].map((machine) =>
        Stack.of(this).formatArn({
          service: 'states',
          resource,
          resourceName: `${machine.stateMachineName}${after}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      );
    const executions = ofMachines('execution', ':*');
    const mapRuns = ofMachines('mapRun', '/*');
    /** The executions of an encrypted machine are read with its key. */
    const readExecutions: Permission = {
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: {
        StringLike: {
          'kms:EncryptionContext:aws:states:stateMachineArn': machines.flatMap((arn) => [arn, `${arn}/*`]),
        },
      },
    };
    const queryOperations = new HandlerFunction(this, 'QueryOperations', {
      ...common,
      handler: 'api/query-operations',
      description: 'Answers how the installation does, and what failed',
      environment: { ...environment, JOBS_TABLE: tables.jobs.tableName },
      permissions: [
        { actions: ['states:DescribeStateMachine', 'states:ListExecutions'], resources: machines },
        {
          actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:ListMapRuns'],
          resources: executions,
          wildcard: named,
        },
        {
          actions: ['states:DescribeMapRun', 'states:ListExecutions'],
          resources: mapRuns,
          wildcard: named,
        },
        {
          actions: ['states:DescribeExecution'],
          resources: ofMachines('express', '/*'),
          wildcard: 'The children of maps are named when they start; all are of the two state machines.',
        },
        { actions: ['dynamodb:Query'], resources: [tables.jobs.tableArn] },
        { actions: tableReadKeyActions, resources: [key.keyArn], via: ['dynamodb'] },
        readExecutions,
      ],
    });
    const operate = new HandlerFunction(this, 'Operate', {
      ...common,
      handler: 'api/operate',
      description: 'Redrives executions',
      environment,
      permissions: [
        {
          actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:RedriveExecution'],
          resources: executions,
          wildcard: named,
        },
        { actions: ['states:StartExecution'], resources: [ingestMachine.stateMachineArn] },
        readExecutions,
      ],
    });
    this.byHandler = { 'query-operations': queryOperations, operate };
  }
}
