import { type Provisioners, physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { DynamoDb } from './service.ts';

/** Tables with their indexes. */
export function provisionDynamoDb(dynamodb: DynamoDb): Provisioners {
  return {
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
  };
}
