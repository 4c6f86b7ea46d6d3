import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { deviceTopicRoot } from '../../core/device-names.ts';
import type { Config } from '../config.ts';
import { Alarms } from '../constructs/shared/alarms.ts';
import { DeviceRule } from '../constructs/sources/device-rule.ts';
import { KafkaSource } from '../constructs/sources/kafka-source.ts';
import { KinesisSource } from '../constructs/sources/kinesis-source.ts';
import { QueueSource } from '../constructs/sources/queue-source.ts';
import { sourceAlarms } from '../constructs/sources/source-alarms.ts';
import type { DataStack } from './data-stack.ts';
import type { IngestStack } from './ingest-stack.ts';

export interface SourcesStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly ingest: IngestStack;
}

/** Whether an installation has any other way in than the delivery stream, the API and files. */
export const hasSources = ({ devices, messageQueue, kafka, kinesis }: Config): boolean =>
  devices || messageQueue || kafka !== undefined || kinesis !== undefined;

/**
 * Further ways in. Devices, a queue and a Kafka topic end in the delivery stream, a stream of Kinesis in one of its own beside it. It can be left
 * out, and taken away.
 */
export class SourcesStack extends Stack {
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: SourcesStackProps) {
    super(scope, id, props);
    const { config, data, ingest } = props;
    const common = { stream: ingest.stream.stream, key: data.encryption.key, config };
    const devices = config.devices ? new DeviceRule(this, 'Devices', common) : undefined;
    const queue = config.messageQueue ? new QueueSource(this, 'MessageQueue', common) : undefined;
    const kafka = config.kafka && new KafkaSource(this, 'Kafka', { ...common, kafka: config.kafka });
    const kinesis =
      config.kinesis &&
      new KinesisSource(this, 'Kinesis', { ...common, bucket: data.buckets.raw, kinesis: config.kinesis });
    this.alarms = new Alarms(this, 'Alarms', {
      topic: ingest.alerts.topic,
      stage: config.stage,
      alarms: sourceAlarms({
        ...{ devices, queue, kinesis, config },
        pipes: [queue, kafka].flatMap((each) => each?.pipe ?? []),
      }),
    });
    if (devices !== undefined) {
      new CfnOutput(this, 'DeviceTopics', { value: `${deviceTopicRoot(config.stage)}/<dataset>/<thing>` });
      new CfnOutput(this, 'DeviceErrorQueue', { value: devices.errors.queueUrl });
      new CfnOutput(this, 'DeviceRule', { value: devices.rule.ref });
    }
    if (queue !== undefined) {
      new CfnOutput(this, 'ReadingQueue', { value: queue.queue.queueUrl });
      new CfnOutput(this, 'ReadingDeadLetterQueue', { value: queue.deadLetterQueue.queueUrl });
      new CfnOutput(this, 'ReadingPipe', { value: queue.pipe.ref });
    }
    if (kafka !== undefined) {
      new CfnOutput(this, 'KafkaPipe', { value: kafka.pipe.ref });
    }
    if (kinesis !== undefined) {
      new CfnOutput(this, 'ReadingStream', { value: kinesis.stream.streamName });
      new CfnOutput(this, 'ReadingStreamDelivery', { value: kinesis.delivery.stream.ref });
    }
  }
}
