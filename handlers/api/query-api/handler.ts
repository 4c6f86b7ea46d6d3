import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { datasets, stations } from '#datasets';
import { createAlertQueries } from '../../../adapters/dynamodb/alerts-table.ts';
import { createSegmentQueries } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createJobLister, createJobViewer } from '../../../adapters/dynamodb/jobs-table/job-view.ts';
import { createStatisticsQueries } from '../../../adapters/dynamodb/statistics-queries.ts';
import { createObjectParts } from '../../../adapters/s3/object-parts.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createQueryApi } from './query-api.ts';

const variables = requireVariables(process.env, [
  'STATISTICS_TABLE',
  'ALERTS_TABLE',
  'JOBS_TABLE',
  'CURATED_BUCKET',
]);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createQueryApi({
      datasets,
      stations,
      statistics: createStatisticsQueries(documents, variables.STATISTICS_TABLE),
      alerts: createAlertQueries(documents, variables.ALERTS_TABLE),
      jobs: {
        ...createJobViewer(documents, variables.JOBS_TABLE),
        ...createJobLister(documents, variables.JOBS_TABLE),
      },
      segments: createSegmentQueries(documents, variables.JOBS_TABLE),
      objects: createObjectParts(new S3Client({})),
      curatedBucket: variables.CURATED_BUCKET,
      clock: systemClock,
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
