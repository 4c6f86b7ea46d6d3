/**
 * What is asked of the key of an encrypted resource, on behalf of the caller, by the action. S3, SQS and SNS ask for what
 * their pages on encryption name.
 *
 * DynamoDB decrypts the table's key under the caller's rights when the caller has not used the table for some minutes; its
 * page on customer managed keys names the others as the least that it takes, and the CDK grants them by reading and
 * writing as they are divided here. Firehose uses a grant that it made with the stream, so putting records asks for nothing.
 */
const reading = ['kms:Decrypt', 'kms:DescribeKey'];
const writing = [...reading, 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

const byAction: Readonly<Record<string, readonly string[]>> = {
  's3:GetObject': ['kms:Decrypt'],
  's3:GetObjectVersion': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey'],
  'dynamodb:BatchGetItem': reading,
  'dynamodb:GetItem': reading,
  'dynamodb:Query': reading,
  'dynamodb:Scan': reading,
  'dynamodb:BatchWriteItem': writing,
  'dynamodb:DeleteItem': writing,
  'dynamodb:PutItem': writing,
  'dynamodb:UpdateItem': writing,
  'sns:Publish': ['kms:Decrypt', 'kms:GenerateDataKey'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'sqs:SendMessage': ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** None for an action that touches no content. */
export function keyActionsOf(action: string): readonly string[] {
  return byAction[action] ?? [];
}

/** What CloudWatch Logs asks of a log group's key, as itself, by its page on encryption. */
export const logGroupKeyActions = writing;
