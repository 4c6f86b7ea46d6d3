import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { batchLength, type PackedRecord } from '../../core/lines/packing.ts';
import {
  chunkBytes,
  decodeEntry,
  encodeEntryHeader,
  encodeSegmentHeader,
  type SegmentHeader,
  type SegmentScan,
  scanSegment,
  segmentHeaderBytes,
} from './spool-format.ts';

/** A record that was read back, with the segment that it is in. */
export interface SpooledRecord extends PackedRecord {
  readonly segment: SpoolSegment;
}

/** The file name of a segment; the numbers only grow, so names sort by age. */
const segmentName = (number: number): string => `${String(number).padStart(12, '0')}.spool`;

/**
 * One append-only file of the spool. It is written by one, read back by one, and deleted when all of its entries are
 * acknowledged; acknowledgements are not kept on disk, so a crash re-sends at most the segments that were not done.
 */
export class SpoolSegment {
  readonly path: string;
  readonly #file: FileHandle;
  /** Up to here the file holds whole entries. */
  bytes: number;
  #readBytes = segmentHeaderBytes;
  /** Entries that were not read back yet, and those that are not acknowledged. */
  #unread: number;
  #unsettled: number;
  /** Nothing more will be appended. */
  sealed = false;
  /** Behind some entry a checksum does not hold: the file is set aside, not deleted. */
  damaged = false;

  private constructor(path: string, file: FileHandle, scan: Pick<SegmentScan, 'validBytes' | 'entries'>) {
    this.path = path;
    this.#file = file;
    this.bytes = scan.validBytes;
    this.#unread = scan.entries;
    this.#unsettled = scan.entries;
  }

  /** Makes an empty one. Its name is on disk when this returns, if `sync` says so. */
  static async create(options: {
    directory: string;
    number: number;
    header: SegmentHeader;
    sync: boolean;
  }): Promise<SpoolSegment> {
    const path = join(options.directory, segmentName(options.number));
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC);
    try {
      await file.write(encodeSegmentHeader(options.header), 0, segmentHeaderBytes, 0);
      if (options.sync) {
        await file.datasync();
        await syncDirectory(options.directory);
      }
    } catch (error) {
      await file.close();
      await unlink(path).catch(() => {});
      throw error;
    }
    return new SpoolSegment(path, file, { validBytes: segmentHeaderBytes, entries: 0 });
  }

  /**
   * Opens one that an earlier process left.
   * @param newest what is behind the last whole entry is a write that was cut short, and it was confirmed to nobody as
   * safe: it is cut off. In an older file it is damage, and the file is kept.
   */
  static async recover(
    path: string,
    newest: boolean,
  ): Promise<{ segment: SpoolSegment; scan: SegmentScan; lostBytes: number }> {
    const file = await open(path, constants.O_RDWR);
    const scan = await scanSegment(file);
    const { size } = await file.stat();
    const segment = new SpoolSegment(path, file, scan);
    segment.sealed = true;
    segment.damaged = !newest && size > scan.validBytes;
    if (newest && size > scan.validBytes) await file.truncate(scan.validBytes);
    return { segment, scan, lostBytes: segment.damaged ? size - scan.validBytes : 0 };
  }

  /**
   * Appends records as one write. When it fails nothing of it counts: the next append writes over it.
   * @throws NodeJS.ErrnoException, as `ENOSPC`
   */
  async append(records: readonly { record: PackedRecord; position: number }[], sync: boolean): Promise<void> {
    const pieces = records.flatMap(({ record, position }) => [
      encodeEntryHeader(record, position),
      record.data,
    ]);
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    let { bytesWritten } = await this.#file.writev(pieces, this.bytes);
    // A disk that fills up takes a part and reports no error; writing the rest reports it.
    const rest = bytesWritten < size ? Buffer.concat(pieces) : undefined;
    while (rest !== undefined && bytesWritten < size) {
      bytesWritten += (await this.#file.write(rest, bytesWritten, null, this.bytes + bytesWritten))
        .bytesWritten;
    }
    if (sync) await this.#file.datasync();
    this.bytes += size;
    this.#unread += records.length;
    this.#unsettled += records.length;
  }

  /** Cuts off what a failed append left, to give its room back. */
  async trim(): Promise<void> {
    await this.#file.truncate(this.bytes);
  }

  get unread(): boolean {
    return this.#unread > 0;
  }

  /** Bytes that were not read back yet. */
  get unreadBytes(): number {
    return this.bytes - this.#readBytes;
  }

  /** All that it holds is acknowledged. */
  get settled(): boolean {
    return this.#unsettled === 0;
  }

  /** Counts an acknowledged entry. */
  settle(): void {
    this.#unsettled -= 1;
  }

  /** The next unread entries, at most one request's worth; none, and `damaged`, when the next checksum does not hold. */
  async read(): Promise<SpooledRecord[]> {
    const chunk = Buffer.alloc(Math.min(chunkBytes, this.bytes - this.#readBytes));
    const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, this.#readBytes);
    const found: SpooledRecord[] = [];
    const sizes: number[] = [];
    for (let offset = 0; offset < bytesRead; ) {
      const entry = decodeEntry(chunk.subarray(0, bytesRead), offset);
      if (entry === undefined) break;
      found.push({ data: entry.data, lines: entry.lines, segment: this });
      sizes.push(entry.size);
      offset += entry.size;
    }
    const taken = batchLength(found);
    for (const size of sizes.slice(0, taken)) this.#readBytes += size;
    this.#unread -= taken;
    if (taken === 0) {
      this.damaged = true;
      this.#unsettled -= this.#unread;
      this.#unread = 0;
    }
    return found.slice(0, taken);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Closes it and deletes it, or sets it aside as `*.damaged` for a person to look at. */
  async remove(): Promise<void> {
    await this.close();
    await (this.damaged ? rename(this.path, `${this.path}.damaged`) : unlink(this.path));
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory; its file system keeps names in a journal of its own.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}
