/**
 * Packing of NDJSON lines into Firehose records. Firehose bills each record rounded up to 5 KiB, so a reading of
 * 130 B sent alone costs forty times its size. Limits: PutRecordBatch, AWS API reference; sizes are before base64.
 */

/** The unit that a record's size is rounded up to on the bill, in bytes. */
export const billingUnitBytes = 5 * 1024;
/** The largest record that the API takes, in bytes. */
export const maxRecordBytes = 1_000 * 1024;
/** The most records in one PutRecordBatch. */
const maxBatchRecords = 500;
/** The most bytes of record data in one PutRecordBatch. */
export const maxBatchBytes = 4 * 1024 * 1024;
/** Target size of a record. 100 KiB wastes half a line in 100 KiB and keeps the resend of one failed entry small. */
const defaultRecordKib = 100;

/** Whole lines, each ending in a newline, at most `maxRecordBytes`. */
export interface PackedRecord {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly lines: number;
}

/** What a record of this many bytes costs, in bytes: the next multiple of 5 KiB. */
export const billedBytes = (recordBytes: number): number =>
  Math.ceil(recordBytes / billingUnitBytes) * billingUnitBytes;

/** Buffers that a packer keeps for later records. */
const maxSpares = 64;

const encoder = new TextEncoder();
const newline = 0x0a;

/** Collects lines into records, in order. It has no clock: the caller decides when lines have waited long enough. */
export class RecordPacker {
  readonly #targetBytes: number;
  readonly #buffer = new Uint8Array(maxRecordBytes);
  #bytes = 0;
  #lines = 0;
  /** The last line end at or under a multiple of 5 KiB: where a record can end with the least waste. */
  #cutBytes = 0;
  #cutLines = 0;
  readonly #spares: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param options.recordKib size that records grow to, 5 to 1,000 KiB, taken down to a multiple of 5; a longer line
   * makes a record of its own
   */
  constructor({ recordKib = defaultRecordKib }: { recordKib?: number } = {}) {
    if (!(recordKib >= 5 && recordKib <= 1_000)) throw new RangeError('recordKib must be from 5 to 1000');
    this.#targetBytes = Math.floor((recordKib * 1024) / billingUnitBytes) * billingUnitBytes;
  }

  /** Lines that wait for their record to fill. */
  get lines(): number {
    return this.#lines;
  }

  /** Their bytes, newlines included. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes one line.
   * @param line without its newline, and without one inside
   * @returns the record that was full before this line, if any, or `too-large` when the line and its newline are over
   * 1,000 KiB: then it was not taken
   */
  add(line: string): PackedRecord | 'too-large' | undefined {
    let full: PackedRecord | undefined;
    let end = this.#write(line);
    if (end === undefined || (end > this.#targetBytes && this.#lines > 0)) {
      // A UTF-16 unit takes at most three bytes: only a line that long can be too large.
      if (line.length * 3 >= maxRecordBytes && encoder.encode(line).length >= maxRecordBytes)
        return 'too-large';
      full = this.flush();
      end = this.#write(line) as number;
    }
    if (end > billedBytes(this.#bytes)) {
      this.#cutBytes = this.#bytes;
      this.#cutLines = this.#lines;
    }
    this.#bytes = end;
    this.#lines += 1;
    return full;
  }

  /**
   * The waiting lines up to the last multiple of 5 KiB, or all when there is less: what to send when the oldest line
   * has waited long enough. The rest, which is younger, waits on instead of being billed for a unit it does not fill.
   */
  cut(): PackedRecord | undefined {
    const apart = billedBytes(this.#cutBytes) + billedBytes(this.#bytes - this.#cutBytes);
    const worthwhile = this.#cutBytes > 0 && apart <= billedBytes(this.#bytes);
    return this.#take(worthwhile ? this.#cutBytes : this.#bytes, worthwhile ? this.#cutLines : this.#lines);
  }

  /** All waiting lines; `undefined` when there are none. */
  flush(): PackedRecord | undefined {
    return this.#take(this.#bytes, this.#lines);
  }

  /** Takes a record's memory back for a later one: nobody may read it any more. Saves 160 MiB of garbage a million readings. */
  recycle(record: PackedRecord): void {
    const { buffer } = record.data;
    const fits = buffer.byteLength === this.#targetBytes && this.#spares.length < maxSpares;
    if (fits) this.#spares.push(new Uint8Array(buffer));
  }

  /** Writes behind the waiting bytes. @returns where the line ends, `undefined` when the buffer cannot hold it. */
  #write(line: string): number | undefined {
    const { read, written } = encoder.encodeInto(line, this.#buffer.subarray(this.#bytes));
    const end = this.#bytes + written;
    if (read < line.length || end >= this.#buffer.length) return undefined;
    this.#buffer[end] = newline;
    return end + 1;
  }

  #take(bytes: number, lines: number): PackedRecord | undefined {
    if (lines === 0) return undefined;
    // Mostly full records are worth a spare buffer: a small one would keep far more memory than it needs.
    const pooled = bytes > this.#targetBytes / 2 && bytes <= this.#targetBytes;
    const memory = pooled ? (this.#spares.pop() ?? new Uint8Array(this.#targetBytes)) : new Uint8Array(bytes);
    const data = memory.subarray(0, bytes);
    data.set(this.#buffer.subarray(0, bytes));
    this.#buffer.copyWithin(0, bytes, this.#bytes);
    this.#bytes -= bytes;
    this.#lines -= lines;
    this.#cutBytes = 0;
    this.#cutLines = 0;
    return { data, lines };
  }
}

/**
 * How many records from `start` on go into one PutRecordBatch: at most 500, and 4 MiB or `maxBytes`.
 * @param maxBytes 1,000 KiB to 4 MiB
 */
export function batchLength(records: readonly PackedRecord[], start = 0, maxBytes = maxBatchBytes): number {
  let bytes = 0;
  let end = start;
  while (end < records.length && end - start < maxBatchRecords) {
    bytes += records[end]?.data.length ?? 0;
    if (bytes > maxBytes) break;
    end += 1;
  }
  return end - start;
}

/** Records in the batches that they are sent in, and the lines that no record can hold. */
export interface PackedLines {
  readonly batches: readonly (readonly PackedRecord[])[];
  /** Positions in the input, from 0, of lines over 1,000 KiB. */
  readonly tooLarge: readonly number[];
}

/** Packs lines that are all at hand. @throws RangeError when `recordKib` is outside 5 to 1,000. */
export function packLines(lines: Iterable<string>, options: { recordKib?: number } = {}): PackedLines {
  const packer = new RecordPacker(options);
  const records: PackedRecord[] = [];
  const tooLarge: number[] = [];
  let index = 0;
  for (const line of lines) {
    const packed = packer.add(line);
    if (packed === 'too-large') tooLarge.push(index);
    else if (packed !== undefined) records.push(packed);
    index += 1;
  }
  const last = packer.flush();
  if (last !== undefined) records.push(last);
  const batches: PackedRecord[][] = [];
  for (let start = 0; start < records.length; ) {
    const length = batchLength(records, start);
    batches.push(records.slice(start, start + length));
    start += length;
  }
  return { batches, tooLarge };
}
