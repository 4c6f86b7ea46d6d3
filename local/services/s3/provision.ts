import { arn, region } from '../../engine/calls.ts';
import {
  type Provisioners,
  type ProvisionOptions,
  physicalName,
  type Resource,
  unsupportedProperties,
} from '../../template/resource.ts';
import type { BucketSettings } from './bucket.ts';
import { corsRulesOf } from './cors.ts';
import type { S3 } from './service.ts';

/** Buckets. */
export function provisionS3(s3: S3, { localAddress }: ProvisionOptions): Provisioners {
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
        cors: corsRulesOf(properties.CorsConfiguration),
      });
      localAddress(`https://${name}.s3.${region}.amazonaws.com`, 'endpoint', `/${name}`);
      return {
        ref: name,
        attributes: {
          Arn: arn('s3', name),
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        },
      };
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
