import { type AwsRequest, arn } from '../../engine/calls.ts';
import type { Need, ServicePermissions } from '../../iam/service-permissions.ts';
import { writesOf } from './statements.ts';

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

const reading = ['kms:Decrypt', 'kms:DescribeKey'];
const writing = [...reading, 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

export const dynamoDbPermissions: ServicePermissions = {
  prefix: 'dynamodb',
  needs: {
    ...Object.fromEntries(single.map((action) => [action, onTable(action)])),
    Query: onTableOrIndex('Query'),
    Scan: onTableOrIndex('Scan'),
    BatchExecuteStatement: ({ input }) =>
      writesOf(input).map(({ kind, table }) => ({
        action: kind === 'insert' ? 'dynamodb:PartiQLInsert' : 'dynamodb:PartiQLUpdate',
        resource: tableArn(table),
      })),
    BatchGetItem: onTables('BatchGetItem'),
    BatchWriteItem: onTables('BatchWriteItem'),
  },
  /**
   * DynamoDB decrypts the table's key under the caller's rights when the caller has not used the table for some minutes; its
   * page on customer managed keys names the others as the least that it takes, and the CDK grants them by reading and
   * writing as they are divided here.
   */
  keyActions: {
    'dynamodb:BatchGetItem': reading,
    'dynamodb:GetItem': reading,
    'dynamodb:Query': reading,
    'dynamodb:Scan': reading,
    'dynamodb:BatchWriteItem': writing,
    'dynamodb:DeleteItem': writing,
    'dynamodb:PartiQLInsert': writing,
    'dynamodb:PartiQLUpdate': writing,
    'dynamodb:PutItem': writing,
    'dynamodb:UpdateItem': writing,
  },
  keys: { 'AWS::DynamoDB::Table': ({ SSESpecification }) => SSESpecification?.KMSMasterKeyId },
  // The table of an index.
  ownerOf: (resourceArn) => resourceArn.split('/').slice(0, 2).join('/'),
};
