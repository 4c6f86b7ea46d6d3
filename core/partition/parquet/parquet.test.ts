import { parquetMetadata, type SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { setOf } from '../../../test/support/parse-bytes.ts';
import { ByteReader } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import type { Reading } from '../../dataset/reading.ts';
import type { Columns } from '../../set/columns.ts';
import { decodePartition, encodePartition } from '../partition-file.ts';
import { readDelta, writeDelta } from './delta.ts';
import { readHybrid, widthOf, writePacked, writeRun } from './hybrid.ts';
import { writeParquet } from './write-file.ts';

const dataset = defineDataset({
  name: 'levels',
  timeZone: 'UTC',
  shards: 1,
  measures: {
    level: { unit: 'm', min: -1e15, max: 1e15 },
    flow: { unit: 'm³/s', min: -1e15, max: 1e15, optional: true },
  },
  attributes: { river: { maxLength: 32 }, note: { maxLength: 32, optional: true } },
});
const id = { dataset: 'levels', day: '2024-01-03', shard: 0 };
const start = Date.UTC(2024, 0, 3);

function readings(count: number, of: (index: number) => Partial<Reading>): Columns {
  const all = Array.from({ length: count }, (_, index): Reading => {
    const base = { sensorId: `s${index % 3}`, timestampMs: start + index, revision: 0 };
    return { ...base, values: [index, null], attributes: ['Ebro', null], ...of(index) };
  });
  return setOf(dataset, all);
}

function contested(columns: Columns): Columns {
  columns.contested.forEach((_, row) => {
    columns.contested[row] = row % 3 === 0 ? 1 : 0;
    columns.uploadedMs[row] = row % 2 === 0 ? 0 : 1_762_000_000_123 + row;
  });
  return columns;
}

/** Each takes another way through the encodings. */
const sets: Record<string, () => Columns> = {
  'one row': () => readings(1, () => ({})),
  'few values': () => readings(1_000, (index) => ({ values: [index % 7, (index % 5) / 10] })),
  'one value': () => readings(1_000, () => ({ values: [0, 0] })),
  'too many values for a dictionary': () => readings(1_000, (index) => ({ values: [Math.sin(index), index % 2 ? null : Math.cos(index)] })),
  'no value of an optional measure': () => readings(100, () => ({ values: [1, null] })),
  'every second value absent': () => readings(1_001, (index) => ({ values: [1, index % 2 ? null : index % 4] })),
  'revisions from 0 to the highest': () => readings(999, (index) => ({ revision: index % 2 ? 2 ** 31 - 1 : 0 })),
  'one revision': () => readings(300, () => ({ revision: 9 })),
  'irregular timestamps': () => readings(3_000, (index) => ({ timestampMs: start + ((index * 7_919_777) % 86_400_000) })),
  'timestamps years apart': () => readings(300, (index) => ({ timestampMs: (index * 7_919_777_777) % 4e12 })),
  'texts, all different': () => readings(500, (index) => ({ attributes: [`río ${index}`, `${index}`] })),
  'texts, absent or empty': () => readings(500, (index) => ({ attributes: ['', index % 3 ? null : 'x'] })),
  'withdrawn readings, with their values': () => readings(1_003, (index) => (index % 7 === 0 ? { withdrawn: true } : {})),
  'withdrawn readings without values': () => readings(1_001, (index) => (index % 5 ? {} : { withdrawn: true, values: [null, null], attributes: [null, null] })),
  'withdrawn readings alone': () => readings(9, () => ({ withdrawn: true, values: [null, null], attributes: [null, null] })),
  'contested readings of two uploads': () => contested(readings(2_005, () => ({}))),
  'many sensors': () => readings(3_000, (index) => ({ sensorId: `sensor-${index}` })),
  'ids as stations are called': () => readings(900, (index) => ({ sensorId: ['Río-2', 'Upper Mill 4', '東京 第2', '^GSPC', 'a/b#c'][index % 5] as string })),
  'a sensor over several row groups': () => readings(140_000, (index) => ({ sensorId: index < 100_000 ? 'a' : index < 135_000 ? 'b' : 'c', values: [index % 9, 1] })),
}; // biome-ignore format: a table

/** `toEqual` on long typed arrays takes seconds. */
function expectSame(found: Columns, expected: Columns): void {
  expect([found.length, found.sensors]).toEqual([expected.length, expected.sensors]);
  const arrays = (of: Columns) => [
    ...[of.sensor, of.timestampMs, of.revision, of.uploadedMs, of.contested, of.withdrawn],
    ...of.values,
  ];
  arrays(found).forEach((array, index) => {
    const other = arrays(expected)[index];
    expect(array.every((value, row) => Object.is(value, other?.[row]))).toBe(true);
  });
  expect(JSON.stringify(found.attributes)).toBe(JSON.stringify(expected.attributes));
}

describe('a Parquet file', () => {
  test.each(Object.entries(sets))('of %s comes back as it was', async (_, set) => {
    const columns = set();
    const file = encodePartition(dataset, id, columns);
    expectSame((await decodePartition(dataset, file)).columns, columns);
    // From any address, as it comes out of a pool of buffers.
    const shifted = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    expectSame((await decodePartition(dataset, shifted)).columns, columns);
  });

  test.each(Object.entries(sets))('of %s is read by hyparquet too', async (_, set) => {
    const columns = set();
    const file = Buffer.from(encodePartition(dataset, id, columns));
    // Under another name of its writer it is read as a foreign one.
    const at = file.lastIndexOf('caudal version 4');
    file.write('caudal version 9', at);
    expectSame((await decodePartition(dataset, file)).columns, columns);
  });

  test('tells its bounds and the number of nulls', () => {
    const file = encodePartition(
      dataset,
      id,
      readings(10, (index) => ({ values: [index - 5, index % 2 ? null : index] })),
    );
    const metadata = parquetMetadata(new Uint8Array(file).buffer);
    const statistics = metadata.row_groups[0]?.columns.map(({ meta_data }) => meta_data?.statistics);
    expect(statistics?.[0]).toMatchObject({ min_value: 's0', max_value: 's2', null_count: 0n });
    expect(statistics?.[1]).toMatchObject({ min_value: new Date(start), max_value: new Date(start + 9) });
    expect(statistics?.[4]).toMatchObject({ min_value: false, max_value: false, null_count: 0n });
    expect(statistics?.[6]).toMatchObject({ min_value: -5, max_value: 4, null_count: 0n });
    expect(statistics?.[7]).toMatchObject({ min_value: -0, max_value: 8, null_count: 5n });
  });

  test('of version 3, which has no logical types, is read as one of now', async () => {
    const columns = sets['every second value absent']?.() as Columns;
    const file = Buffer.from(encodePartition(dataset, id, columns));
    file.write('caudal version 3', file.lastIndexOf('caudal version 4'));
    expectSame((await decodePartition(dataset, file)).columns, columns);
  });

  test('of version 2 has no upload, nothing contested and nothing withdrawn', async () => {
    const columns = sets['every second value absent']?.() as Columns;
    const level = columns.values[0] as Float64Array;
    const flow = columns.values[1] as Float64Array;
    const file = writeParquet({
      columns: [
        {
          name: 'sensorId',
          type: 'numbered',
          isOptional: false,
          values: columns.sensor,
          texts: columns.sensors,
        },
        { name: 'timestamp', type: 'timestamp', isOptional: false, values: columns.timestampMs },
        { name: 'revision', type: 'integer', isOptional: false, values: columns.revision },
        { name: 'level', type: 'double', isOptional: false, values: level },
        { name: 'flow', type: 'double', isOptional: true, values: flow },
        { name: 'river', type: 'text', isOptional: false, values: columns.attributes[0] ?? [] },
        { name: 'note', type: 'text', isOptional: true, values: columns.attributes[1] ?? [] },
      ],
      rows: columns.length,
      metadata: {
        ...{ 'caudal.dataset': 'levels', 'caudal.timeZone': 'UTC', 'caudal.shards': '1' },
        ...{ 'caudal.day': id.day, 'caudal.shard': '0' },
      },
      createdBy: 'caudal version 2',
    });
    expectSame((await decodePartition(dataset, file)).columns, columns);
  });

  test('of the first writer is still read', async () => {
    const columns = sets['irregular timestamps']?.() as Columns;
    const sources: ColumnSource[] = [
      {
        name: 'sensorId',
        data: Array.from(columns.sensor, (at) => columns.sensors[at]),
        encoding: 'RLE_DICTIONARY',
      },
      { name: 'timestamp', data: Array.from(columns.timestampMs, BigInt), encoding: 'DELTA_BINARY_PACKED' },
      { name: 'revision', data: columns.revision },
      { name: 'level', data: columns.values[0] as Float64Array },
      {
        name: 'flow',
        data: Array.from(columns.values[1] as Float64Array, () => null),
      },
      { name: 'river', data: columns.attributes[0] as string[] },
      { name: 'note', data: columns.attributes[1] as string[] },
    ];
    const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
    const required = { repetition_type: 'REQUIRED' } as const;
    const optional = { repetition_type: 'OPTIONAL' } as const;
    const fields: SchemaElement[] = [
      { name: 'sensorId', ...text, ...required },
      { name: 'timestamp', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', ...required },
      { name: 'revision', type: 'INT32', ...required },
      { name: 'level', type: 'DOUBLE', ...required },
      { name: 'flow', type: 'DOUBLE', ...optional },
      { name: 'river', ...text, ...required },
      { name: 'note', ...text, ...optional },
    ];
    const metadata = { dataset: 'levels', timeZone: 'UTC', shards: '1', day: id.day, shard: '0' };
    const file = parquetWriteBuffer({
      columnData: sources,
      schema: [{ name: 'root', num_children: 7 }, ...fields],
      rowGroupSize: 1_000,
      kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key: `caudal.${key}`, value })),
      createdBy: 'caudal',
    });
    expectSame((await decodePartition(dataset, new Uint8Array(file))).columns, columns);
  });
});

