import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { datasets } from '#datasets';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createLedgers } from '../../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../../adapters/dynamodb/statistics-queries.ts';
import { createObjectCopier, createVersionDescriber } from '../../../adapters/s3/copies.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createSegmentOpener, createVersionLister } from '../../../adapters/s3/segments.ts';
import { createPartitionLister } from '../../../adapters/s3/stored-days.ts';
import { createUploads } from '../../../adapters/s3/upload.ts';
import {
  createExecutionReader,
  createExecutionStarting,
} from '../../../adapters/step-functions/executions.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createOperate } from './operate.ts';

const variables = requireVariables(process.env, [
  'STATISTICS_TABLE',
  'JOBS_TABLE',
  'RAW_BUCKET',
  'CURATED_BUCKET',
  'INGEST_MACHINE_ARN',
  'JOB_MACHINE_ARN',
]);
/** Of three measures they take 1,505 MiB while a file of them is withdrawn, of the 1,769 MiB that the function has. */
const mostReadings = 2_000_000;
const stepFunctions = new SFNClient({});
const documents = openDocuments();
const s3 = new S3Client({});

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createOperate({
      executions: { ...createExecutionReader(stepFunctions), ...createExecutionStarting(stepFunctions) },
      machines: { ingest: variables.INGEST_MACHINE_ARN, jobs: variables.JOB_MACHINE_ARN },
      corrections: {
        datasets,
        rawBucket: variables.RAW_BUCKET,
        curatedBucket: variables.CURATED_BUCKET,
        lister: createVersionLister(s3),
        ledgers: createLedgers(documents, variables.JOBS_TABLE),
        segments: createSegmentOpener(s3),
        objects: { ...createObjectCopier(s3), ...createVersionDescriber(s3) },
        curated: createObjects(s3),
        partitions: createPartitionLister(s3, variables.CURATED_BUCKET),
        statistics: createStatisticsQueries(documents, variables.STATISTICS_TABLE),
        uploads: createUploads(s3),
        clock: systemClock,
        mostReadings,
      },
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
