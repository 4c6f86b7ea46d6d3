import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInAthena } from '../../adapters/athena.ts';
import { lakeViews } from '../../core/lake/lake-views.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { caudal } from '../../test/support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../../test/support/cloud-world.ts';
import { coastReadings } from '../../test/support/coast-readings.ts';
import { clientSettings, output } from '../../test/support/job-world.ts';
import { type DuckdbEngine, openDuckdb } from './duckdb-engine.ts';
import { copyLake, type LakeCopy } from './lake-copy.ts';
import { tableOf } from './write-result.ts';

const page = readFileSync(join(root, 'docs', 'sql.md'), 'utf8');
const questions = [
  ...page.matchAll(/^### (\d+\. .*)\n[\s\S]*?```sql\n([\s\S]*?)\n```\n\n```text\n([\s\S]*?)\n```/gm),
].map(([, title = '', statement = '', answer = '']) => ({ title, statement, answer }));
const views = lakeViews([waterTemperature]);
const everyDay = { from: undefined, to: undefined };

let world: CloudWorld;
let copy: LakeCopy;
let engine: DuckdbEngine;
const store = mkdtempSync(join(tmpdir(), 'caudal-lake-'));
const copied = (span: { from: string | undefined; to: string | undefined } = everyDay) =>
  copyLake(
    { s3: world.s3, bucket: world.target.curatedBucket, endpoint: undefined },
    { datasets: [waterTemperature], span, store },
  );

beforeAll(async () => {
  world = await startCloudWorld();
  const readings = coastReadings();
  await world.upload('landing/water-temperature/coast.ndjson', readings.join('\n'));
  await world.settled(readings.length);
  copy = await copied();
  engine = await openDuckdb(copy.directory, { views, named: views });
});
afterAll(async () => {
  engine?.close();
  await world?.close();
  rmSync(store, { recursive: true, force: true });
});

test('the page has twelve questions', () => {
  expect(questions.map(({ title }) => Number.parseInt(title, 10))).toEqual(
    Array.from({ length: 12 }, (_, at) => at + 1),
  );
});

test.each(questions)('$title', async ({ statement, answer }) => {
  expect((await tableOf(await engine.query(statement), 1_000)).text).toBe(answer);
});

describe('in Athena, by the views that the template gives it', () => {
  test.each(questions)('$title', async ({ statement, answer }) => {
    const place = {
      client: new AthenaClient(clientSettings(world.cloud.endpointUrl)),
      database: output(world.cloud, 'CaudalData', 'LakeDatabase'),
      workgroup: output(world.cloud, 'CaudalData', 'LakeWorkgroup'),
    };
    const { result, scannedBytes } = await runInAthena(place, statement, { pollMs: 20 });
    // Athena writes the milliseconds of every time, which makes columns wider.
    const plain = (text: string) => text.replaceAll('.000', '').replace(/[ ─]+/g, ' ');
    expect(plain((await tableOf(result, 1_000)).text)).toBe(plain(answer ?? ''));
    expect(scannedBytes).toBeGreaterThan(0);
  });
});

test('numbers are those of the API, and means, deviations and percentiles are those to the last digits', async () => {
  const statement = `select sensor_id, count(*), count(deviation), min(temperature), max(temperature), min(deviation), max(deviation),
    avg(temperature), stddev_pop(temperature), avg(deviation), stddev_pop(deviation),
    approx_percentile(temperature, 0.05), approx_percentile(temperature, 0.95), approx_percentile(temperature, 0.123) from water_temperature group by 1 order by 1`;
  const { pages } = await engine.query(statement);
  const rows = [];
  for await (const part of pages) rows.push(...part);
  expect(rows).toHaveLength(4);
  for (const [sensor, ...numbers] of rows) {
    const path = `/datasets/water-temperature/statistics?from=2025-03&to=2025-03&quantiles=0.05,0.95,0.123&sensor=${sensor}`;
    const [month] = ((await world.get(path)) as { statistics: Month[] }).statistics;
    if (month === undefined) throw new Error('the API has the month');
    const { temperature, deviation } = month.measures;
    expect(numbers.slice(0, 6)).toEqual([
      ...[month.count, deviation.count, temperature.min, temperature.max, deviation.min, deviation.max],
    ]);
    const rounded = [
      temperature.mean,
      temperature.standardDeviation,
      deviation.mean,
      deviation.standardDeviation,
      ...['0.05', '0.95', '0.123'].map((share) => temperature.quantiles[share]),
    ];
    for (const [at, exact] of rounded.entries())
      expect(Math.abs(Number(numbers[6 + at]) / Number(exact) - 1)).toBeLessThan(1e-12);
  }
});

interface Month {
  readonly count: number;
  readonly measures: Record<
    'temperature' | 'deviation',
    {
      count: number;
      min: number;
      max: number;
      mean: number;
      standardDeviation: number;
      quantiles: Record<string, number>;
    }
  >;
}

test('DuckDB reads the files as they lie, with types, zone and folders, without a hint', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const files = `'${copy.directory}/curated/**/*.parquet'`;
  const types = await connection.runAndReadAll(
    `select column_name, column_type from (describe select * from ${files})`,
  );
  expect(types.getRowsJson().map((row) => row.join(' '))).toEqual([
    ...[
      'sensorId VARCHAR',
      'timestamp TIMESTAMP WITH TIME ZONE',
      'revision INTEGER',
      'uploadedAt TIMESTAMP WITH TIME ZONE',
    ],
    ...[
      'contested BOOLEAN',
      'withdrawn BOOLEAN',
      'temperature DOUBLE',
      'deviation DOUBLE',
      'dataset VARCHAR',
      'date DATE',
    ],
  ]);
  const local = `select count(*) from ${files} where ("timestamp" at time zone 'Europe/Madrid')::date = date and dataset = 'water-temperature'`;
  expect((await connection.runAndReadAll(local)).getRowsJson()).toEqual([[String(coastReadings().length)]]);
  connection.closeSync();
});

