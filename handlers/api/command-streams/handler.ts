import { Logger } from '@aws-lambda-powertools/logger';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import {
  createCommitOutbox,
  createCommitStore,
  createNotificationLog,
  createSnapshotStore,
} from '../../../adapters/dynamodb/streams-table.ts';
import { createReadingStream } from '../../../adapters/firehose.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { streams } from '../../../streams/registry.ts';
import { requireVariables } from '../../environment.ts';
import { createFactSink } from '../../streams/deliver-facts.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createCommandStreams } from './command-streams.ts';

const { STREAMS_TABLE: table, DELIVERY_STREAM: stream } = requireVariables(process.env, [
  'STREAMS_TABLE',
  'DELIVERY_STREAM',
]);
const documents = openDocuments();
const logger = new Logger();

export const handler = createApiFunction(
  logger,
  (onFault) =>
    createCommandStreams({
      streams,
      commits: createCommitStore(documents, table),
      snapshots: createSnapshotStore(documents, table),
      log: createNotificationLog(documents, table),
      outbox: createCommitOutbox(documents, table),
      facts: createFactSink(streams, createReadingStream(new FirehoseClient({ maxAttempts: 1 }), stream)),
      clock: systemClock,
      onFault,
      onUnpublished: (fault, { stream, id }) =>
        logger.warn('a commit is left to the schedule', { error: fault as Error, stream, id }),
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
