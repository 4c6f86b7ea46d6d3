import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { createSegmentRecords } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { idempotent } from '../../../adapters/idempotent.ts';
import { createMeter } from '../../../adapters/meter.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createSegmentOpener } from '../../../adapters/s3/segments.ts';
import { createUploads } from '../../../adapters/s3/upload.ts';
import { systemClock as clock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import type { SegmentTask } from '../state-inputs.ts';
import { createSegmentRun } from './segment-run.ts';
import { createValidateSegment, type SegmentOutcome } from './validate-segment.ts';

const variables = requireVariables(process.env, [
  'CURATED_BUCKET',
  'JOBS_TABLE',
  'IDEMPOTENCY_TABLE',
  'METRICS_NAMESPACE',
]);
const logger = new Logger();
const meter = createMeter(variables.METRICS_NAMESPACE);
const s3 = new S3Client({});
const dynamoDb = new DynamoDBClient({});
const records = createSegmentRecords(DynamoDBDocumentClient.from(dynamoDb), variables.JOBS_TABLE);
const validated = idempotent({
  client: dynamoDb,
  table: variables.IDEMPOTENCY_TABLE,
  keyPath: '[bucket, key, versionId, run]',
  work: createValidateSegment({
    segments: createSegmentOpener(s3),
    objects: { ...createObjects(s3), ...createUploads(s3) },
    clock,
    curatedBucket: variables.CURATED_BUCKET,
    datasets,
  }),
});
const runSegment = createSegmentRun({ validate: validated.run, records, clock });

export async function handler(event: SegmentTask, context: Context): Promise<SegmentOutcome> {
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  validated.registerContext(context);
  const outcome = await runSegment(event);
  // All four each time, zeros too, so that a share can be computed of any period that has lines.
  meter.emit({
    Lines: outcome.lines,
    RejectedLines: outcome.rejected,
    RefusedFiles: outcome.state === 'Refused' ? 1 : 0,
    DroppedValues: outcome.dropped,
  });
  logger.info('validated', { key: event.key, versionId: event.versionId, ...outcome });
  return outcome;
}
