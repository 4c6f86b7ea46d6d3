import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { createToonRecords } from '../../../adapters/dynamodb/jobs-table/toon-jobs.ts';
import { idempotent } from '../../../adapters/idempotent.ts';
import { createMeter } from '../../../adapters/meter.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createToonReader } from '../../../adapters/s3/toons.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import type { PlannedToon } from '../../../core/toons/toon.ts';
import { requireVariables } from '../../environment.ts';
import { createProcessToon, type ProcessedToon } from './process-toon.ts';

const variables = requireVariables(process.env, ['JOBS_TABLE', 'IDEMPOTENCY_TABLE']);
const logger = new Logger();
const meter = createMeter(process.env.METRICS_NAMESPACE);
const dynamodb = new DynamoDBClient({});
const objects = new S3Client({});
/** A toon's work has not ended in its time: its thread may hold a core and the toon's memory for good. */
let isStuck = false;
// A fast path: the record of a toon is written once even when this forgets.
const once = idempotent({
  client: dynamodb,
  table: variables.IDEMPOTENCY_TABLE,
  keyPath: '[jobId, toonId]',
  work: createProcessToon({
    toons: createToonReader(objects),
    thumbnails: createObjects(objects),
    records: createToonRecords(DynamoDBDocumentClient.from(dynamodb), variables.JOBS_TABLE),
    datasets,
    clock: systemClock,
    onStuck: () => {
      isStuck = true;
    },
  }),
});

export async function handler(event: PlannedToon, context: Context): Promise<ProcessedToon> {
  // Lambda calls a process that ended `Runtime.ExitError`, which the state machine tries again in another one.
  if (isStuck) process.exit(1);
  logger.addContext(context);
  logger.setCorrelationId(event.jobId);
  once.registerContext(context);
  const processed = await once.run(event);
  meter.emit({ Toons: 1, FailedToons: processed.state === 'Failed' ? 1 : 0 });
  logger.info('processed', { jobId: event.jobId, toonType: event.type, ...processed });
  return processed;
}
