import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createMergeInbox } from '../../../adapters/dynamodb/jobs-table/inbox.ts';
import { createIngestJobs } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createLedgers } from '../../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createVersionLister } from '../../../adapters/s3/segments.ts';
import { createUploads } from '../../../adapters/s3/upload.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import type { PlanRequest } from './input.ts';
import { createPlanIngest, type Plan } from './plan-ingest.ts';

const variables = requireVariables(process.env, ['RAW_BUCKET', 'CURATED_BUCKET', 'JOBS_TABLE']);
const logger = new Logger();
const s3 = new S3Client({});
const documents = openDocuments();
const planIngest = createPlanIngest({
  versions: createVersionLister(s3),
  uploads: createUploads(s3),
  jobs: createIngestJobs(documents, variables.JOBS_TABLE),
  inbox: createMergeInbox(documents, variables.JOBS_TABLE),
  ledgers: createLedgers(documents, variables.JOBS_TABLE),
  clock: systemClock,
  rawBucket: variables.RAW_BUCKET,
  curatedBucket: variables.CURATED_BUCKET,
  datasets,
});

export async function handler(event: PlanRequest, context: Context): Promise<Plan> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  const plan = await planIngest(event);
  logger.info('planned', { ...plan });
  return plan;
}
