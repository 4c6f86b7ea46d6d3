import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Dataset } from './dataset.ts';
import type { PartitionId } from './partition.ts';
import type { Columns } from './row.ts';

/** What a partition's key was decided by, as its file says. */
export interface PartitionLayout {
  /** The storage name: with the generation, from 2 on. */
  readonly dataset: string;
  readonly timeZone: string;
  readonly shards: number;
  readonly day: string;
  readonly shard: number;
}

export interface Partition {
  readonly columns: Columns;
  readonly layout: PartitionLayout;
}

/**
 * A stored partition was laid out under another definition of its dataset. A retry doesn't help: the message says
 * what changed and that the way out is a new `generation` and a replay.
 */
export class PartitionLayoutChanged extends Error {
  override readonly name = 'PartitionLayoutChanged';
}

/**
 * The partition as a Parquet file. Equal sets give equal bytes. Columns: `sensorId` (STRING), `timestamp`
 * (TIMESTAMP_MILLIS, UTC), `revision` (INT32), a DOUBLE for each measure and a STRING for each attribute, nullable where
 * optional.
 */
export function encodePartition(dataset: Dataset, id: PartitionId, columns: Columns): Uint8Array {
  const sources: ColumnSource[] = [
    {
      name: 'sensorId',
      data: Array.from(columns.sensor, (index) => columns.sensors[index]),
      encoding: 'RLE_DICTIONARY',
    },
    { name: 'timestamp', data: Array.from(columns.timestampMs, BigInt), encoding: 'DELTA_BINARY_PACKED' },
    { name: 'revision', data: columns.revision },
  ];
  dataset.measureNames.forEach((name, index) => {
    const values = columns.values[index] as Float64Array; // a column a measure
    const nullable = dataset.measures[name]?.optional;
    sources.push({ name, data: nullable ? Array.from(values, (v) => (Number.isNaN(v) ? null : v)) : values });
  });
  dataset.attributeNames.forEach((name, index) => {
    sources.push({ name, data: [...(columns.attributes[index] ?? [])] });
  });
  const metadata = {
    'caudal.dataset': dataset.storageName,
    'caudal.timeZone': dataset.timeZone,
    'caudal.shards': String(dataset.shards),
    'caudal.day': id.day,
    'caudal.shard': String(id.shard),
  };
  const file = parquetWriteBuffer({
    columnData: sources,
    schema: schemaOf(dataset),
    rowGroupSize: 100_000,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: 'caudal',
  });
  return new Uint8Array(file);
}

function schemaOf(dataset: Dataset): SchemaElement[] {
  const repetition = (optional: boolean | undefined) =>
    ({ repetition_type: optional ? 'OPTIONAL' : 'REQUIRED' }) as const;
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
  const fields: SchemaElement[] = [
    { name: 'sensorId', ...text, ...repetition(false) },
    { name: 'timestamp', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', ...repetition(false) },
    { name: 'revision', type: 'INT32', ...repetition(false) },
    ...dataset.measureNames.map((name) => {
      return { name, type: 'DOUBLE', ...repetition(dataset.measures[name]?.optional) } as const;
    }),
    ...dataset.attributeNames.map((name) => ({
      name,
      ...text,
      ...repetition(dataset.attributes[name]?.optional),
    })),
  ];
  return [{ name: 'root', num_children: fields.length }, ...fields];
}

/**
 * Reads a file of {@link encodePartition}. A measure or attribute that was added since, as optional, is absent.
 * @throws {PartitionLayoutChanged} when the dataset's time zone, shards or columns no longer fit the file
 */
export async function decodePartition(dataset: Dataset, bytes: Uint8Array): Promise<Partition> {
  const file: AsyncBuffer = {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const metadata = await parquetMetadataAsync(file);
  const layout = layoutOf(metadata);
  refuseChange(dataset, layout, metadata);
  const length = Number(metadata.num_rows);
  const timestampMs = new Float64Array(length);
  const revision = new Int32Array(length);
  const values = dataset.measureNames.map(() => new Float64Array(length).fill(Number.NaN));
  const attributes = dataset.attributeNames.map(() => new Array<string | null>(length).fill(null));
  const ids = new Array<string>(length);
  const targets = new Map<string, Float64Array | Int32Array | (string | null)[]>([
    ['sensorId', ids],
    ['timestamp', timestampMs],
    ['revision', revision],
    ...dataset.measureNames.map((name, index) => [name, values[index] as Float64Array] as const), // one a measure
    ...dataset.attributeNames.map((name, index) => [name, attributes[index] as (string | null)[]] as const), // one each
  ]);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  await parquetRead({
    file,
    metadata,
    parsers: { timestampFromMilliseconds: Number, stringFromBytes: (text) => text && decoder.decode(text) },
    onChunk: ({ columnName, columnData, rowStart }) => {
      const target = targets.get(columnName);
      if (!target) return;
      for (let row = 0; row < columnData.length; row++) {
        const value = columnData[row] ?? null;
        if (value !== null) target[rowStart + row] = value;
      }
    },
  });
  const sensor = new Uint32Array(length);
  const sensors: string[] = [];
  for (let row = 0; row < length; row++) {
    if (row === 0 || ids[row] !== ids[row - 1]) sensors.push(ids[row] as string); // row is within the array
    sensor[row] = sensors.length - 1;
  }
  return { columns: { sensors, sensor, timestampMs, revision, values, attributes, length }, layout };
}

function layoutOf(metadata: FileMetaData): PartitionLayout {
  const found = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  const text = (name: string) => found.get(`caudal.${name}`) ?? '';
  return {
    dataset: text('dataset'),
    timeZone: text('timeZone'),
    shards: Number(text('shards')),
    day: text('day'),
    shard: Number(text('shard')),
  };
}

function refuseChange(dataset: Dataset, layout: PartitionLayout, metadata: FileMetaData): void {
  const refuse = (what: string, stored: unknown, defined: unknown) => {
    throw new PartitionLayoutChanged(
      `${dataset.storageName}: ${what} is ${defined}, but the stored partition ${layout.day}, shard ${layout.shard}, ` +
        `has ${stored}. Keep ${stored}, or set generation to ${dataset.generation + 1} and replay the raw data into it.`,
    );
  };
  if (layout.dataset !== dataset.storageName) refuse('the dataset', layout.dataset, dataset.storageName);
  if (layout.timeZone !== dataset.timeZone) refuse('timeZone', layout.timeZone, dataset.timeZone);
  if (layout.shards !== dataset.shards) refuse('shards', layout.shards, dataset.shards);
  const stored = metadata.schema.slice(1).map(({ name }) => name);
  const expected = schemaOf(dataset).slice(1);
  const lost = stored.find((name) => !expected.some((field) => field.name === name));
  if (lost !== undefined) refuse(`the field ${lost}`, 'it', 'not defined');
  const gained = expected.find(
    ({ name, repetition_type }) => repetition_type === 'REQUIRED' && !stored.includes(name),
  );
  if (gained !== undefined) refuse(`the field ${gained.name}`, 'readings without it', 'not optional');
}
