import type { FileMetaData } from 'hyparquet';
import { ByteReader } from '../../bytes/byte-reader.ts';
import { readDelta } from './delta.ts';
import { readHybrid } from './hybrid.ts';
import { encodings, pageTypes, readIntegers } from './thrift.ts';

/** Where a column's rows go. What is null is left as it is. */
export type Target =
  | { readonly type: 'numbers'; readonly values: Float64Array | Int32Array }
  /** INT64, as doubles. */
  | { readonly type: 'timestamps'; readonly values: Float64Array }
  /** 0 is false, 1 is true. */
  | { readonly type: 'flags'; readonly values: Uint8Array }
  /** INT64, as doubles, in any encoding. */
  | { readonly type: 'wholes'; readonly values: Float64Array }
  /** As flags, but that some may be null. */
  | { readonly type: 'truths'; readonly values: Float64Array }
  | { readonly type: 'texts'; readonly values: (string | null)[] }
  /** Texts by number, which ascend: `texts` is filled too. */
  | { readonly type: 'numbered'; readonly values: Uint32Array; readonly texts: string[] };

/** Packed codes are read four bytes at a time, the last ones too: behind every row group is the next one or the footer. */
export const bytesBehind = 8;

/**
 * Reads a file of `writeParquet` into typed arrays: only the encodings that it writes. Of a part of a file the metadata have the row groups
 * that lie in it whole; behind them there are at least {@link bytesBehind} more.
 * @param startsAt where in the file the bytes begin
 */
export function readParquet(
  bytes: Uint8Array,
  metadata: FileMetaData,
  targets: Map<string, Target>,
  startsAt = 0,
): void {
  const reader = new ChunkReader(bytes);
  const optional = new Set(
    metadata.schema.filter((field) => field.repetition_type === 'OPTIONAL').map(({ name }) => name),
  );
  let row = 0;
  for (const { columns, num_rows } of metadata.row_groups) {
    const rows = Number(num_rows);
    for (const { meta_data: about } of columns) {
      const name = about?.path_in_schema[0] ?? '';
      const target = targets.get(name);
      if (about === undefined || target === undefined) continue;
      const start = Number(about.dictionary_page_offset ?? about.data_page_offset) - startsAt;
      reader.read(target, start, { row, rows, isOptional: optional.has(name) });
    }
    row += rows;
  }
}

interface Span {
  readonly row: number;
  readonly rows: number;
  readonly isOptional: boolean;
}

/** Reads one column of one row group. */
class ChunkReader {
  readonly #bytes: Buffer;
  readonly #reader: ByteReader;
  /** Of one chunk at a time: memory that is touched anew for each costs as much as reading it. */
  #codesOfChunk = new Uint32Array(0);

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#reader = new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  }