describe('an encoding', () => {
  const reading = (writer: ByteWriter) => {
    writer.append(Buffer.alloc(8, 255)); // a file goes on after its pages
    return new ByteReader(new DataView(writer.bytes.buffer, writer.bytes.byteOffset), 0);
  };

  test.each(Array.from({ length: 24 }, (_, bits) => bits + 1))('packs numbers of %i bits', (width) => {
    for (const count of [1, 7, 8, 9, 1_000]) {
      const values = Uint32Array.from(
        { length: count },
        (_, index) => Math.imul(index, 0x9e3779b1) >>> (32 - width),
      );
      const writer = new ByteWriter(1);
      writePacked(writer, width, values, count);
      writeRun(writer, width, 1, 300);
      const found = new Uint32Array(count);
      const reader = reading(writer);
      readHybrid(reader, width, found, 0, count);
      expect(found).toEqual(values);
      const run = new Uint32Array(300);
      readHybrid(reader, width, run, 0, 300);
      expect(run).toEqual(new Uint32Array(300).fill(1));
    }
  });

  test.each(Array.from({ length: 33 }, (_, bits) => bits))('packs steps that differ by %i bits', (width) => {
    for (const count of [1, 2, 33, 128, 129, 130, 1_000]) {
      let value = 1e12;
      const values = Float64Array.from({ length: count }, (_, index) => {
        value += Math.floor((2 ** width - 1) * Math.abs(Math.sin(index * 12.9898))) - 5;
        return value;
      });
      const writer = new ByteWriter(1);
      expect(writeDelta(writer, values)).toBe(true);
      const found = new Float64Array(count);
      expect(readDelta(reading(writer), found, 0)).toBe(count);
      expect(found).toEqual(values);
    }
  });

  test('gives up on steps that differ by more', () => {
    const writer = new ByteWriter();
    expect(writeDelta(writer, Float64Array.of(0, 2 ** 32, 2 ** 32))).toBe(false);
    expect(writer.length).toBe(0);
    expect(writeDelta(writer, Float64Array.of(0, 2 ** 32 - 1, 2 ** 32 - 1))).toBe(true);
  });

  test('has a width of one bit for one value', () => {
    expect([1, 2, 3, 4, 5, 32_768].map(widthOf)).toEqual([1, 1, 2, 2, 3, 15]);
  });
});
