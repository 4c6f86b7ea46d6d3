import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '../../config.ts';
import type { Tables } from '../data/tables.ts';
import { type AlarmDefinition, alarmPeriod } from '../shared/alarms.ts';
import { functionAlarms, sumOf } from '../shared/function-alarms.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';
import { ownMetric } from '../shared/own-metrics.ts';
import type { DeliveryStream } from './delivery-stream.ts';
import type { IngestMachine } from './ingest-machine.ts';
import type { IngestPipe } from './ingest-pipe.ts';
import type { IngestQueue } from './ingest-queue.ts';
import type { SilenceWatch } from './silence-watch.ts';

export interface Watched {
  readonly config: Config;
  readonly queue: IngestQueue;
  readonly busDeadLetters: Queue;
  readonly machine: IngestMachine;
  readonly stream: DeliveryStream;
  readonly pipe: IngestPipe;
  readonly silence: SilenceWatch;
  readonly functions: readonly HandlerFunction[];
  readonly tables: Tables;
}

/** The alarms from the delivery stream to the tables. */
export function ingestAlarms(watched: Watched): AlarmDefinition[] {
  const isFull = watched.config.observability === 'full';
  return [...lossAlarms(watched), ...(isFull ? fullAlarms(watched) : []), ...costAlarms(watched)];
}

/** What loses data or stops it, and what was wrong with it. */
function lossAlarms(watched: Watched): AlarmDefinition[] {
  const { config, busDeadLetters, stream, pipe, silence } = watched;
  const { queue, deadLetterQueue, rule } = watched.queue;
  const { machine } = watched.machine;
  const ofRule = (metricName: string, of = rule): Metric =>
    new Metric({
      namespace: 'AWS/Events',
      metricName,
      dimensionsMap: { RuleName: of.ref },
      period: alarmPeriod,
      statistic: 'Sum',
    });
  return [
    {
      name: 'caudal-dead-letters',
      description: 'Messages about new raw objects were given up; these objects are not ingested.',
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: alarmPeriod,
        statistic: 'Maximum',
      }),
      above: 0,
      pages: true,
    },
    {
      name: 'caudal-bus-dead-letters',
      description:
        'Events about ended ingestions and jobs were given up, or alerts for the webhook; whoever waits for them does not know of them.',
      metric: busDeadLetters.metricApproximateNumberOfMessagesVisible({
        period: alarmPeriod,
        statistic: 'Maximum',
      }),
      above: 0,
    },
    {
      name: 'caudal-rule-failed',
      description: 'Events about new raw objects were given up and not even put into the dead-letter queue.',
      metric: ofRule('FailedInvocations'),
      above: 0,
      pages: true,
    },
    {
      name: 'caudal-rule-dead-letters-failed',
      description:
        'The rule could put events about new raw objects neither into the queue nor into the dead-letter queue.',
      metric: ofRule('InvocationsFailedToBeSentToDlq'),
      above: 0,
      pages: true,
    },
    {
      name: 'caudal-silence-unwatched',
      description: 'Silent series were not looked for: the function failed, or was not called.',
      metric: sumOf(
        [
          silence.function.function.metricErrors({ period: alarmPeriod, statistic: 'Sum' }),
          ofRule('FailedInvocations', silence.rule),
        ],
        'looks that failed',
      ),
      above: 0,
      periods: 3,
    },
    {
      name: 'caudal-ingest-failed',
      description: 'Executions of the ingest state machine failed.',
      metric: machine.metricFailed({ period: alarmPeriod }),
      above: 0,
      pages: true,
    },
    {
      name: 'caudal-ingest-timed-out',
      description: 'Executions of the ingest state machine ran for a day and were ended.',
      metric: machine.metricTimedOut({ period: alarmPeriod }),
      above: 0,
      pages: true,
    },
    {
      name: 'caudal-delivery-late',
      description: 'Readings wait in the delivery stream for longer than it should gather them.',
      metric: stream.metric('DeliveryToS3.DataFreshness', 'Maximum'),
      above: config.bufferSeconds + 600,
      pages: true,
      periods: 2,
    },
    {
      name: 'caudal-pipe-failed',
      description: 'The pipe could not start executions.',
      metric: new Metric({
        namespace: 'AWS/EventBridge/Pipes',
        metricName: 'ExecutionFailed',
        dimensionsMap: { PipeName: pipe.pipe.ref },
        period: alarmPeriod,
        statistic: 'Sum',
      }),
      above: 0,
      pages: true,
    },
    {
      name: 'caudal-queue-late',
      description: 'Messages about new raw objects wait in the queue.',
      metric: queue.metricApproximateAgeOfOldestMessage({ period: alarmPeriod, statistic: 'Maximum' }),
      above: config.batchWindowSeconds + 900,
      pages: true,
    },
    {
      name: 'caudal-rejects-high',
      description: 'More than a fifth of the lines were rejected, or nothing of an uploaded file was taken.',
      // ValidateSegment writes these metrics to its log.
      metric: new MathExpression({
        expression: 'IF(refused > 0, 100, IF(lines > 0, 100 * rejected / lines, 0))',
        usingMetrics: {
          lines: ownMetric('Lines', config),
          rejected: ownMetric('RejectedLines', config),
          refused: ownMetric('RefusedFiles', config),
        },
        label: 'rejected lines, percent; 100 with a refused file',
        period: alarmPeriod,
      }),
      above: 20,
    },
  ];
}

/** What goes wrong by itself and mends itself as a rule, and what only somebody knows who expects data. */
function fullAlarms({ config, stream, functions, tables }: Watched): AlarmDefinition[] {
  const throttled = tables.all.flatMap((table) =>
    ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
      table.metric(name, { period: alarmPeriod, statistic: 'Sum' }),
    ),
  );
  return [
    {
      name: 'caudal-delivery-throttled',
      description:
        'The delivery stream has gone on refusing records for 15 minutes, since more come than its quota.',
      metric: stream.metric('ThrottledRecords', 'Sum'),
      above: 0,
      periods: 3,
    },
    ...functionAlarms({ name: 'ingest', whose: 'of the ingestion', functions }),
    {
      name: 'caudal-tables-throttled',
      description: 'DynamoDB has gone on refusing reads or writes of the tables for 15 minutes.',
      metric: sumOf(throttled, 'throttled requests'),
      above: 0,
      periods: 3,
    },
    ...config.staleAfter.map(
      ({ dataset, minutes }): AlarmDefinition => ({
        name: `caudal-stale-${dataset}`,
        heading: 'caudal-stale',
        description: `The newest reading of ${dataset} is more than ${minutes} minutes old.`,
        metric: ownMetric('ReadingAge', config, { dataset, statistic: 'Minimum' }),
        above: minutes * 60,
        // Only so many periods without a fresh reading are as long as the dataset may be without one.
        periods: Math.ceil(minutes / alarmPeriod.toMinutes()),
        soundsWithoutData: true,
      }),
    ),
  ];
}

/** What costs more than was meant. */
function costAlarms({ config, tables }: Watched): AlarmDefinition[] {
  if (config.writeUnitsPerHour === 0) return [];
  const hour = Duration.hours(1);
  const written = tables.all.map((table) =>
    table.metricConsumedWriteCapacityUnits({ period: hour, statistic: 'Sum' }),
  );
  return [
    {
      name: 'caudal-writes-high',
      description: `More than ${config.writeUnitsPerHour} write units of DynamoDB were used within an hour.`,
      metric: sumOf(written, 'write units an hour', hour),
      above: config.writeUnitsPerHour,
    },
  ];
}
