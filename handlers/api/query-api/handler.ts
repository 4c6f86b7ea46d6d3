import { Logger } from '@aws-lambda-powertools/logger';
import { datasets, stations } from '#datasets';
import { createAlertQueries } from '../../../adapters/dynamodb/alerts-table.ts';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createSegmentQueries } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createJobLister, createJobViewer } from '../../../adapters/dynamodb/jobs-table/job-view.ts';
import { createLedgers } from '../../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../../adapters/dynamodb/statistics-queries.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import type { PartReader, VersionLister } from '../../../ports/objects.ts';
import type { RejectsReader } from '../../../ports/rejected-lines.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createQueryApi } from './query-api.ts';

const variables = requireVariables(process.env, [
  'STATISTICS_TABLE',
  'ALERTS_TABLE',
  'JOBS_TABLE',
  'CURATED_BUCKET',
  'RAW_BUCKET',
]);
const documents = openDocuments();

/** S3's client takes some 50 ms to load, and most requests need none: the first that asks for readings or raw objects loads it. */
const objects: PartReader = {
  readEnd: async (end) =>
    (await import('../../../adapters/s3/ready-object-parts.ts')).objectParts.readEnd(end),
  readPart: async (part) =>
    (await import('../../../adapters/s3/ready-object-parts.ts')).objectParts.readPart(part),
};

const lister: VersionLister = {
  async *list(from) {
    yield* (await import('../../../adapters/s3/ready-object-parts.ts')).versions.list(from);
  },
};
const rejects: RejectsReader = async function* (key) {
  yield* (await import('../../../adapters/s3/ready-object-parts.ts')).rejectsIn(variables.CURATED_BUCKET)(
    key,
  );
};

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
      objects,
      curatedBucket: variables.CURATED_BUCKET,
      lister,
      rawBucket: variables.RAW_BUCKET,
      ledgers: createLedgers(documents, variables.JOBS_TABLE),
      rejects,
      clock: systemClock,
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
