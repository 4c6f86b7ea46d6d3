import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createMergeInbox } from '../../../adapters/dynamodb/jobs-table/inbox.ts';
import { createIngestJobs } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createPlanMerge, type MergePlan, type PlanMergeRequest } from './plan-merge.ts';

const variables = requireVariables(process.env, ['CURATED_BUCKET', 'JOBS_TABLE', 'BUFFER_MIB']);
const logger = new Logger();
const documents = openDocuments();
const planMerge = createPlanMerge({
  objects: createObjects(new S3Client({})),
  jobs: createIngestJobs(documents, variables.JOBS_TABLE),
  inbox: createMergeInbox(documents, variables.JOBS_TABLE),
  clock: systemClock,
  curatedBucket: variables.CURATED_BUCKET,
  bufferBytes: Number(variables.BUFFER_MIB) * 2 ** 20,
  datasets,
});

export async function handler(event: PlanMergeRequest, context: Context): Promise<MergePlan> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  const plan = await planMerge(event);
  logger.info('planned the merge', { ...plan });
  return plan;
}
