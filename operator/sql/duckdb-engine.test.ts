import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { lakeViews } from '../../core/lake/lake-views.ts';
import { StatementRefused } from '../../core/lake/query-result.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { union } from '../../core/set/union.ts';
import { setOf } from '../../test/support/parse-bytes.ts';
import { type DuckdbEngine, namedViews, openDuckdb } from './duckdb-engine.ts';

const level = { unit: 'm', min: -10, max: 10 };
const river = defineDataset({
  ...{ name: 'river', timeZone: 'Europe/Madrid', shards: 3 },
  measures: { level },
});
/** The same after a measure and an attribute were added. */
const wider = defineDataset({
  ...{ name: 'river', timeZone: 'Europe/Madrid', shards: 3 },
  measures: {
    level,
    waterFlow: { unit: 'm³/s', min: 0, max: 1e6, optional: true },
    turbidity: { ...level, optional: true },
  },
  attributes: { note: { maxLength: 32, optional: true } },
});
const lake = defineDataset({ ...{ name: 'lake', timeZone: 'UTC', shards: 1 }, measures: { level } });
const views = lakeViews([wider, lake]);

const directory = mkdtempSync(join(tmpdir(), 'caudal-duckdb-'));
const secret = join(directory, '..', `${process.pid}-secret.csv`);
let engine: DuckdbEngine;

function store(dataset: Dataset, readings: readonly Reading[], withdrawn: readonly Reading[] = []): void {
  const { columns } = union(dataset, setOf(dataset, readings), setOf(dataset, withdrawn, 1));
  for (const { id, columns: part } of splitByPartition(dataset, columns)) {
    const file = join(directory, partitionKey(dataset, id));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, encodePartition(dataset, id, part));
    chmodSync(file, 0o400);
  }
}

beforeAll(async () => {
  writeFileSync(secret, 'a\n1\n');
  const reading = (
    sensorId: string,
    time: string,
    values: (number | null)[],
    attributes: (string | null)[] = [],
  ): Reading => {
    return { sensorId, timestampMs: Date.parse(time), revision: 0, values, attributes };
  };
  // An hour before midnight in UTC, and after it in Madrid.
  store(river, [reading('a', '2025-01-01T23:30:00Z', [1]), reading('b', '2025-01-02T10:00:00Z', [2])]);
  const gone: Reading = {
    ...reading('c', '2025-07-01T10:00:00Z', [null, null, null], [null]),
    withdrawn: true,
  };
  store(
    wider,
    [
      reading('a', '2025-07-01T10:00:00.125Z', [-0.1, 5, null], ['after rain']),
      reading('c', '2025-07-01T10:00:00Z', [3, 1, null], [null]),
    ],
    [gone],
  );
  engine = await openDuckdb(directory, { views, named: views.slice(0, 1) });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
  rmSync(secret);
});

