import { readFileSync } from 'node:fs';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, scratch, serve, until } from '../../../test/support/local/harness.ts';
import type { Acting } from '../../iam/permissions.ts';
import { createS3 } from '../s3/service.ts';
import { tableOf } from './catalog.ts';
import { rightsOf } from './permissions.ts';
import { type Athena, createAthena } from './service.ts';

let place: ReturnType<typeof scratch>;
let athena: Athena;
let served: Served;
let client: AthenaClient;
const view = (sql: string) =>
  `/* Presto View: ${Buffer.from(JSON.stringify({ originalSql: sql })).toString('base64')} */`;

/** A caller with the key of a role, of which the accesses are written down; the first that contains `refused` is refused. */
let role: { roleArn: string; logicalId: string } | undefined;
let refused: string | undefined;
const asked: string[] = [];
const acting: Acting = {
  require(_, __, { action, resource }) {
    const access = `${action} ${resource.replace(/^arn:aws:/, '')}`;
    asked.push(access);
    if (refused !== undefined && access.includes(refused)) throw new Error(`may not ${access}`);
  },
  allows: () => true,
};

beforeAll(async () => {
  place = scratch();
  const s3 = createS3({ directory: `${place.directory}/s3`, onObjectCreated: async () => {} });
  athena = createAthena({
    directory: place.directory,
    s3,
    rightsOf: () => rightsOf(acting, role),
  });
  s3.createBucket({ name: 'lake', versioned: false, eventBridge: false });
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const [day, more] of [
    ['2026-05-01', ''],
    ['2026-05-02', ', true as late'],
  ]) {
    const file = `${place.directory}/${day}.parquet`;
    await duckdb.run(
      `copy (select 'a' as "sensorId", timestamptz '${day} 22:30:00+00' as "timestamp", 1.5::double as "airTemperature"${more}) to '${file}' (format parquet)`,
    );
    await s3.putObject({
      bucket: 'lake',
      key: `curated/air/date=${day}/data.parquet`,
      body: readFileSync(file),
    });
  }
  athena.createDatabase('caudal');
  athena.createWorkGroup('people', 's3://answers/sql/');
  const columns = {
    sensorid: 'string',
    timestamp: 'timestamp',
    airtemperature: 'double',
    late: 'boolean',
    sent: 'bigint',
  };
  const files = {
    ...{ Name: 'air_files', TableType: 'EXTERNAL_TABLE', PartitionKeys: [{ Name: 'date', Type: 'string' }] },
    StorageDescriptor: {
      ...{
        Location: 's3://lake/curated/air/',
        InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      },
      Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })),
    },
  };
  athena.createTable('caudal', tableOf(files));
  const ViewOriginalText = view(
    `SELECT "sensorid" AS "sensor_id", CAST(with_timezone(CAST("timestamp" AS timestamp(3)), 'UTC') AT TIME ZONE 'Europe/Madrid' AS timestamp(3)) AS "local_time", CAST("date" AS date) AS "local_date", "airtemperature", coalesce("late", false) AS "late", "sent" FROM "caudal"."air_files"`,
  );
  athena.createTable('caudal', tableOf({ Name: 'air', TableType: 'VIRTUAL_VIEW', ViewOriginalText }));
  served = await serve([athena]);
  client = new AthenaClient({ ...served.reach, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await served.close();
  await athena.close();
  await place.remove();
});

const start = async (QueryString: string, more: object = {}): Promise<string> => {
  const context = { QueryExecutionContext: { Database: 'caudal' }, WorkGroup: 'people' };
  const { QueryExecutionId = '' } = await client.send(
    new StartQueryExecutionCommand({ QueryString, ...context, ...more }),
  );
  return QueryExecutionId;
};
const looked = async (QueryExecutionId: string) =>
  (await client.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution;
async function ended(id: string) {
  await until(`${id} has ended`, async () => (await looked(id))?.Status?.State !== 'RUNNING');
  return looked(id);
}

test('a view over files answers as Athena writes it, names first, whatever column a file lacks', async () => {
  const id = await start('select * from air order by local_time');
  expect(await ended(id)).toMatchObject({ Status: { State: 'SUCCEEDED' }, WorkGroup: 'people' });
  expect((await looked(id))?.Statistics?.DataScannedInBytes).toBeGreaterThan(500);
  const { ResultSet: found } = await client.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
  expect(found?.ResultSetMetadata?.ColumnInfo?.map(({ Type }) => Type)).toEqual([
    ...['varchar', 'timestamp', 'date', 'double', 'boolean', 'bigint'],
  ]);
  expect(found?.Rows?.map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue))).toEqual([
    ['sensor_id', 'local_time', 'local_date', 'airtemperature', 'late', 'sent'],
    ['a', '2026-05-02 00:30:00.000', '2026-05-01', '1.5', 'false', undefined],
    ['a', '2026-05-03 00:30:00.000', '2026-05-02', '1.5', 'true', undefined],
  ]);
});

