import { ByteWriter } from '../../bytes/byte-writer.ts';
import { type Chunk, type Column, ColumnWriter } from './column-writer.ts';
import {
  binary,
  convertedTypes,
  encodings,
  i32,
  i64,
  list,
  physicalTypes,
  repetitions,
  struct,
  type ThriftValue,
  uncompressed,
  writeThrift,
  yes,
} from './thrift.ts';

/** Rows of a row group: engines read groups in parallel and skip them by their bounds. */
const groupRows = 131_072;

const magic = Buffer.from('PAR1');
/** Both annotations, for readers of either age. Without the logical type a timestamp is one without a zone to some, and refused by others. */
const logicalTypes = {
  string: struct([1, struct()]),
  utcMillis: struct([8, struct([1, yes], [2, struct([1, struct()])])]),
} as const;
const types: Readonly<
  Record<Column['type'], readonly [physical: number, converted?: number, logical?: ThriftValue]>
> = {
  timestamp: [physicalTypes.int64, convertedTypes.timestampMillis, logicalTypes.utcMillis],
  integer: [physicalTypes.int32],
  flag: [physicalTypes.boolean],
  double: [physicalTypes.double],
  whole: [physicalTypes.int64],
  instant: [physicalTypes.int64, convertedTypes.timestampMillis, logicalTypes.utcMillis],
  truth: [physicalTypes.boolean],
  text: [physicalTypes.byteArray, convertedTypes.utf8, logicalTypes.string],
  numbered: [physicalTypes.byteArray, convertedTypes.utf8, logicalTypes.string],
};

/** A Parquet file, uncompressed but for its encodings. Equal columns give equal bytes. */
export function writeParquet(file: {
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdBy: string;
}): Uint8Array {
  const { columns, rows } = file;
  const writer = new ByteWriter(1_024 + columns.length * (256 + rows * 2));
  writer.append(magic);
  const columnWriter = new ColumnWriter(writer, Math.min(rows, groupRows));
  const groups: ThriftValue[] = [];
  for (let from = 0; from < rows; from += groupRows) {
    const to = Math.min(rows, from + groupRows);
    const start = writer.length;
    const chunks = columns.map((column) => chunkOf(column, columnWriter.write(column, from, to), to - from));
    groups.push(struct([1, list('struct', chunks)], [2, i64(writer.length - start)], [3, i64(to - from)]));
  }
  const footerStart = writer.length;
  writeThrift(
    writer,
    struct(
      [1, i32(1)],
      [2, list('struct', [rootOf(columns), ...columns.map(fieldOf)])],
      [3, i64(rows)],
      [4, list('struct', groups)],
      [5, list('struct', Object.entries(file.metadata).map(pairOf))],
      [6, binary(file.createdBy)],
      // Bounds are by the order of each type.
      [
        7,
        list(
          'struct',
          columns.map(() => struct([1, struct()])),
        ),
      ],
    ),
  );
  writer.uint32(writer.length - footerStart);
  writer.append(magic);
  return writer.bytes.subarray(0, writer.length);
}

const rootOf = (columns: readonly Column[]) => struct([4, binary('root')], [5, i32(columns.length)]);
const pairOf = ([key, value]: [string, string]) => struct([1, binary(key)], [2, binary(value)]);

function fieldOf({ name, type, isOptional }: Column): ThriftValue {
  const [physical, converted, logical] = types[type];
  return struct(
    [1, i32(physical)],
    [3, i32(isOptional ? repetitions.optional : repetitions.required)],
    [4, binary(name)],
    [6, converted === undefined ? undefined : i32(converted)],
    [10, logical],
  );
}

function chunkOf({ name, type }: Column, chunk: Chunk, rows: number): ThriftValue {
  const size = i64(chunk.end - chunk.start);
  const used = new Set([encodings.rle, ...(chunk.hasDictionary ? [encodings.plain] : []), chunk.encoding]);
  const about = struct(
    [1, i32(types[type][0])],
    [2, list('i32', [...used].map(i32))],
    [3, list('binary', [binary(name)])],
    [4, i32(uncompressed)],
    [5, i64(rows)],
    [6, size],
    [7, size],
    [9, i64(chunk.dataStart)],
    [11, chunk.hasDictionary ? i64(chunk.start) : undefined],
    [12, chunk.statistics],
  );
  return struct([2, i64(0)], [3, about]);
}