async function rowsOf(statement: string) {
  const { pages } = await engine.query(statement);
  const rows = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

describe('a view', () => {
  test('has named and typed columns, with units as comments', async () => {
    expect((await rowsOf('describe river')).map(([name, type]) => `${name} ${type}`)).toEqual([
      ...['sensor_id VARCHAR', 'time_utc TIMESTAMP', 'local_time TIMESTAMP', 'local_date DATE'],
      ...['level DOUBLE', 'water_flow DOUBLE', 'turbidity DOUBLE', 'note VARCHAR'],
      ...['revision INTEGER', 'uploaded_at TIMESTAMP', 'contested BOOLEAN'],
    ]);
    const unit =
      "select comment from duckdb_columns() where table_name = 'river' and column_name = 'water_flow'";
    expect(await rowsOf(unit)).toEqual([['m³/s, 0 to 1000000']]);
  });

  test('has days and times of the zone, and fields that older files lack as NULL', async () => {
    const rows = await rowsOf(
      'select sensor_id, time_utc, local_time, local_date, level, water_flow, turbidity, note from river order by time_utc',
    );
    expect(rows).toEqual([
      ['a', '2025-01-01 23:30:00', '2025-01-02 00:30:00', '2025-01-02', 1, null, null, null],
      ['b', '2025-01-02 10:00:00', '2025-01-02 11:00:00', '2025-01-02', 2, null, null, null],
      ['a', '2025-07-01 10:00:00.125', '2025-07-01 12:00:00.125', '2025-07-01', -0.1, 5, null, 'after rain'],
    ]);
  });

  test('leaves withdrawn readings to the files, which are seen as they lie', async () => {
    expect(await rowsOf('select count(*) from river')).toEqual([[3]]);
    const files = 'select sensorId, "timestamp", withdrawn, "date" from river_files where withdrawn';
    expect(await rowsOf(files)).toEqual([['c', '2025-07-01 10:00:00+00', true, '2025-07-01']]);
  });

  test('reads only the files of the days that a statement names', async () => {
    const plan = JSON.stringify(
      await rowsOf("explain analyze select max(level) from river where local_date >= date '2025-07-01'"),
    );
    expect(plan).toMatch(/Total Files Read: 2\b/); // of two shards; four lie there
  });

  test('that the statement does not name is refused, and not empty', async () => {
    await expect(rowsOf('select count(*) from lake')).rejects.toThrow('Name lake or lake_files itself');
    expect(
      (await namedViews(['with x as (select * from LAKE) select 1 from x'], views)).map(({ name }) => name),
    ).toEqual(['lake']);
    expect((await namedViews(['select 1 from river_files'], views)).map(({ name }) => name)).toEqual([
      'river',
    ]);
    expect((await namedViews(['select 1', 'select 2 from lake'], views)).map(({ name }) => name)).toEqual([
      'lake',
    ]);
  });
});

describe('a statement', () => {
  test.each([
    ['a file', `select * from read_csv('${secret}')`, /no files, and no network/],
    ['a file by its name', `select * from '${secret}'`, /no files/],
    ['names of files', `select * from glob('${tmpdir()}/*')`, /no files/],
    ['an address', "select * from read_csv('https://example.org/a.csv')", /Error/],
  ])('does not read %s', async (_, statement, told) => {
    await expect(rowsOf(statement)).rejects.toThrow(told);
    await expect(rowsOf(statement)).rejects.toThrow(StatementRefused);
  });

  test.each([
    ['writes a file', `copy river to '${secret}'`],
    [
      'writes over a partition',
      `copy (select 1) to '${directory}/curated/dataset=river/date=2025-07-01/shard=0.parquet'`,
    ],
    ['makes a table', 'create table x as select 1'],
    ['attaches a database', `attach '${secret}.db' as other`],
    ['loads an extension', 'load httpfs'],
    ['changes a setting', 'set threads = 1'],
    ['drops a view', 'drop view river'],
    ['has another behind it', 'select 1; select 2'],
    ['is none', 'selct 1'],
  ])('that %s is refused', async (_, statement) => {
    await expect(rowsOf(statement)).rejects.toThrow(StatementRefused);
  });

  test.each([
    ['ends in a comment', 'select 1 -- one'],
    ['ends in a semicolon', 'select 1;\n'],
    ['has functions of Athena', 'select approx_percentile(level, 0.5) from river'],
    ['describes', 'summarize river'],
  ])('that %s is run', async (_, statement) => {
    expect((await rowsOf(statement)).length).toBeGreaterThan(0);
  });
});

test.each(['small', 'compatible'] as const)(
  'a %s Parquet file has the rows and types of the statement',
  async (style) => {
    const file = join(directory, `${style}.parquet`);
    const statement = 'select sensor_id, time_utc, level from river order by 1, 2 -- sorted;';
    expect(await engine.writeParquet(statement, { file, style })).toBe(3);
    expect(await rowsOf(`select * from '${file}'`)).toEqual(await rowsOf(statement));
    const written = await rowsOf(
      `select distinct compression, encodings from parquet_metadata('${file}') order by all`,
    );
    if (style === 'small') expect(written.map(([compression]) => compression)).toContain('ZSTD');
    else expect(written).toEqual([['SNAPPY', 'PLAIN']]);
  },
);
