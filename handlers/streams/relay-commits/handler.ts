import { Logger } from '@aws-lambda-powertools/logger';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import type { Context } from 'aws-lambda';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createCommitOutbox, createNotificationLog } from '../../../adapters/dynamodb/streams-table.ts';
import { createReadingStream } from '../../../adapters/firehose.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { streams } from '../../../streams/registry.ts';
import { requireVariables } from '../../environment.ts';
import { createFactSink } from '../deliver-facts.ts';
import type { Relayed } from '../run-relay.ts';
import { createRelayCommits } from './relay-commits.ts';

const { STREAMS_TABLE: table, DELIVERY_STREAM: stream } = requireVariables(process.env, [
  'STREAMS_TABLE',
  'DELIVERY_STREAM',
]);
const logger = new Logger();
const documents = openDocuments();
const relayCommits = createRelayCommits({
  log: createNotificationLog(documents, table),
  outbox: createCommitOutbox(documents, table),
  facts: createFactSink(streams, createReadingStream(new FirehoseClient({ maxAttempts: 1 }), stream)),
  clock: systemClock,
});

/** Called by a schedule: what is in the event does not matter. */
export async function handler(_: unknown, context: Context): Promise<Relayed> {
  logger.addContext(context);
  const relayed = await relayCommits(() => context.getRemainingTimeInMillis());
  logger.info('relayed', { ...relayed });
  return relayed;
}
