import { type FileMetaData, parquetMetadata } from 'hyparquet';
import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from '../set/columns.ts';
import type { Column } from './parquet/column-writer.ts';
import { readForeignParquet } from './parquet/foreign-file.ts';
import { readParquet, type Target } from './parquet/read-file.ts';
import { writeParquet } from './parquet/write-file.ts';
import type { PartitionId } from './partition.ts';

/** What a partition's key was decided by, as its file says. */
interface PartitionLayout {
  /** The storage name: with the generation, from 2 on. */
  readonly dataset: string;
  readonly timeZone: string;
  readonly shards: number;
  readonly day: string;
  readonly shard: number;
  /** Of events: the names of the fields that tell those of one entity and time apart, by which they are sorted; empty of readings. */
  readonly identity: string;
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

/** Told in the file. Files of other writers, and of the first one here, are read by hyparquet. */
const writerName = 'caudal version 4';
/** Those of version 3 have no logical types, those of version 2 no `uploadedAt`, `contested` and `withdrawn` either. */
const ownWriters: readonly unknown[] = [writerName, 'caudal version 3', 'caudal version 2'];
const identityColumns = ['sensorId', 'timestamp', 'revision'];
/** The columns of every file, before its measures and attributes. */
export const readingColumns: readonly string[] = [...identityColumns, 'uploadedAt', 'contested', 'withdrawn'];

/** How a column of numbers is stored, and read again. */
const columnTypes = { number: 'double', integer: 'whole', boolean: 'truth', time: 'instant' } as const;
/** What each is called in a file. */
const storedTypes = { number: 'DOUBLE', integer: 'INT64', boolean: 'BOOLEAN', time: 'INT64' } as const;
const targetTypes = { number: 'numbers', integer: 'wholes', boolean: 'truths', time: 'wholes' } as const;

/**
 * The partition as a Parquet file. Equal sets give equal bytes. Columns: `sensorId` (STRING), `timestamp`
 * (TIMESTAMP in ms, adjusted to UTC), `revision` (INT32), `uploadedAt` (the same; 1970-01-01 for what came by the stream),
 * `contested` and `withdrawn` (BOOLEAN), a DOUBLE for each measure and a STRING for each attribute, nullable where optional and
 * where withdrawn readings have none. Of events an attribute that is an integer is INT64, a number DOUBLE, a boolean BOOLEAN and a time
 * TIMESTAMP.
 */
export function encodePartition(dataset: Dataset, id: PartitionId, columns: Columns): Uint8Array {
  const mayLack = columns.withdrawn.includes(1);
  return writeParquet({
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
      { name: 'uploadedAt', type: 'timestamp', isOptional: false, values: columns.uploadedMs },
      { name: 'contested', type: 'flag', isOptional: false, values: columns.contested },
      { name: 'withdrawn', type: 'flag', isOptional: false, values: columns.withdrawn },
      ...dataset.measureNames.map((name, at): Column => {
        const values = columns.values[at] as Float64Array; // a column a measure
        const isOptional = dataset.measures[name]?.optional || (mayLack && values.some(Number.isNaN));
        return { name, type: columnTypes[dataset.measures[name]?.type ?? 'number'], isOptional, values };
      }),
      ...dataset.attributeNames.map((name, at): Column => {
        const values = columns.attributes[at] ?? [];
        const isOptional = dataset.attributes[name]?.optional || (mayLack && values.includes(null));
        return { name, type: 'text', isOptional, values };
      }),
    ],
    rows: columns.length,
    metadata: {
      'caudal.dataset': dataset.storageName,
      'caudal.timeZone': dataset.timeZone,
      'caudal.shards': String(dataset.shards),
      'caudal.day': id.day,
      'caudal.shard': String(id.shard),
      ...(dataset.identity === undefined ? {} : { 'caudal.identity': dataset.identity.join() }),
    },
    createdBy: writerName,
  });
}

/**
 * Reads a file of {@link encodePartition}. A measure or attribute that was added since, as optional, is absent.
 * @throws {PartitionLayoutChanged} when the dataset's time zone, shards or columns no longer fit the file
 */
export async function decodePartition(dataset: Dataset, bytes: Uint8Array): Promise<Partition> {
  const file = describeFile(bytes);
  refuseChange(dataset, file);
  const { columns, targets } = emptyColumns(dataset, file);
  if (file.isOwn) readParquet(bytes, file.metadata, targets);
  else await readForeignParquet(bytes, file.metadata, targets);
  return { columns, layout: file.layout };
}

/** What a file says of itself. */
export interface FileDescription {
  readonly layout: PartitionLayout;
  /** Names of the columns, in order. */
  readonly names: readonly string[];
  /** It was written by {@link encodePartition}, this version of it or one before. */
  readonly isOwn: boolean;
  readonly metadata: FileMetaData;
}

