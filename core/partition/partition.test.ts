import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { setOf } from '../../test/support/parse-bytes.ts';
import { type Dataset, defineDataset } from '../dataset/dataset.ts';
import type { DatasetDefinition } from '../dataset/definition.ts';
import type { Reading } from '../dataset/reading.ts';
import { union } from '../set/union.ts';
import { partitionFromKey, partitionKey, partitionOf, splitByPartition } from './partition.ts';
import { decodePartition, encodePartition, PartitionLayoutChanged } from './partition-file.ts';
import { decodePart, encodeParts, PartMismatch } from './parts.ts';

const definition: DatasetDefinition = {
  name: 'levels',
  timeZone: 'Europe/Madrid',
  shards: 3,
  measures: {
    level: { unit: 'm', min: -10, max: 10 },
    flow: { unit: 'm³/s', min: 0, max: 1e15, optional: true },
  },
  attributes: { river: { maxLength: 32 }, note: { maxLength: 32, optional: true } },
};
const dataset = defineDataset(definition);
const id = { dataset: 'levels', day: '2024-01-03', shard: 1 };
const start = Date.UTC(2024, 0, 3);
const readings: Reading[] = [
  { sensorId: 'a', timestampMs: start, revision: 0, values: [-0.1, null], attributes: ['Ebro', null] },
  {
    sensorId: 'a',
    timestampMs: start + 1,
    revision: 7,
    values: [1e-300, 1e15],
    attributes: ['', 'Ñ "x"\u0000'],
  },
  {
    sensorId: 'b',
    timestampMs: start,
    revision: 2 ** 31 - 1,
    values: [0, 0],
    attributes: ['\ufeffTajo', '\ufffd😀'],
  },
];
const columns = setOf(dataset, readings);
// As hex, since DuckDB's client drops a leading byte order mark of a text.
const hex = (text: string | null) => (text === null ? null : Buffer.from(text).toString('hex').toUpperCase());

describe('a partition', () => {
  test('is of the local day and the shard of its series', () => {
    expect(partitionOf(dataset, 'foobar', Date.UTC(2024, 0, 2, 23))).toEqual({
      dataset: 'levels',
      day: '2024-01-03',
      shard: 0xbf9cf968 % 3,
    });
    expect(partitionKey(dataset, id)).toBe('curated/dataset=levels/date=2024-01-03/shard=1.parquet');
    const second = defineDataset({ ...definition, generation: 2 });
    expect(partitionKey(second, id)).toBe('curated/dataset=levels@2/date=2024-01-03/shard=1.parquet');
    expect(partitionFromKey(second, partitionKey(second, id))).toEqual(id);
    expect(partitionFromKey(dataset, partitionKey(second, id))).toBeUndefined();
  });

  test('comes back from its file as it was', async () => {
    const file = encodePartition(dataset, id, columns);
    const decoded = await decodePartition(dataset, file);
    expect(decoded.columns).toEqual(columns);
    expect(decoded.layout).toEqual({ ...id, timeZone: 'Europe/Madrid', identity: '', shards: 3 });
    expect(Buffer.from(encodePartition(dataset, id, decoded.columns)).equals(file)).toBe(true);
  });

  test('may be empty, or of several row groups', async () => {
    const none = setOf(dataset, []);
    expect((await decodePartition(dataset, encodePartition(dataset, id, none))).columns).toEqual(none);
    const many = setOf(
      dataset,
      Array.from({ length: 230_000 }, (_, index) => ({
        sensorId: `s${index % 5}`,
        timestampMs: start + index,
        revision: 0,
        values: [index / 30_000, index % 2 ? null : index],
        attributes: ['Ebro', index % 3 ? null : String(index)],
      })),
    );
    expect((await decodePartition(dataset, encodePartition(dataset, id, many))).columns).toEqual(many);
  });

  test('reads in DuckDB with the same values, types and nulls', async () => {
    await inDuckDb(encodePartition(dataset, id, columns), async (query, file) => {
      const types = await query(`select column_name, column_type from (describe select * from '${file}')`);
      expect(types).toEqual([
        ['sensorId', 'VARCHAR'],
        ['timestamp', 'TIMESTAMP WITH TIME ZONE'],
        ['revision', 'INTEGER'],
        ['uploadedAt', 'TIMESTAMP WITH TIME ZONE'],
        ['contested', 'BOOLEAN'],
        ['withdrawn', 'BOOLEAN'],
        ['level', 'DOUBLE'],
        ['flow', 'DOUBLE'],
        ['river', 'VARCHAR'],
        ['note', 'VARCHAR'],
      ]);
      const rows = await query(
        `select sensorId, epoch_ms("timestamp")::double, revision, level, flow, hex(river), hex(note) from '${file}'`,
      );
      expect(rows).toEqual(
        readings.map((r) => [r.sensorId, r.timestampMs, r.revision, ...r.values, ...r.attributes.map(hex)]),
      );
    });
  });

  test('tells DuckDB which readings are contested or withdrawn, and when files were uploaded', async () => {
    const of = (at: number, level: number): Reading => {
      return {
        sensorId: 'a',
        timestampMs: start + at,
        revision: 0,
        values: [level, null],
        attributes: ['Ebro', null],
      };
    };
    const gone: Reading = { ...of(2, 1), values: [null, null], attributes: [null, null], withdrawn: true };
    const streamed = setOf(dataset, [of(0, 1), of(1, 1), of(1, 2), of(2, 1)]);
    const { columns: set } = union(dataset, streamed, setOf(dataset, [gone], 1_762_157_730_250));
    await inDuckDb(encodePartition(dataset, id, set), async (query, file) => {
      const rows = await query(
        `select epoch_ms("uploadedAt")::double, contested, withdrawn, level, river from '${file}' order by "timestamp"`,
      );
      expect(rows).toEqual([
        [0, false, false, 1, 'Ebro'],
        [0, true, false, 2, 'Ebro'],
        [1_762_157_730_250, false, true, null, null],
      ]);
    });
  });

  test.each<[string, Partial<DatasetDefinition>, string]>([
    ['timeZone', { timeZone: 'UTC' }, 'timeZone is UTC'],
    ['shards', { shards: 4 }, 'shards is 4'],
    ['the name', { name: 'depths' }, 'levels'],
    ['a field that is gone', { attributes: { river: { maxLength: 32 } } }, 'field note'],
    [
      'a new field that is required',
      { measures: { ...definition.measures, ph: { unit: '', min: 0, max: 14 } } },
      'field ph',
    ],
  ])('is refused after a change of %s, with the way out', async (_, change, told) => {
    const changed = defineDataset({ ...definition, ...change });
    const reading = decodePartition(changed, encodePartition(dataset, id, columns));
    await expect(reading).rejects.toThrow(PartitionLayoutChanged);
    await expect(reading).rejects.toThrow(told);
    await expect(reading).rejects.toThrow('set generation to 2 and replay');
  });

  test('takes a new optional field as absent', async () => {
    const ph = { unit: '', min: 0, max: 14, optional: true };
    const grown = defineDataset({ ...definition, measures: { ...definition.measures, ph } });
    const decoded = await decodePartition(grown, encodePartition(dataset, id, columns));
    expect(decoded.columns.values[2]).toEqual(new Float64Array(3).fill(Number.NaN));
  });
});

