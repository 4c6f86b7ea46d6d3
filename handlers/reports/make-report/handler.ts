import { Logger } from '@aws-lambda-powertools/logger';
import { AthenaClient } from '@aws-sdk/client-athena';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { datasets, reports } from '#datasets';
import { runInAthena } from '../../../adapters/athena.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createLinkSigner } from '../../../adapters/s3/toons.ts';
import { createNotices } from '../../../adapters/sns.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createMakeReport, type Made } from './make-report.ts';

const variables = requireVariables(process.env, [
  'LAKE_DATABASE',
  'LAKE_WORKGROUP',
  'LINK_SECONDS',
  'REPORT_BUCKET',
  'REPORT_TOPIC_ARN',
]);
const logger = new Logger();
const place = {
  client: new AthenaClient({}),
  database: variables.LAKE_DATABASE,
  workgroup: variables.LAKE_WORKGROUP,
};
const makeReport = createMakeReport({
  statements: { run: async (statement) => (await runInAthena(place, statement)).result },
  objects: createObjects(new S3Client({})),
  bucket: variables.REPORT_BUCKET,
  links: createLinkSigner(new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' }), {
    secondsValid: Number(variables.LINK_SECONDS),
    nowMs: systemClock.nowMs,
  }),
  // Both attempts end within the lease under which it is sent.
  topic: createNotices(
    new SNSClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 } }),
    variables.REPORT_TOPIC_ARN,
  ),
  clock: systemClock,
  datasets,
  reports,
});

/** Called by the schedule, once for each dataset. */
export async function handler(event: unknown, context: Context): Promise<Made> {
  logger.addContext(context);
  const made = await makeReport(event);
  logger.info('made', { ...made });
  return made;
}
