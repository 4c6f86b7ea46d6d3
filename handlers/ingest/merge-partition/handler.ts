import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { createAlertBook } from '../../../adapters/dynamodb/alerts-table.ts';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createMergeInbox } from '../../../adapters/dynamodb/jobs-table/inbox.ts';
import { createJobMerges } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createPageStore } from '../../../adapters/dynamodb/statistics-table.ts';
import { createMeter } from '../../../adapters/meter.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createIncomingObjects } from '../../../adapters/sqs.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import type { MergeTask } from '../state-inputs.ts';
import { createMergePartition, type MergeResult } from './merge-partition.ts';

const variables = requireVariables(process.env, [
  'STATISTICS_TABLE',
  'ALERTS_TABLE',
  'INGEST_QUEUE_URL',
  'JOBS_TABLE',
]);
const logger = new Logger();
const documents = openDocuments();
const mergePartition = createMergePartition({
  objects: createObjects(new S3Client({})),
  statistics: createPageStore(documents, variables.STATISTICS_TABLE),
  alerts: createAlertBook(documents, variables.ALERTS_TABLE),
  jobs: createJobMerges(documents, variables.JOBS_TABLE),
  inbox: createMergeInbox(documents, variables.JOBS_TABLE),
  incoming: createIncomingObjects(new SQSClient({}), variables.INGEST_QUEUE_URL),
  meter: createMeter(process.env.METRICS_NAMESPACE),
  clock: systemClock,
  datasets,
});

export async function handler(event: MergeTask, context: Context): Promise<MergeResult> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  const result = await mergePartition(event, {
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
  logger.info('merged', { ...event, ...result });
  return result;
}
