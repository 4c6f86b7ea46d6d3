import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { datasets } from '#datasets';
import {
  createAlertBook,
  createAlertOutbox,
  createAlertsOfRule,
} from '../../../adapters/dynamodb/alerts-table.ts';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createNotices } from '../../../adapters/sns.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createWatchSilence, type Watched } from './watch-silence.ts';

const variables = requireVariables(process.env, ['ALERTS_TABLE', 'ALERT_TOPIC_ARN', 'CURATED_BUCKET']);
const logger = new Logger();
const documents = openDocuments();
const watchSilence = createWatchSilence({
  objects: createObjects(new S3Client({})),
  curatedBucket: variables.CURATED_BUCKET,
  alerts: createAlertBook(documents, variables.ALERTS_TABLE),
  known: createAlertsOfRule(documents, variables.ALERTS_TABLE),
  outbox: createAlertOutbox(documents, variables.ALERTS_TABLE),
  topic: createNotices(new SNSClient({}), variables.ALERT_TOPIC_ARN),
  clock: systemClock,
  datasets,
});

/** Called by a schedule: what is in the event does not matter. */
export async function handler(_: unknown, context: Context): Promise<Watched> {
  logger.addContext(context);
  const watched = await watchSilence({
    owner: `watch-${context.awsRequestId}`,
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
  logger.info('watched', { ...watched });
  return watched;
}
