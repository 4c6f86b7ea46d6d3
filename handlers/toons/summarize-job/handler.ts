import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createToonRecords } from '../../../adapters/dynamodb/jobs-table/toon-jobs.ts';
import { requireVariables } from '../../environment.ts';
import { createSummarizeJob, type JobSummary } from './summarize-job.ts';

const variables = requireVariables(process.env, ['JOBS_TABLE']);
const logger = new Logger();
const summarizeJob = createSummarizeJob({
  records: createToonRecords(openDocuments(), variables.JOBS_TABLE),
});

export async function handler(
  event: { jobId: string; total: number },
  context: Context,
): Promise<JobSummary> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  const summary = await summarizeJob(event);
  logger.info('summarized', { ...summary, failures: summary.failures.length });
  return summary;
}
