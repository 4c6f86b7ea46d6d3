import { arn } from '../../engine/calls.ts';
import type { DynamoDb } from '../../services/dynamodb/service.ts';
import type { Firehose } from '../../services/firehose/service.ts';
import type { BucketSettings, S3 } from '../../services/s3/service.ts';
import type { Provisioner, Resource } from '../load.ts';
import { physicalName } from '../names.ts';
import { unsupportedProperties } from './unsupported.ts';

/** Buckets, tables and delivery streams. */
export function dataProvisioners(services: {
  s3: S3;
  dynamodb: DynamoDb;
  firehose: Firehose;
}): Record<string, Provisioner> {
  const { s3, dynamodb, firehose } = services;
  return {
    'AWS::S3::Bucket': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, [
        'ReplicationConfiguration',
        'WebsiteConfiguration',
        'InventoryConfigurations',
      ]);
      const name =
        properties.BucketName ?? physicalName(stack, logicalId, { maxLength: 63, lowerCase: true });
      s3.createBucket({
        name,
        versioned: properties.VersioningConfiguration?.Status === 'Enabled',
        eventBridge: eventBridgeOf(resource),
        lifecycle: lifecycleOf(properties.LifecycleConfiguration?.Rules ?? []),
      });
      return {
        ref: name,
        attributes: {
          Arn: arn('s3', name),
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.us-east-1.amazonaws.com`,
        },
      };
    },
    'AWS::DynamoDB::Table': async (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, [
        'StreamSpecification',
        'KinesisStreamSpecification',
        'ImportSourceSpecification',
      ]);
      const name = properties.TableName ?? physicalName(stack, logicalId, { maxLength: 255 });
      const { arn: Arn } = await dynamodb.createTable(properties, name);
      return { ref: name, attributes: { Arn } };
    },
    'AWS::KinesisFirehose::DeliveryStream': (resource) => {
      const { stack, logicalId, properties } = resource;
      const destination = properties.ExtendedS3DestinationConfiguration;
      if (!destination) {
        throw new Error(`${stack}/${logicalId}: only ExtendedS3DestinationConfiguration has local behaviour`);
      }
      const inside = { ...resource, properties: destination };
      unsupportedProperties(inside, ['DynamicPartitioningConfiguration', 'ProcessingConfiguration']);
      unsupportedProperties(inside, ['DataFormatConversionConfiguration']);
      const name = properties.DeliveryStreamName ?? physicalName(stack, logicalId);
      const { arn: Arn } = firehose.createStream({
        name,
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

function eventBridgeOf(resource: Resource): boolean {
  const notifications = resource.properties.NotificationConfiguration ?? {};
  const { EventBridgeConfiguration, ...others } = notifications;
  unsupportedProperties({ ...resource, properties: others }, Object.keys(others));
  // The object's presence alone turns it on, as in CloudFormation.
  return EventBridgeConfiguration !== undefined && EventBridgeConfiguration.EventBridgeEnabled !== false;
}

// biome-ignore lint/suspicious/noExplicitAny: a rule is as CloudFormation has it
function lifecycleOf(rules: any[]): NonNullable<BucketSettings['lifecycle']> {
  return rules
    .filter(({ Status }) => Status === 'Enabled')
    .map(({ Prefix, ExpirationInDays, NoncurrentVersionExpiration, NoncurrentVersionExpirationInDays }) => {
      const noncurrent = NoncurrentVersionExpiration?.NoncurrentDays ?? NoncurrentVersionExpirationInDays;
      return {
        ...(Prefix === undefined ? {} : { prefix: Prefix }),
        ...(ExpirationInDays === undefined ? {} : { expirationDays: ExpirationInDays }),
        ...(noncurrent === undefined ? {} : { noncurrentExpirationDays: noncurrent }),
      };
    });
}
