import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { datasets } from '#datasets';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createJobViewer } from '../../../adapters/dynamodb/jobs-table/job-view.ts';
import { createLedgers } from '../../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createObjectCopier } from '../../../adapters/s3/copies.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createLinkSigner } from '../../../adapters/s3/toons.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createUploadFiles } from './upload-files.ts';

const variables = requireVariables(process.env, ['UPLOADS_BUCKET', 'RAW_BUCKET', 'JOBS_TABLE']);
const documents = openDocuments();
// Else the SDK signs into an upload link the checksum of a body that nobody has yet.
const s3 = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });

/** Time to upload, in s. The links end earlier when the credentials of this function's role do. */
const uploadSeconds = 3600;

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createUploadFiles({
      datasets,
      links: createLinkSigner(s3, { secondsValid: uploadSeconds, nowMs: systemClock.nowMs }),
      objects: { ...createObjects(s3), ...createObjectCopier(s3) },
      ledgers: createLedgers(documents, variables.JOBS_TABLE),
      jobs: createJobViewer(documents, variables.JOBS_TABLE),
      clock: systemClock,
      uploadsBucket: variables.UPLOADS_BUCKET,
      rawBucket: variables.RAW_BUCKET,
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
