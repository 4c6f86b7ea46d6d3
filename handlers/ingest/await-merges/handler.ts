import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { createMergeInbox } from '../../../adapters/dynamodb/jobs-table/inbox.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import type { PendingMerges } from '../state-inputs.ts';
import { createAwaitMerges } from './await-merges.ts';

const variables = requireVariables(process.env, ['CURATED_BUCKET', 'JOBS_TABLE']);
const logger = new Logger();
const awaitMerges = createAwaitMerges({
  objects: createObjects(new S3Client({})),
  inbox: createMergeInbox(DynamoDBDocumentClient.from(new DynamoDBClient({})), variables.JOBS_TABLE),
  clock: systemClock,
  curatedBucket: variables.CURATED_BUCKET,
});

export async function handler(
  event: { jobId: string; startedAt?: string },
  context: Context,
): Promise<PendingMerges> {
  logger.addContext(context);
  const pending = await awaitMerges(event);
  logger.info('looked for what waits', { ...pending });
  return pending;
}