test('a double is written as Java writes it', async () => {
  const values = [
    '0',
    '-0.0',
    '2',
    '-1.25',
    '9999999',
    '1e7',
    '0.001',
    '0.00099',
    '1.5e300',
    "'nan'",
    "'-infinity'",
  ];
  const id = await start(`select ${values.map((value, at) => `${value}::double as c${at}`).join(', ')}`);
  await ended(id);
  const { ResultSet: found } = await client.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
  expect(found?.Rows?.[1]?.Data?.map(({ VarCharValue }) => VarCharValue)).toEqual([
    ...['0.0', '-0.0', '2.0', '-1.25', '9999999.0', '1.0E7', '0.001', '9.9E-4', '1.5E300'],
    ...['NaN', '-Infinity'],
  ]);
});

test('an answer comes in pages, of which the first begins with the names', async () => {
  const id = await start('select range as n from range(2500)');
  await ended(id);
  const sizes: number[] = [];
  for await (const { ResultSet } of paginateGetQueryResults(
    { client, pageSize: 1_000 },
    { QueryExecutionId: id },
  ))
    sizes.push(ResultSet?.Rows?.length ?? 0);
  expect(sizes).toEqual([1_000, 1_000, 501]);
});

test('the same token is the same statement, another one another', async () => {
  const token = { ClientRequestToken: 't'.repeat(32) };
  const first = await start('select 1', token);
  expect(await start('select 1', token)).toBe(first);
  expect(await start('select 1')).not.toBe(first);
});

describe('a statement', () => {
  test.each([
    ['select nothing from air', /nothing/],
    ['select * from elsewhere', /elsewhere/],
    ["select * from read_csv('/etc/passwd')", /disabled|Permission/],
    ["copy (select 1) to '/tmp/x.csv'", /COPY|disabled/],
    ['select 1; select 2', /one statement/],
  ])('%s fails with its reason', async (statement, why) => {
    const found = await ended(await start(statement));
    expect(found?.Status).toMatchObject({ State: 'FAILED', StateChangeReason: expect.stringMatching(why) });
  });

  test('that runs has no results yet, and none once it was stopped', async () => {
    const id = await start('select count(*) from range(3000000000) as a where range % 7 = 3');
    await expect(client.send(new GetQueryResultsCommand({ QueryExecutionId: id }))).rejects.toThrow(
      'not yet finished',
    );
    await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    expect((await looked(id))?.Status?.State).toBe('CANCELLED');
  });

  test('of a workgroup that is not there, or none at all, is refused', async () => {
    await expect(start('select 1', { WorkGroup: 'other' })).rejects.toThrow('WorkGroup other is not found.');
    await expect(start('')).rejects.toThrow('QueryString is missing');
    await expect(looked('none')).rejects.toThrow('QueryExecution none was not found');
  });
});

describe('a role', () => {
  beforeAll(() => {
    role = { roleArn: 'arn:aws:iam::000000000000:role/r', logicalId: 'Reports' };
  });
  afterAll(() => {
    role = refused = undefined;
  });

  test('needs rights on the workgroup, the tables under a view, their files and where the answer lies', async () => {
    asked.length = 0;
    const id = await start('select count(*) as n from air');
    expect((await ended(id))?.Status?.State).toBe('SUCCEEDED');
    await client.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    const here = 'us-east-1:000000000000';
    const workgroup = `athena:${here}:workgroup/people`;
    const catalog = [`glue:${here}:catalog`, `glue:${here}:database/caudal`];
    expect([...new Set(asked)].sort()).toEqual(
      [
        ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults'].map(
          (each) => `athena:${each} ${workgroup}`,
        ),
        ...catalog.flatMap((on) => [`glue:GetDatabase ${on}`, `glue:GetTable ${on}`]),
        ...['air', 'air_files'].map((table) => `glue:GetTable glue:${here}:table/caudal/${table}`),
        's3:ListBucket s3:::lake',
        ...['2026-05-01', '2026-05-02'].map(
          (day) => `s3:GetObject s3:::lake/curated/air/date=${day}/data.parquet`,
        ),
        's3:GetBucketLocation s3:::answers',
        `s3:PutObject s3:::answers/sql/${id}.csv`,
        `s3:GetObject s3:::answers/sql/${id}.csv`,
      ].sort(),
    );
  });

  test.each(['glue:GetTable', 's3:ListBucket', 's3:GetObject', 's3:PutObject'])(
    'without %s has a statement that failed, and says why',
    async (action) => {
      refused = action;
      const { Status } = (await ended(await start('select count(*) as n from air'))) ?? {};
      expect(Status).toMatchObject({
        State: 'FAILED',
        StateChangeReason: expect.stringContaining(`may not ${action}`),
      });
    },
  );

  test('without athena:StartQueryExecution is refused at once', async () => {
    refused = 'athena:Start';
    await expect(start('select 1')).rejects.toThrow();
  });
});
