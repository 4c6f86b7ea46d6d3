import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { AthenaClient } from '@aws-sdk/client-athena';
import { afterEach, expect, test } from 'vitest';
import { StatementRefused } from '../core/lake/query-result.ts';
import { runInAthena } from './athena.ts';

/** Athena's protocol over HTTP: each statement ends as the next of `ends` says, after one look at which it still runs. */
async function startEndpoint(ends: readonly { state: string; reason?: string }[]) {
  const started: Record<string, unknown>[] = [];
  const looks = new Map<string, number>();
  const column = (Name: string, Type: string) => ({ Name, Type });
  const row = (...cells: (string | undefined)[]) => ({
    Data: cells.map((VarCharValue) => (VarCharValue === undefined ? {} : { VarCharValue })),
  });
  const metadata = {
    ColumnInfo: [column('sensor_id', 'varchar'), column('readings', 'bigint'), column('mean', 'double')],
  };
  const answer = (action: string, body: Record<string, string>): object => {
    const { QueryExecutionId: id = '' } = body;
    if (action === 'StartQueryExecution') return { QueryExecutionId: String(started.push(body)) };
    if (action === 'GetQueryExecution') {
      looks.set(id, (looks.get(id) ?? 0) + 1);
      const end = ends[Number(id) - 1];
      const status =
        looks.get(id) === 1 ? { State: 'RUNNING' } : { State: end?.state, StateChangeReason: end?.reason };
      return {
        QueryExecution: {
          QueryExecutionId: id,
          Status: status,
          Statistics: { DataScannedInBytes: 12_000_000 },
        },
      };
    }
    if (body.NextToken === undefined)
      return {
        NextToken: 'two',
        ResultSet: {
          ResultSetMetadata: metadata,
          Rows: [row('sensor_id', 'readings', 'mean'), row('cape', '743', '13.25')],
        },
      };
    return { ResultSet: { ResultSetMetadata: metadata, Rows: [row('', '9007199254740993', undefined)] } };
  };
  const server = createServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body = answer(action, (await json(request)) as Record<string, string>);
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = async () => void server.close();
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new AthenaClient({ endpoint, region: 'us-east-1', credentials });
  return { started, place: { client, database: 'caudal', workgroup: 'caudal-sql' } };
}

let close: () => Promise<void> = async () => {};
afterEach(() => close());

test('a statement runs in the workgroup and database, and its pages are one result with values of their types', async () => {
  const { place, started } = await startEndpoint([{ state: 'SUCCEEDED' }]);
  const told: number[] = [];
  const { result, scannedBytes } = await runInAthena(place, 'select 1', {
    pollMs: 1,
    told: (bytes) => told.push(bytes),
  });
  const rows = [];
  for await (const page of result.pages) rows.push(...page);
  expect(result.columns.map(({ name }) => name)).toEqual(['sensor_id', 'readings', 'mean']);
  expect(rows).toEqual([
    ['cape', 743, 13.25],
    ['', '9007199254740993', null],
  ]);
  expect([scannedBytes, told]).toEqual([12_000_000, [12_000_000, 12_000_000]]);
  expect(started).toMatchObject([
    { QueryString: 'select 1', WorkGroup: 'caudal-sql', QueryExecutionContext: { Database: 'caudal' } },
  ]);
});

test('where a file was replaced under it, it runs once more, and not a third time', async () => {
  const replaced = { state: 'FAILED', reason: 'HIVE_FILESYSTEM_ERROR: Incorrect fileSize 42 for file' };
  const once = await startEndpoint([replaced, { state: 'SUCCEEDED' }]);
  await runInAthena(once.place, 'select 1', { pollMs: 1 });
  expect(once.started).toHaveLength(2);
  await close();
  const always = await startEndpoint([replaced, replaced]);
  await expect(runInAthena(always.place, 'select 1', { pollMs: 1 })).rejects.toThrow('Incorrect fileSize');
  expect(always.started).toHaveLength(2);
});

test('what Athena says of a statement that it refuses or cancels is what the user reads', async () => {
  const { place, started } = await startEndpoint([
    { state: 'CANCELLED', reason: 'Bytes scanned limit was exceeded' },
  ]);
  const run = runInAthena(place, 'select 1', { pollMs: 1 });
  await expect(run).rejects.toThrow(StatementRefused);
  await expect(run).rejects.toThrow('Bytes scanned limit was exceeded');
  expect(started).toHaveLength(1);
});

test.each([
  'drop table x',
  '-- select\ninsert into x select 1',
  'explain analyze insert into x select 1',
  'create table x as select 1',
])('what writes is not sent: %s', async (statement) => {
  const { place, started } = await startEndpoint([]);
  await expect(runInAthena(place, statement, { pollMs: 1 })).rejects.toThrow('Only reading statements');
  expect(started).toEqual([]);
});

test('remarks and parentheses may stand before a statement', async () => {
  const { place } = await startEndpoint([{ state: 'SUCCEEDED' }]);
  await runInAthena(place, '-- how many\n/* all */ (select 1)', { pollMs: 1 });
});
