import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type IStream, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import { DeliveryStream } from '../ingest/delivery-stream.ts';
import { type KinesisStream, kinesisDeliveryName } from './source-options.ts';

/**
 * A stream of Kinesis Data Streams whose records are readings, and a delivery stream that reads it. It is a second one, since the
 * first takes direct puts and one that has a source refuses them. Both write under `raw/`.
 */
export class KinesisSource extends Construct {
  readonly stream: IStream;
  readonly delivery: DeliveryStream;

  constructor(
    scope: Construct,
    id: string,
    props: { kinesis: KinesisStream; bucket: Bucket; key: IKey; config: Config },
  ) {
    super(scope, id);
    const { kinesis, bucket, key, config } = props;
    const arn = (service: string, resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service, resource, resourceName });
    // What lies in it is on its way and has a day to arrive: as long as direct puts have in Firehose.
    this.stream =
      kinesis === 'new'
        ? new Stream(this, 'Stream', {
            streamMode: StreamMode.ON_DEMAND,
            encryption: StreamEncryption.KMS,
            encryptionKey: key,
            removalPolicy: RemovalPolicy.DESTROY,
          })
        : Stream.fromStreamArn(this, 'Stream', arn('kinesis', 'stream', kinesis.stream));
    this.delivery = new DeliveryStream(this, 'Readings', {
      ...{ bucket, key, config },
      source: {
        streamArn: this.stream.streamArn,
        keyArn: keyOf(kinesis, key, arn),
        deliveryName: kinesisDeliveryName(kinesis, config.stage),
      },
    });
    Validations.of(this.delivery).acknowledge({
      id: 'AwsSolutions-KDF1',
      reason:
        'A delivery stream with a source keeps nothing itself, and takes no key: what waits is in the source.',
    });
    if (kinesis === 'new')
      Validations.of(this.stream).acknowledge({
        id: 'AwsSolutions-KDS3',
        reason:
          "It has the installation's key, whose policy says who may read: Kinesis's own lets the whole account.",
      });
  }
}

function keyOf(
  kinesis: KinesisStream,
  own: IKey,
  arn: (service: string, resource: string, resourceName: string) => string,
): string | undefined {
  if (kinesis === 'new') return own.keyArn;
  return kinesis.key === undefined ? undefined : arn('kms', 'key', kinesis.key);
}
