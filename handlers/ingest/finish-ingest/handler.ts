import { Logger } from '@aws-lambda-powertools/logger';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { createAlertOutbox } from '../../../adapters/dynamodb/alerts-table.ts';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createMergeInbox } from '../../../adapters/dynamodb/jobs-table/inbox.ts';
import { createIngestJobs } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createIngestEvents } from '../../../adapters/eventbridge.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createNotices } from '../../../adapters/sns.ts';
import { createIncomingObjects } from '../../../adapters/sqs.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createFinishIngest, type Finish, type FinishRequest } from './finish-ingest.ts';

const variables = requireVariables(process.env, [
  'ALERTS_TABLE',
  'ALERT_TOPIC_ARN',
  'CURATED_BUCKET',
  'EVENT_BUS_NAME',
  'INGEST_QUEUE_URL',
  'JOBS_TABLE',
]);
const logger = new Logger();
const documents = openDocuments();
const finishIngest = createFinishIngest({
  objects: createObjects(new S3Client({})),
  inbox: createMergeInbox(documents, variables.JOBS_TABLE),
  incoming: createIncomingObjects(new SQSClient({}), variables.INGEST_QUEUE_URL),
  jobs: createIngestJobs(documents, variables.JOBS_TABLE),
  outbox: createAlertOutbox(documents, variables.ALERTS_TABLE),
  topic: createNotices(new SNSClient({}), variables.ALERT_TOPIC_ARN),
  events: createIngestEvents(new EventBridgeClient({}), variables.EVENT_BUS_NAME),
  clock: systemClock,
  curatedBucket: variables.CURATED_BUCKET,
});

export async function handler(event: FinishRequest, context: Context): Promise<Finish> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  const finish = await finishIngest(event, { remainingMs: () => context.getRemainingTimeInMillis() });
  logger.info('finished, or not yet', { ...finish });
  return finish;
}
