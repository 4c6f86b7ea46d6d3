import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { RejectReason } from '../../../core/dataset/reading.ts';
import type { Segment } from '../../../ports/keys.ts';
import type { SegmentOpener } from '../../../ports/objects.ts';
import type { LedgerEntry } from '../../../ports/queries.ts';
import type { RejectedLine } from '../../../ports/rejected-lines.ts';
import { newestVersion } from '../raw-objects.ts';
import type { RejectsPorts } from '../rejected-lines.ts';
import { bytesOfFixable, type FixableFile, fixableLines } from './fixable-lines.ts';

/** One version of a raw object with what is known of it. */
export interface KnownObject {
  readonly segment: Segment;
  readonly entry: LedgerEntry;
}

/** @param object without a version the newest one @returns `undefined` where there is none, or it is not validated yet */
export async function knownObject(
  { lister, ledgers, rawBucket: bucket }: Pick<RejectsPorts, 'lister' | 'ledgers' | 'rawBucket'>,
  { key, version }: { key: string; version: string | undefined },
): Promise<KnownObject | undefined> {
  const versionId = version ?? (await newestVersion(lister, bucket, key));
  if (versionId === undefined) return undefined;
  const segment = { bucket, key, versionId };
  const [entry] = await ledgers.ledgers([segment]);
  return entry === undefined || entry.state === 'Failed' ? undefined : { segment, entry };
}

/**
 * The rejected lines of an object whose text is kept, in their order.
 * @param page.skip so many of those that are asked for come before
 */
export async function linesOf(
  { lines }: Pick<RejectsPorts, 'lines'>,
  { entry: { rejectsKey } }: KnownObject,
  { reason, skip, limit }: { reason: RejectReason | undefined; skip: number; limit: number },
): Promise<{ readonly lines: readonly RejectedLine[]; readonly more: boolean }> {
  const found: RejectedLine[] = [];
  let passed = 0;
  if (rejectsKey !== undefined)
    for await (const line of lines(rejectsKey)) {
      if (reason !== undefined && line.reason !== reason) continue;
      if (passed++ < skip) continue;
      if (found.length === limit) return { lines: found, more: true };
      found.push(line);
    }
  return { lines: found, more: false };
}

/** Lines that can be mended as one file. */
export interface MendableFile extends Pick<FixableFile, 'format' | 'folder'> {
  /** As it is to be edited: UTF-8, or `undefined` where its bytes are none. */
  readonly text: string | undefined;
  readonly bytes: Buffer;
  /** By the line of this file, from 1. */
  readonly lines: readonly { readonly line: number; readonly of: RejectedLine }[];
}

/** Rejected lines that are mended at once. */
const maxLines = 1_000;
const maxBytes = 1_048_576;

/**
 * The first rejected lines of an object byte for byte, as files to be mended and uploaded again; and those that an edit of a line would not mend.
 * `more`: the object has more of them, which are asked for when these are mended.
 */
export async function mendableFiles(
  ports: Pick<RejectsPorts, 'lines'> & { segments: SegmentOpener; datasets: readonly Dataset[] },
  object: KnownObject,
  reason: RejectReason | undefined,
): Promise<{ files: readonly MendableFile[]; others: readonly RejectedLine[]; more: boolean }> {
  const { lines, more } = await linesOf(ports, object, { reason, skip: 0, limit: maxLines });
  const { files, others } = await fixableLines(ports.segments, lines, ports.datasets);
  let left = maxBytes;
  let isCut = false;
  const mendable = files.map((file): MendableFile => {
    const kept = file.lines.filter(({ bytes }) => {
      left -= bytes.length + 1;
      return left >= 0;
    });
    isCut ||= kept.length < file.lines.length;
    const bytes = bytesOfFixable({ ...file, lines: kept });
    const first = file.header === undefined ? 1 : 2;
    return {
      ...{ format: file.format, folder: file.folder, bytes, text: utf8Of(bytes) },
      lines: kept.map(({ of }, index) => ({ line: first + index, of })),
    };
  });
  return { files: mendable.filter((file) => file.lines.length > 0), others, more: more || isCut };
}

function utf8Of(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
