import { join } from 'node:path';
import { createEndpoint } from '../../local/engine/endpoint.ts';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import { createFirehose } from '../../local/services/firehose/service.ts';
import { createS3 } from '../../local/services/s3/service.ts';
import { streamsTable } from '../../test/support/streams-table.ts';
import type { TablesAnswer } from './tables.ts';

/** Serves the local cloud's DynamoDB with the table of streams, and its Firehose, until it is killed: `node tables-process.ts DIRECTORY`. */
const [directory = ''] = process.argv.slice(2);
const table = 'streams';

const dynamodb = createDynamoDb({ directory: join(directory, 'dynamodb') });
await dynamodb.createTable(streamsTable, table);
const s3 = createS3({ directory: join(directory, 's3') });
s3.createBucket({ name: 'raw', versioned: true });
const firehose = createFirehose({ directory: join(directory, 'firehose'), s3 });
const stream = 'readings';
firehose.createStream({
  ...{ name: stream, bucket: 'raw', prefix: 'raw/' },
  ...{ bufferSeconds: 60, bufferMiB: 64, gzip: true },
});
firehose.start();

const calls: Record<string, number> = {};
const { port } = await createEndpoint({
  services: [dynamodb, firehose],
  interceptors: [
    async ({ service, action, phase }) => {
      const name = `${service}:${action}`;
      if (phase === 'before') calls[name] = (calls[name] ?? 0) + 1;
    },
  ],
}).listen(0);
const tell = (answer: TablesAnswer) => process.send?.(answer);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tell({ kind: 'used', seconds: (user + system) / 1e6, calls });
});
tell({ kind: 'up', endpoint: `http://127.0.0.1:${port}`, table, stream });
