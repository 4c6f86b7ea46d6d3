import { type AwsRequest, arn } from '../../engine/calls.ts';
import type { Need, Needs } from '../../iam/need.ts';

/** A table is named by its name or its ARN. */
const tableArn = (name: unknown): string =>
  String(name).startsWith('arn:') ? String(name) : arn('dynamodb', `table/${name}`);

const onTable =
  (action: string) =>
  ({ input }: AwsRequest): Need[] => [{ action: `dynamodb:${action}`, resource: tableArn(input.TableName) }];

/** Reading an index takes the permission on the index, and not that on its table. */
const onTableOrIndex =
  (action: string) =>
  ({ input }: AwsRequest): Need[] => {
    const table = tableArn(input.TableName);
    const resource = input.IndexName === undefined ? table : `${table}/index/${input.IndexName}`;
    return [{ action: `dynamodb:${action}`, resource }];
  };

const onTables =
  (action: string) =>
  ({ input }: AwsRequest): Need[] =>
    Object.keys((input.RequestItems ?? {}) as object).map((name) => ({
      action: `dynamodb:${action}`,
      resource: tableArn(name),
    }));

const single = ['DeleteItem', 'DescribeTable', 'DescribeTimeToLive', 'GetItem', 'PutItem', 'UpdateItem'];

/** What DynamoDB's operations need. */
export const dynamoDbNeeds: Needs = {
  ...Object.fromEntries(single.map((action) => [action, onTable(action)])),
  Query: onTableOrIndex('Query'),
  Scan: onTableOrIndex('Scan'),
  BatchGetItem: onTables('BatchGetItem'),
  BatchWriteItem: onTables('BatchWriteItem'),
};
