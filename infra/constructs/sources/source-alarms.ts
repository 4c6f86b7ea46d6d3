import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { type AlarmDefinition, alarmPeriod } from '../shared/alarms.ts';
import { sumOf } from '../shared/function-alarms.ts';
import type { DeviceRule } from './device-rule.ts';
import type { QueueSource } from './queue-source.ts';

export interface WatchedSources {
  readonly devices: DeviceRule | undefined;
  readonly queue: QueueSource | undefined;
  readonly pipes: readonly CfnPipe[];
}

/** What loses readings on their way to the delivery stream, or keeps them from it. */
export function sourceAlarms({ devices, queue, pipes }: WatchedSources): AlarmDefinition[] {
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
  ];
}
