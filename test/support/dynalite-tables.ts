import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** dynalite has no types of its own. */
const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export interface DynamoDb {
  url: string;
  client: DynamoDBClient;
  documents: DynamoDBDocumentClient;
  tables: { statistics: string; jobs: string; alerts: string; idempotency: string };
  close(): Promise<void>;
}

const tables = { statistics: 'statistics', jobs: 'jobs', alerts: 'alerts', idempotency: 'idempotency' };
const indexes: Record<string, [name: string, hash: string, range: string][]> = {
  jobs: [['by-kind', 'kind', 'createdAt']],
  alerts: [
    ['pending', 'pending', 'pk'],
    ['by-day', 'datasetMonth', 'sk'],
  ],
};

/** DynamoDB in this process, with the tables and indexes that the ingestion works on. */
export async function startDynamoDb(): Promise<DynamoDb> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const table of Object.values(tables)) await client.send(new CreateTableCommand(definitionOf(table)));
  return {
    url,
    client,
    documents: DynamoDBDocumentClient.from(client),
    tables,
    close: () => {
      client.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function definitionOf(table: string): CreateTableCommandInput {
  const own: [string, string?] = table === 'idempotency' ? ['id'] : ['pk', 'sk'];
  const secondary = indexes[table] ?? [];
  const names = new Set([...own, ...secondary.flatMap(([, hash, range]) => [hash, range])]);
  const definition: CreateTableCommandInput = {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(...own),
    AttributeDefinitions: [...names].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
  };
  if (secondary.length === 0) return definition;
  return {
    ...definition,
    GlobalSecondaryIndexes: secondary.map(([name, hash, range]) => ({
      IndexName: name,
      KeySchema: keySchema(hash, range),
      Projection: { ProjectionType: 'ALL' },
    })),
  };
}

function keySchema(hash: string, range?: string) {
  const schema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[] = [
    { AttributeName: hash, KeyType: 'HASH' },
  ];
  if (range !== undefined) schema.push({ AttributeName: range, KeyType: 'RANGE' });
  return schema;
}
