import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { createAlertOutbox } from '../../../adapters/dynamodb/alerts-table.ts';
import { createNotices } from '../../../adapters/sns.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createNotifyAlerts, type Notified } from './notify-alerts.ts';

const variables = requireVariables(process.env, ['ALERTS_TABLE', 'ALERT_TOPIC_ARN']);
const logger = new Logger();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const notifyAlerts = createNotifyAlerts({
  outbox: createAlertOutbox(documents, variables.ALERTS_TABLE),
  topic: createNotices(new SNSClient({}), variables.ALERT_TOPIC_ARN),
  clock: systemClock,
});

export async function handler(event: { jobId?: string }, context: Context): Promise<Notified> {
  logger.addContext(context);
  const owner = event.jobId ?? context.awsRequestId;
  const notified = await notifyAlerts({ owner, remainingMs: () => context.getRemainingTimeInMillis() });
  logger.info('notified', { ...notified });
  return notified;
}
