import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { createCommitOutbox, createNotificationLog } from '../../../adapters/dynamodb/streams-table.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import type { Relayed } from '../run-relay.ts';
import { createRelayCommits } from './relay-commits.ts';

const { STREAMS_TABLE: table } = requireVariables(process.env, ['STREAMS_TABLE']);
const logger = new Logger();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const relayCommits = createRelayCommits({
  log: createNotificationLog(documents, table),
  outbox: createCommitOutbox(documents, table),
  clock: systemClock,
});

/** Called by a schedule: what is in the event does not matter. */
export async function handler(_: unknown, context: Context): Promise<Relayed> {
  logger.addContext(context);
  const relayed = await relayCommits(() => context.getRemainingTimeInMillis());
  logger.info('relayed', { ...relayed });
  return relayed;
}
