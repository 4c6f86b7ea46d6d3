import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { PackedRecord } from '../../core/lines/packing.ts';

/**
 * A segment file: a header, then entries. All numbers are little-endian.
 *
 * | header (32 B)                 | entry (20 B + payload)                       |
 * |-------------------------------|----------------------------------------------|
 * | `CAUDALS1`                    | CRC-32 of the rest of the entry (u32)        |
 * | run: 8 bytes                  | payload bytes (u32), lines (u32)             |
 * | position (f64)                | position (f64): source lines up to here      |
 * | CRC-32 of these 24 B, 4 zeros | payload: NDJSON lines                        |
 */
const magic = Buffer.from('CAUDALS1');
export const segmentHeaderBytes = 32;
const entryHeaderBytes = 20;

/** How far a run's source has been spooled, as the segment's start says it. */
export interface SegmentHeader {
  /** 16 hex digits that tell one run from another. */
  readonly run: string;
  readonly position: number;
}

/** One record as it is kept. */
export interface SpoolEntry extends PackedRecord {
  readonly position: number;
  /** Bytes in the file, header included. */
  readonly size: number;
}

export function encodeSegmentHeader({ run, position }: SegmentHeader): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes);
  magic.copy(header);
  header.write(run, 8, 8, 'hex');
  header.writeDoubleLE(position, 16);
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
  return header;
}

/** @returns `undefined` when it is not a whole, undamaged header. */
function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < segmentHeaderBytes || !bytes.subarray(0, 8).equals(magic)) return undefined;
  if (bytes.readUInt32LE(24) !== crc32(bytes.subarray(0, 24))) return undefined;
  return { run: bytes.toString('hex', 8, 16), position: bytes.readDoubleLE(16) };
}

/** The entry's header; the payload follows it as it is, so it is written without a copy. */
export function encodeEntryHeader(record: PackedRecord, position: number): Buffer {
  const header = Buffer.alloc(entryHeaderBytes);
  header.writeUInt32LE(record.data.length, 4);
  header.writeUInt32LE(record.lines, 8);
  header.writeDoubleLE(position, 12);
  header.writeUInt32LE(crc32(record.data, crc32(header.subarray(4))), 0);
  return header;
}

/** @returns the entry at `offset`, or `undefined` when it is cut off or its checksum does not hold. */
export function decodeEntry(bytes: Buffer, offset: number): SpoolEntry | undefined {
  const start = offset + entryHeaderBytes;
  if (start > bytes.length) return undefined;
  const end = start + bytes.readUInt32LE(offset + 4);
  if (end > bytes.length || crc32(bytes.subarray(offset + 4, end)) !== bytes.readUInt32LE(offset))
    return undefined;
  return {
    // A view: the records of one chunk leave in one request, so they do not keep more than they are.
    data: new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + start, end - start),
    lines: bytes.readUInt32LE(offset + 8),
    position: bytes.readDoubleLE(offset + 12),
    size: end - offset,
  };
}

/** What a segment holds, found by reading it through. */
export interface SegmentScan {
  readonly header: SegmentHeader | undefined;
  /** Where the last whole entry ends: what is behind it was never confirmed to anyone. */
  readonly validBytes: number;
  readonly entries: number;
  readonly lines: number;
  /** Of the last entry, or of the header. */
  readonly position: number;
}

/** Largest piece that is read at once; every entry fits (1,000 KiB and its header). */
export const chunkBytes = 1024 * 1024;

/** Reads a segment through, checking every entry, up to the first that is cut off or damaged. */
export async function scanSegment(file: FileHandle): Promise<SegmentScan> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(chunkBytes);
  const { bytesRead } = await file.read(chunk, 0, segmentHeaderBytes, 0);
  const header = decodeSegmentHeader(chunk.subarray(0, bytesRead));
  const scan = {
    header,
    validBytes: segmentHeaderBytes,
    entries: 0,
    lines: 0,
    position: header?.position ?? 0,
  };
  if (header === undefined) return { ...scan, validBytes: 0 };
  while (scan.validBytes < size) {
    const read = await file.read(chunk, 0, chunk.length, scan.validBytes);
    let offset = 0;
    for (;;) {
      const entry = decodeEntry(chunk.subarray(0, read.bytesRead), offset);
      if (entry === undefined) break;
      offset += entry.size;
      scan.entries += 1;
      scan.lines += entry.lines;
      scan.position = entry.position;
    }
    if (offset === 0) break;
    scan.validBytes += offset;
  }
  return scan;
}
