import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createToonJobs } from '../../../adapters/dynamodb/jobs-table/toon-jobs.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createPlanJob, type PlanJobInput, type PlannedJob } from './plan-job.ts';

const variables = requireVariables(process.env, ['JOBS_TABLE']);
const logger = new Logger();
const planJob = createPlanJob({
  objects: createObjects(new S3Client({})),
  jobs: createToonJobs(openDocuments(), variables.JOBS_TABLE),
  clock: systemClock,
});

export async function handler(event: PlanJobInput, context: Context): Promise<PlannedJob> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  const planned = await planJob(event);
  logger.info('planned', { jobId: planned.jobId, total: planned.total });
  return planned;
}
