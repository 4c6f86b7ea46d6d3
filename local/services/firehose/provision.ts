import { type Provisioners, physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { Firehose } from './service.ts';

/** Delivery streams to S3. */
export function provisionFirehose(firehose: Firehose): Provisioners {
  return {
    'AWS::KinesisFirehose::DeliveryStream': (resource) => {
      const { stack, logicalId, properties } = resource;
      const destination = properties.ExtendedS3DestinationConfiguration;
      if (!destination) {
        throw new Error(
          `${stack}/${logicalId}: the local cloud supports only ExtendedS3DestinationConfiguration`,
        );
      }
      const inside = { ...resource, properties: destination };
      unsupportedProperties(inside, ['DynamicPartitioningConfiguration', 'ProcessingConfiguration']);
      unsupportedProperties(resource, ['MSKSourceConfiguration', 'DatabaseSourceConfiguration']);
      unsupportedProperties(inside, ['DataFormatConversionConfiguration']);
      const source = properties.KinesisStreamSourceConfiguration;
      if (source !== undefined && source.RoleARN !== destination.RoleARN)
        throw new Error(
          `${stack}/${logicalId}: the local cloud supports only one role of a delivery stream, for its source and its destination`,
        );
      const name = properties.DeliveryStreamName ?? physicalName(stack, logicalId);
      const logging = destination.CloudWatchLoggingOptions;
      const { arn: Arn } = firehose.createStream({
        name,
        ...(source !== undefined && { source: source.KinesisStreamARN }),
        roleArn: destination.RoleARN,
        ...(logging?.Enabled && {
          errorLog: { group: logging.LogGroupName, stream: logging.LogStreamName },
        }),
        bucket: String(destination.BucketARN).split(':').at(-1) ?? '',
        prefix: destination.Prefix ?? '',
        errorPrefix: destination.ErrorOutputPrefix ?? '',
        gzip: destination.CompressionFormat === 'GZIP',
        bufferSeconds: destination.BufferingHints?.IntervalInSeconds ?? 300,
        bufferMiB: destination.BufferingHints?.SizeInMBs ?? 5,
      });
      return { ref: name, attributes: { Arn } };
    },
  };
}
