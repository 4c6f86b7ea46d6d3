import { type Provisioners, physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { Kinesis } from './service.ts';

/** Shards that AWS begins a stream on demand with; here they stay as many. */
const shardsOnDemand = 4;

/** Streams of Kinesis Data Streams. */
export function provisionKinesis(kinesis: Kinesis): Provisioners {
  return {
    'AWS::Kinesis::Stream': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['DesiredShardLevelMetrics', 'MaxRecordSizeInKiB']);
      const name = properties.Name ?? physicalName(stack, logicalId, { maxLength: 128 });
      const onDemand = properties.StreamModeDetails?.StreamMode === 'ON_DEMAND';
      const { arn: Arn } = kinesis.createStream({
        name,
        onDemand,
        shards: onDemand ? shardsOnDemand : Number(properties.ShardCount ?? 1),
        retentionHours: Number(properties.RetentionPeriodHours ?? 24),
      });
      return { ref: name, attributes: { Arn } };
    },
  };
}
