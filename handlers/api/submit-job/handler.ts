import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createJobViewer } from '../../../adapters/dynamodb/jobs-table/job-view.ts';
import { createToonJobs } from '../../../adapters/dynamodb/jobs-table/toon-jobs.ts';
import { createUploadAccounts } from '../../../adapters/dynamodb/jobs-table/upload-accounts.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createLinkSigner, createToonReader } from '../../../adapters/s3/toons.ts';
import { createExecutionStarter } from '../../../adapters/step-functions/execution-starter.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createSubmitJobApi } from './endpoints.ts';
import { createSubmitJob } from './submit-job.ts';

const variables = requireVariables(process.env, [
  'TOONS_BUCKET',
  'JOBS_TABLE',
  'JOB_MACHINE_ARN',
  'UPLOAD_BYTES_PER_DAY',
]);
const bucket = variables.TOONS_BUCKET;
const documents = openDocuments();
// Else the SDK signs into an upload link the checksum of a body that nobody has yet.
const s3 = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });

/** Time to upload, in s. The links end earlier when the credentials of this function's role do. */
const uploadSeconds = 3600;

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createSubmitJobApi({
      bucket,
      links: createLinkSigner(s3, { secondsValid: uploadSeconds, nowMs: systemClock.nowMs }),
      accounts: createUploadAccounts(documents, variables.JOBS_TABLE),
      bytesPerDay: Number(variables.UPLOAD_BYTES_PER_DAY),
      clock: systemClock,
      submit: createSubmitJob({
        bucket,
        manifests: createToonReader(s3),
        objects: createObjects(s3),
        jobs: {
          ...createToonJobs(documents, variables.JOBS_TABLE),
          ...createJobViewer(documents, variables.JOBS_TABLE),
        },
        executions: createExecutionStarter(new SFNClient({}), variables.JOB_MACHINE_ARN),
        clock: systemClock,
      }),
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