describe('a copy of the lake', () => {
  test('fetches each version of a file once, and of a span of days only theirs', async () => {
    expect(copy.fetched.files).toBe(31);
    const again = await copied({ from: '2025-03-30', to: '2025-03-31' });
    expect([again.files.get('water-temperature'), again.fetched.files]).toEqual([2, 0]);
    await again.remove();
    expect(existsSync(again.directory)).toBe(false);
  });
});

describe('the verb', () => {
  const run = (...args: string[]) => caudal(world.cloud.endpointUrl, 'sql', ...args);
  const folder = mkdtempSync(join(tmpdir(), 'caudal-sql-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('prints a table, and says of how many files', async () => {
    const { status, stdout, stderr } = await run(
      'select sensor_id, count(*) as readings from water_temperature group by 1 order by 1 limit 1',
    );
    expect(status).toBe(0);
    expect(stdout).toBe('sensor_id  readings\n─────────  ────────\ncape            743\n');
    expect(stderr).toMatch(/1 row in .* of 31 files/);
  });

  test('writes CSV and Parquet, from a file with the statement, and overwrites nothing', async () => {
    const file = join(folder, 'question.sql');
    writeFileSync(
      file,
      "select sensor_id, local_time, temperature from water_temperature where local_date = date '2025-03-30' order by 1, 2;\n",
    );
    const [csv, parquet] = [join(folder, 'a.csv'), join(folder, 'a.parquet')];
    expect((await run('--file', file, '--out', csv)).status).toBe(0);
    const lines = readFileSync(csv, 'utf8').split('\n');
    expect([lines.length, lines[0], lines[3]]).toEqual([
      1 + 4 * 23 + 1,
      'sensor_id,local_time,temperature',
      'cape,2025-03-30 03:00:00,12.7',
    ]);
    expect((await run('--file', file, '--out', parquet)).status).toBe(0);
    expect(readFileSync(parquet).subarray(0, 4).toString()).toBe('PAR1');
    expect((await run('--file', file, '--out', csv)).stderr).toContain('exists already');
  });

  test('shows what a terminal obeys instead of sending it', async () => {
    const { stdout } = await run("select chr(27) || '[31m' as a", '--format', 'csv');
    expect(stdout).toBe('a\n\\u001b[31m\n');
  });

  test('refuses what is no reading statement before it fetches anything', async () => {
    const { status, stderr } = await run('create table x as select 1');
    expect(status).toBe(1);
    expect(stderr).toContain('only reading ones are run');
  });

  test('shows the views without a statement', async () => {
    const { stdout } = await run();
    expect(stdout).toMatch(/temperature +double +°C, -5 to 45/);
  });
});

describe('export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'caudal-export-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => caudal(world.cloud.endpointUrl, 'export', ...args);
  const ofMonth = ['--month', '2025-03', '--dataset', 'water-temperature'];

  test('writes a month to one file that other readers take, with all readings in order', async () => {
    const file = join(folder, 'march.parquet');
    const { status, stdout } = await run(...ofMonth, '--compatible', '--out', file);
    expect([status, stdout]).toEqual([0, `${file}  2,935 readings\n`]);
    const bytes = readFileSync(file);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    });
    const known = coastReadings().map(
      (line) => JSON.parse(line) as { sensorId: string; timestamp: string; temperature: number },
    );
    // They are made sorted. A timestamp without a zone is read as UTC.
    expect(rows.map((row) => [row.sensor_id, (row.time_utc as Date).toISOString(), row.temperature])).toEqual(
      known.map(({ sensorId, timestamp, temperature }) => [sensorId, timestamp, temperature]),
    );
    expect((await run(...ofMonth, '--out', file)).stderr).toContain('exists already');
  });

  test('writes CSV, and nothing of a month without readings', async () => {
    const file = join(folder, 'march.csv');
    expect((await run(...ofMonth, '--out', file)).status).toBe(0);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1 + 2_935 + 1);
    const none = join(folder, 'none.parquet');
    const empty = await run('--month', '2024-03', '--dataset', 'water-temperature', '--out', none);
    expect([empty.status, existsSync(none)]).toEqual([1, false]);
    expect(empty.stdout).toContain('No readings in 2024-03');
  });
});