/** @param bytes the file, or as much of its end as has its footer: {@link footerBytesOf} */
export function describeFile(bytes: Uint8Array): FileDescription {
  const metadata = footerOf(bytes);
  const names = metadata.schema.slice(1).map(({ name }) => name);
  return { layout: layoutOf(metadata), names, isOwn: ownWriters.includes(metadata.created_by), metadata };
}

/** Columns with room for the rows of a file, and by name where its columns go. */
export function emptyColumns(
  dataset: Dataset,
  { metadata }: FileDescription,
): { columns: Columns; targets: Map<string, Target> } {
  const length = Number(metadata.num_rows);
  const timestampMs = new Float64Array(length);
  const revision = new Int32Array(length);
  const uploadedMs = new Float64Array(length);
  const contested = new Uint8Array(length);
  const withdrawn = new Uint8Array(length);
  const full = new Set(
    metadata.schema.flatMap((field) => (field.repetition_type === 'REQUIRED' ? field.name : [])),
  );
  const values = dataset.measureNames.map((name) => {
    // What is null stays as it is: NaN is absent.
    const column = new Float64Array(length);
    return full.has(name) ? column : column.fill(Number.NaN);
  });
  const attributes = dataset.attributeNames.map(() => new Array<string | null>(length).fill(null));
  const sensors: string[] = [];
  const sensor = new Uint32Array(length);
  const targets = new Map<string, Target>([
    ['sensorId', { type: 'numbered', values: sensor, texts: sensors }],
    ['timestamp', { type: 'timestamps', values: timestampMs }],
    ['revision', { type: 'numbers', values: revision }],
    ['uploadedAt', { type: 'timestamps', values: uploadedMs }],
    ['contested', { type: 'flags', values: contested }],
    ['withdrawn', { type: 'flags', values: withdrawn }],
    ...dataset.measureNames.map((name, at): [string, Target] => {
      const type = targetTypes[dataset.measures[name]?.type ?? 'number'];
      return [name, { type, values: values[at] as Float64Array }]; // a column a measure
    }),
    ...dataset.attributeNames.map((name, at): [string, Target] => {
      return [name, { type: 'texts', values: attributes[at] as (string | null)[] }]; // a column an attribute
    }),
  ]);
  return {
    columns: {
      ...{ sensors, sensor, timestampMs, revision, uploadedMs, contested, withdrawn },
      ...{ values, attributes, length },
    },
    targets,
  };
}

/** How many bytes at the end of a file are its footer, as the last eight of them say. */
export function footerBytesOf(end: Uint8Array): number {
  return Buffer.from(end.buffer, end.byteOffset, end.byteLength).readUInt32LE(end.length - 8) + 8;
}

/** The footer is parsed from a copy of its own: hyparquet takes no view of a larger buffer. */
function footerOf(bytes: Uint8Array): FileMetaData {
  return parquetMetadata(new Uint8Array(bytes.subarray(bytes.length - footerBytesOf(bytes))).buffer);
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
    identity: text('identity'),
  };
}

/** @throws {PartitionLayoutChanged} when the dataset's time zone, shards or columns no longer fit the file */
export function refuseChange(dataset: Dataset, { layout, names, metadata }: FileDescription): void {
  const refuse = (what: string, stored: unknown, defined: unknown) => {
    throw new PartitionLayoutChanged(
      `${dataset.storageName}: ${what} is ${defined}, but the stored partition ${layout.day}, shard ${layout.shard}, ` +
        `has ${stored}. Keep ${stored}, or set generation to ${dataset.generation + 1} and replay the raw data into it.`,
    );
  };
  if (layout.dataset !== dataset.storageName) refuse('the dataset', layout.dataset, dataset.storageName);
  if (layout.timeZone !== dataset.timeZone) refuse('timeZone', layout.timeZone, dataset.timeZone);
  if (layout.shards !== dataset.shards) refuse('shards', layout.shards, dataset.shards);
  const identity = (dataset.identity ?? []).join();
  if (layout.identity !== identity) refuse('identity', layout.identity || 'none', identity || 'none');
  const required = [...identityColumns];
  const optional: string[] = readingColumns.filter((name) => !required.includes(name));
  for (const [name, { optional: may }] of Object.entries({ ...dataset.measures, ...dataset.attributes })) {
    (may ? optional : required).push(name);
  }
  const lost = names.find((name) => !required.includes(name) && !optional.includes(name));
  if (lost !== undefined) refuse(`the field ${lost}`, 'it', 'not defined');
  for (const { name, type } of metadata.schema) {
    const { [name]: number } = dataset.measures;
    const defined = number ? storedTypes[number.type ?? 'number'] : dataset.attributes[name] && 'BYTE_ARRAY';
    if (defined !== undefined && type !== defined) refuse(`the type of the field ${name}`, type, defined);
  }
  const gained = required.find((name) => !names.includes(name));
  if (gained !== undefined) refuse(`the field ${gained}`, 'readings without it', 'not optional');
}
