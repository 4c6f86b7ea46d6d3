import { Logger } from '@aws-lambda-powertools/logger';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import {
  createCommitStore,
  createNotificationLog,
  createSnapshotStore,
} from '../../../adapters/dynamodb/streams-table.ts';

import { streams } from '../../../streams/registry.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createQueryStreams } from './query-streams.ts';

const { STREAMS_TABLE: table } = requireVariables(process.env, ['STREAMS_TABLE']);
const documents = openDocuments();

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createQueryStreams({
      streams,
      commits: createCommitStore(documents, table),
      snapshots: createSnapshotStore(documents, table),
      log: createNotificationLog(documents, table),
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
