import { createEndpoint } from '../../local/engine/endpoint.ts';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import type { TablesAnswer } from './tables.ts';

/** Serves the local cloud's DynamoDB with the table of streams until it is killed: `node tables-process.ts DIRECTORY`. */
const [directory = ''] = process.argv.slice(2);
const table = 'streams';
const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
const Projection = { ProjectionType: 'KEYS_ONLY' };

const dynamodb = createDynamoDb({ directory });
await dynamodb.createTable(
  {
    KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    AttributeDefinitions: ['pk', 'sk', 'command', 'pending', 'pendingSince'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    GlobalSecondaryIndexes: [
      { IndexName: 'pending', KeySchema: [key('pending', 'HASH'), key('pendingSince', 'RANGE')], Projection },
    ],
    LocalSecondaryIndexes: [
      { IndexName: 'by-command', KeySchema: [key('pk', 'HASH'), key('command', 'RANGE')], Projection },
    ],
  },
  table,
);
const { port } = await createEndpoint({ services: [dynamodb] }).listen(0);
const tell = (answer: TablesAnswer) => process.send?.(answer);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tell({ kind: 'cpu', seconds: (user + system) / 1e6 });
});
tell({ kind: 'up', endpoint: `http://127.0.0.1:${port}`, table });
