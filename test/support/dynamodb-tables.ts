import { type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import { scratch, serve } from './local/harness.ts';

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
  const { directory, remove } = scratch();
  const service = createDynamoDb({ directory });
  const served = await serve([service]);
  const client = new DynamoDBClient(served.reach);
  for (const table of Object.values(tables)) await service.createTable({ ...definitionOf(table) }, table);
  return {
    url: served.reach.endpoint,
    client,
    documents: DynamoDBDocumentClient.from(client),
    tables,
    async close() {
      client.destroy();
      await served.close();
      await service.close();
      await remove();
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