describe('the parts of a segment', () => {
  const spread = (of: Dataset) =>
    setOf(
      of,
      Array.from({ length: 200 }, (_, index) => ({
        sensorId: `s${index % 11}`,
        timestampMs: start + index * 3_600_000,
        revision: index % 2,
        values: [index / 100, index % 3 ? null : index],
        attributes: [`river ${index}`, index % 4 ? null : 'ñ'],
      })),
    );
  const other = defineDataset({ ...definition, name: 'others', shards: 1 });
  const { bytes, index } = encodeParts([
    { dataset, columns: spread(dataset) },
    { dataset: other, columns: spread(other) },
  ]);

  test('are each of one partition, and all of it', () => {
    const split = splitByPartition(dataset, spread(dataset));
    expect(index.filter((entry) => entry.dataset === 'levels')).toHaveLength(split.length);
    expect(index.reduce((sum, entry) => sum + entry.rows, 0)).toBe(400);
    expect(index.at(-1)?.end).toBe(bytes.length);
    for (const [position, part] of split.entries()) {
      const entry = index[position];
      expect(entry).toMatchObject(part.id);
      expect(decodePart(dataset, bytes.subarray(entry?.start, entry?.end))).toEqual(part.columns);
      for (const [row, at] of part.columns.timestampMs.entries()) {
        const sensorId = part.columns.sensors[part.columns.sensor[row] ?? -1] ?? '';
        expect(partitionOf(dataset, sensorId, at)).toEqual(part.id);
      }
    }
  });

  test('are partition files', async () => {
    const entry = index[0];
    const file = bytes.subarray(entry?.start, entry?.end);
    const { columns, layout } = await decodePartition(dataset, file);
    expect(columns).toEqual(decodePart(dataset, file));
    expect(layout).toMatchObject({ day: entry?.day, shard: entry?.shard });
  });

  const ph = { unit: '', min: 0, max: 14, optional: true };
  test.each<[string, Dataset]>([
    ['dataset', other],
    ['time zone', defineDataset({ ...definition, timeZone: 'UTC' })],
    ['number of shards', defineDataset({ ...definition, shards: 4 })],
    ['set of fields', defineDataset({ ...definition, measures: { ...definition.measures, ph } })],
  ])('of another %s are refused', (_, changed) => {
    const entry = index[0];
    expect(() => decodePart(changed, bytes.subarray(entry?.start, entry?.end))).toThrow(PartMismatch);
  });
});

/** Asks DuckDB about a file. */
async function inDuckDb(
  bytes: Uint8Array,
  ask: (query: (sql: string) => Promise<unknown[][]>, file: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'caudal-'));
  const file = join(folder, 'shard=1.parquet');
  writeFileSync(file, bytes);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await ask(async (sql) => (await connection.runAndReadAll(sql)).getRows(), file);
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true });
  }
}
