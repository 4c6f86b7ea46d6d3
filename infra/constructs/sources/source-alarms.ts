import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '../../config.ts';
import { type AlarmDefinition, alarmPeriod } from '../shared/alarms.ts';
import { sumOf } from '../shared/function-alarms.ts';
import type { DeviceRule } from './device-rule.ts';
import type { KinesisSource } from './kinesis-source.ts';
import type { QueueSource } from './queue-source.ts';

export interface WatchedSources {
  readonly devices: DeviceRule | undefined;
  readonly queue: QueueSource | undefined;
  readonly pipes: readonly CfnPipe[];
  readonly kinesis: KinesisSource | undefined;
  readonly config: Config;
}

/** How far reading may be behind, and what is read behind the time for which it is gathered. Records live for a day. */
const lateSeconds = 600;

/** What loses readings on their way to the delivery stream, or keeps them from it. */
export function sourceAlarms({ devices, queue, pipes, kinesis, config }: WatchedSources): AlarmDefinition[] {
  const waiting = (of: Queue): Metric =>
    of.metricApproximateNumberOfMessagesVisible({ period: alarmPeriod, statistic: 'Maximum' });
  const failed = pipes.map(
    (pipe) =>
      new Metric({
        namespace: 'AWS/EventBridge/Pipes',
        metricName: 'ExecutionFailed',
        dimensionsMap: { PipeName: pipe.ref },
        period: alarmPeriod,
        statistic: 'Sum',
      }),
  );
  return [
    ...(devices === undefined
      ? []
      : [
          {
            name: 'caudal-device-errors',
            description: 'Messages of devices could not be put into the delivery stream.',
            metric: waiting(devices.errors),
            above: 0,
            pages: true,
          },
        ]),
    ...(queue === undefined
      ? []
      : [
          {
            name: 'caudal-source-dead-letters',
            description: 'Messages of the queue of readings were given up.',
            metric: waiting(queue.deadLetterQueue),
            above: 0,
            pages: true,
          },
        ]),
    ...(pipes.length === 0
      ? []
      : [
          {
            name: 'caudal-source-pipe-failed',
            description: 'A pipe could not put what it read into the delivery stream.',
            metric: sumOf(failed, 'batches that failed'),
            above: 0,
            pages: true,
          },
        ]),
    ...(kinesis === undefined ? [] : kinesisAlarms(kinesis, config)),
  ];
}

function kinesisAlarms({ stream, delivery }: KinesisSource, { bufferSeconds }: Config): AlarmDefinition[] {
  return [
    {
      name: 'caudal-kinesis-behind',
      description:
        'Records wait in the stream of Kinesis and are read late, or not at all; it forgets them when its time is over.',
      // Where Firehose may not read it tells nothing, and so not how far it is behind: then it counts that records come and none is read.
      metric: new MathExpression({
        expression: `IF(FILL(put, 0) > 0 AND FILL(read, 0) < 1, ${2 * lateSeconds * 1_000}, FILL(behind, 0))`,
        usingMetrics: {
          put: stream.metricIncomingRecords({ period: alarmPeriod, statistic: 'Sum' }),
          read: delivery.metric('DataReadFromKinesisStream.Records', 'Sum'),
          behind: delivery.metric('KinesisMillisBehindLatest', 'Maximum'),
        },
        label: `ms behind; ${2 * lateSeconds * 1_000} where nothing is read`,
        period: alarmPeriod,
      }),
      above: lateSeconds * 1_000,
      pages: true,
      periods: 2,
    },
    {
      name: 'caudal-kinesis-delivery-late',
      heading: 'caudal-delivery-late',
      description:
        'Records that were read of the stream of Kinesis wait for longer than they should be gathered.',
      metric: delivery.metric('DeliveryToS3.DataFreshness', 'Maximum'),
      above: bufferSeconds + lateSeconds,
      pages: true,
      periods: 2,
    },
    {
      name: 'caudal-kinesis-throttled',
      description: 'Kinesis has gone on refusing records, or reads of them, for 15 minutes.',
      metric: sumOf(
        [
          stream.metricWriteProvisionedThroughputExceeded({ period: alarmPeriod, statistic: 'Sum' }),
          delivery.metric('ThrottledGetRecords', 'Sum'),
        ],
        'refused calls',
      ),
      above: 0,
      periods: 3,
    },
  ];
}
