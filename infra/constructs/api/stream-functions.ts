import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StreamFunction } from '../../../handlers/api/contract/routes.ts';
import type { Config } from '../../config.ts';
import type { DeliveryStream } from '../ingest/delivery-stream.ts';
import { type AlarmDefinition, alarmPeriod } from '../shared/alarms.ts';
import { sumOf } from '../shared/function-alarms.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { type Permission, tableKeyActions, tableReadKeyActions } from '../shared/permissions.ts';
import { apiTimeoutSeconds, corsOf, type FunctionsOf } from './api-functions.ts';

/** Minutes from one look for commits that are in no log yet to the next. */
const everyMinutes = 1;

export interface StreamFunctionsProps {
  readonly table: Table;
  /** Which takes their events to their datasets. */
  readonly stream: DeliveryStream;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/**
 * The functions of the streams: one decides commands and publishes what it has committed, one only reads, and one, called by a schedule, publishes
 * what the first left. What a call of it did not do, the next one does: it needs no queue for what could not be delivered, and has an alarm.
 */
export class StreamFunctions extends Construct {
  readonly byHandler: FunctionsOf<StreamFunction>;
  readonly relay: HandlerFunction;
  readonly rule: CfnRule;

  constructor(scope: Construct, id: string, props: StreamFunctionsProps) {
    super(scope, id);
    const { table, stream, key, config, code } = props;
    const common = { code, config, key };
    const environment = { STREAMS_TABLE: table.tableName };
    const pending = `${table.tableArn}/index/pending`;
    const byCommand = `${table.tableArn}/index/by-command`;
    const useKey: Permission = { actions: tableKeyActions, resources: [key.keyArn], via: ['dynamodb'] };
    const delivery = { DELIVERY_STREAM: stream.stream.ref };
    const deliver: Permission = {
      actions: ['firehose:PutRecordBatch'],
      resources: [stream.stream.attrArn],
    };
    const commandStreams = new HandlerFunction(this, 'CommandStreams', {
      ...common,
      handler: 'api/command-streams',
      description: 'Decides commands against streams, and publishes the commits',
      memoryMiB: 1024, // the SDK starts in half the time; it keeps the states of 128 streams
      timeoutSeconds: apiTimeoutSeconds,
      environment: { ...environment, ...delivery, ...corsOf(config) },
      permissions: [
        {
          actions: [
            'dynamodb:BatchGetItem',
            'dynamodb:BatchWriteItem',
            'dynamodb:GetItem',
            'dynamodb:PartiQLInsert', // commits of a batch, each under its condition
            'dynamodb:PutItem',
          ],
          resources: [table.tableArn],
        },
        { actions: ['dynamodb:Query'], resources: [table.tableArn, byCommand] },
        deliver,
        useKey,
      ],
    });
    const queryStreams = new HandlerFunction(this, 'QueryStreams', {
      ...common,
      handler: 'api/query-streams',
      description: 'Answers the states and events of streams, and the notification logs',
      memoryMiB: 1024,
      timeoutSeconds: apiTimeoutSeconds,
      environment: { ...environment, ...corsOf(config) },
      permissions: [
        { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table.tableArn] },
        { actions: tableReadKeyActions, resources: [key.keyArn], via: ['dynamodb'] },
      ],
    });
    this.byHandler = { 'command-streams': commandStreams, 'query-streams': queryStreams };
    this.relay = new HandlerFunction(this, 'RelayCommits', {
      ...common,
      handler: 'streams/relay-commits',
      description: 'Publishes commits of streams that are in no notification log yet',
      memoryMiB: 512,
      timeoutSeconds: 55, // the next call comes after a minute
      environment: { ...environment, ...delivery },
      permissions: [
        {
          actions: ['dynamodb:BatchGetItem', 'dynamodb:BatchWriteItem', 'dynamodb:PutItem'],
          resources: [table.tableArn],
        },
        { actions: ['dynamodb:Query'], resources: [table.tableArn, pending] },
        deliver,
        useKey,
      ],
    });
    this.rule = new CfnRule(this, 'EveryMinute', {
      description: 'Publishes commits of Caudal that are in no notification log yet',
      scheduleExpression: Schedule.rate(Duration.minutes(everyMinutes)).expressionString,
      targets: [
        {
          id: 'relay',
          arn: this.relay.function.functionArn,
          retryPolicy: { maximumEventAgeInSeconds: everyMinutes * 60, maximumRetryAttempts: 1 },
        },
      ],
    });
    this.relay.function.addPermission('FromSchedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: this.rule.attrArn,
      sourceAccount: Stack.of(this).account,
    });
  }
}

/** That commits do not get into their log; the function fails also when it finds one that has waited for long. */
export const logAlarm = ({ relay, rule }: StreamFunctions): AlarmDefinition => ({
  name: 'caudal-log-late',
  description:
    'Commits of streams wait for their notification log, or nobody looks for them: the relay failed, or was not called.',
  metric: sumOf(
    [
      relay.function.metricErrors({ period: alarmPeriod, statistic: 'Sum' }),
      new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName: rule.ref },
        period: alarmPeriod,
        statistic: 'Sum',
      }),
    ],
    'calls of the relay that failed',
  ),
  above: 0,
  periods: 3,
});
