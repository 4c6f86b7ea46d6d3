import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createJobViewer } from '../../../adapters/dynamodb/jobs-table/job-view.ts';
import { createToonRecords } from '../../../adapters/dynamodb/jobs-table/toon-jobs.ts';
import { createLinkSigner } from '../../../adapters/s3/toons.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createQueryJobs } from './query-jobs.ts';

const variables = requireVariables(process.env, ['TOONS_BUCKET', 'JOBS_TABLE']);
const documents = openDocuments();

/** Time that a thumbnail's link works, in s, unless the credentials of this function's role end before. */
const linkSeconds = 3600;

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createQueryJobs({
      bucket: variables.TOONS_BUCKET,
      jobs: createJobViewer(documents, variables.JOBS_TABLE),
      records: createToonRecords(documents, variables.JOBS_TABLE),
      links: createLinkSigner(new S3Client({}), { secondsValid: linkSeconds, nowMs: systemClock.nowMs }),
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