  read(target: Target, start: number, span: Span): void {
    const reader = this.#reader;
    reader.at = start;
    let header = readIntegers(reader);
    let dictionary: { at: number; count: number } | undefined;
    if (header.get('1') === pageTypes.dictionary) {
      dictionary = { at: reader.at, count: header.get('7.1') ?? 0 };
      reader.at += header.get('3') ?? 0;
      header = readIntegers(reader);
    }
    const levels = span.isOptional ? this.#levels(span.rows) : undefined;
    const present = levels?.includes(0) ? levels : undefined; // where all are there, as of a column that is not optional
    const count = present ? present.reduce((sum, level) => sum + level, 0) : span.rows;
    const encoding = header.get('5.2');
    if (target.type === 'numbered') {
      const codes = this.#codes(count);
      if (dictionary) number(target, this.#texts(dictionary.at, dictionary.count), codes, span.row);
    } else if (target.type === 'texts') {
      const texts = this.#texts(dictionary?.at ?? reader.at, dictionary?.count ?? count);
      const codes = dictionary && this.#codes(count);
      scatter(target.values, span, present, (index) => texts[codes?.[index] ?? index] ?? null);
    } else if (target.type === 'wholes') {
      this.#wholes(target.values, { span, present, count, encoding, dictionary });
    } else if (target.type === 'truths') {
      const first = reader.at;
      const bit = (index: number) => ((this.#bytes[first + (index >>> 3)] as number) >>> (index & 7)) & 1; // in the page
      scatter(target.values, span, present, bit);
    } else if (target.type === 'flags') {
      for (let first = 0; first < count; first += 8) {
        const bits = this.#bytes[reader.at + (first >>> 3)] as number; // in the page
        if (bits === 0) continue; // as nearly all are; the target is filled with 0
        for (let bit = 0; bit < 8 && first + bit < count; bit++)
          target.values[span.row + first + bit] = (bits >>> bit) & 1;
      }
    } else if (encoding === encodings.deltaBinaryPacked) {
      readDelta(reader, target.values, span.row);
    } else if (dictionary) {
      const values = this.#plain(target.values, dictionary.at, dictionary.count);
      if (dictionary.count === 1 && !present) {
        target.values.fill(values[0] as number, span.row, span.row + count); // it has one
        return;
      }
      const codes = this.#codes(count);
      if (present)
        scatter(target.values, span, present, (index) => values[codes[index] as number] as number); // a code
      else pick(target.values, span.row, values, codes);
    } else if (target.type === 'timestamps') {
      const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + reader.at);
      scatter(target.values, span, undefined, (index) => Number(view.getBigInt64(index * 8, true)));
    } else {
      const values = this.#plain(target.values, reader.at, count);
      if (present)
        scatter(target.values, span, present, (index) => values[index] as number); // one a present row
      else target.values.set(values, span.row);
    }
  }

  #wholes(
    target: Float64Array,
    {
      span,
      present,
      count,
      encoding,
      dictionary,
    }: {
      span: Span;
      present: Uint8Array | undefined;
      count: number;
      encoding: number | undefined;
      dictionary: { at: number; count: number } | undefined;
    },
  ): void {
    if (dictionary) {
      const values = this.#int64s(dictionary.at, dictionary.count);
      const codes = this.#codes(count);
      scatter(target, span, present, (index) => values[codes[index] as number] as number); // a code of these values
    } else if (encoding === encodings.deltaBinaryPacked && !present)
      readDelta(this.#reader, target, span.row);
    else if (encoding === encodings.deltaBinaryPacked) {
      const values = new Float64Array(count);
      readDelta(this.#reader, values, 0);
      scatter(target, span, present, (index) => values[index] as number); // one a present row
    } else {
      const values = this.#int64s(this.#reader.at, count);
      scatter(target, span, present, (index) => values[index] as number); // as above
    }
  }

  /** Copied, since they may lie at any address. */
  #int64s(at: number, count: number): Float64Array {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, count * 8);
    return Float64Array.from(
      { length: count },
      (_, index) => view.getInt32(index * 8 + 4, true) * 2 ** 32 + view.getUint32(index * 8, true),
    );
  }

  #levels(rows: number): Uint8Array {
    const reader = this.#reader;
    const end = reader.uint32() + reader.at;
    const levels = new Uint8Array(rows);
    readHybrid(reader, 1, levels, 0, rows);
    reader.at = end;
    return levels;
  }

  /** Valid until the next call. */
  #codes(count: number): Uint32Array {
    if (this.#codesOfChunk.length < count) this.#codesOfChunk = new Uint32Array(count);
    const codes = this.#codesOfChunk.subarray(0, count);
    readHybrid(this.#reader, this.#reader.byte(), codes, 0, count);
    return codes;
  }

  /** Copied, since they may lie at any address. */
  #plain(like: Float64Array | Int32Array, at: number, count: number): ArrayLike<number> {
    const size = like.BYTES_PER_ELEMENT;
    const { buffer } = new Uint8Array(this.#bytes.subarray(at, at + count * size));
    return like instanceof Int32Array ? new Int32Array(buffer) : new Float64Array(buffer);
  }

  #texts(at: number, count: number): string[] {
    const texts: string[] = [];
    let from = at;
    for (let index = 0; index < count; index++) {
      const length = this.#bytes.readUInt32LE(from);
      texts.push(this.#bytes.toString('utf8', from + 4, from + 4 + length));
      from += 4 + length;
    }
    return texts;
  }
}

/** The last text of a row group may be the first of the next. */
function number(
  { values, texts }: Extract<Target, { type: 'numbered' }>,
  more: readonly string[],
  codes: Uint32Array,
  row: number,
): void {
  const base = texts.length > 0 && texts.at(-1) === more[0] ? texts.length - 1 : texts.length;
  texts.push(...more.slice(base === texts.length ? 0 : 1));
  for (let index = 0; index < codes.length; index++) values[row + index] = (codes[index] as number) + base; // within the array
}

function pick(
  target: Float64Array | Int32Array,
  row: number,
  values: ArrayLike<number>,
  codes: Uint32Array,
): void {
  for (let index = 0; index < codes.length; index++) {
    target[row + index] = values[codes[index] as number] as number; // a code of these values
  }
}

/** The rows that are present, or all, get the values in order. */
function scatter<T>(
  target: { [row: number]: T },
  { row, rows }: Span,
  present: Uint8Array | undefined,
  valueAt: (index: number) => T,
): void {
  let index = 0;
  for (let at = 0; at < rows; at++) {
    if (present === undefined || present[at] === 1) target[row + at] = valueAt(index++);
  }
}
