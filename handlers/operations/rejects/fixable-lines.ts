import { createHash } from 'node:crypto';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { originOf } from '../../../core/lines/segment-origin.ts';
import type { SegmentOpener } from '../../../ports/objects.ts';
import type { RejectedLine } from '../../../ports/rejected-lines.ts';
import { readRawLines } from './raw-lines.ts';

/** Lines that can be fixed in one file and uploaded together. */
export interface FixableFile {
  readonly format: 'ndjson' | 'csv';
  /** Where the fixed file goes, with the slash: `landing/`, or the folder that the lines came from. */
  readonly folder: string;
  /** Of a CSV file. Bytes throughout: in an encoding that is not UTF-8, or broken as they are, they are what is to be fixed. */
  readonly header: Buffer | undefined;
  readonly lines: { readonly bytes: Buffer; readonly of: RejectedLine }[];
}

export interface FixableLines {
  readonly files: readonly FixableFile[];
  /** What is not fixed line by line: objects that are broken as a whole, lines that are too long, files that are more than header and rows. */
  readonly others: readonly RejectedLine[];
}

const newline = Buffer.from('\n');

/** What a row in another file would be without, or with too much of. */
const notPlain = ['skipLines', 'skipRows', 'header', 'widths', 'long', 'fill', 'multiline'] as const;

/**
 * Whether rows of a file can stand under its header in a file of their own, whose name the same format takes: not those of a reading that
 * several make up, of which a part would replace the whole. Others are put right as a whole, and uploaded again.
 */
function isPlain(key: string, datasets: readonly Dataset[]): boolean {
  const { table } = originOf({ key }, datasets);
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  return (
    table === originOf({ key: fixedKey(folder, 'csv', newline) }, datasets).table &&
    !table?.encoding?.startsWith('utf-16') &&
    notPlain.every((each) => table?.[each] === undefined)
  );
}

/** They are about an object, or about what no longer is there: there is no line to edit. */
const notLines: ReadonlySet<string> = new Set(['not-gzip', 'corrupt-gzip', 'empty-object', 'line-too-long']);

/**
 * Sorts rejected lines into files that can be edited and uploaded: lines of `raw/` name their dataset and go into one file;
 * lines of an upload go back to their folder; CSV rows come under the header of their file. The lines are read again from the raw
 * objects: the rejects file has their text, and that of at most 4,096 characters.
 * Memory: the lines.
 */
export async function fixableLines(
  segments: SegmentOpener,
  rejected: readonly RejectedLine[],
  datasets: readonly Dataset[],
): Promise<FixableLines> {
  const files = new Map<string, FixableFile>();
  const others: RejectedLine[] = [];
  for (const [segment, lines] of bySegment(rejected)) {
    const origin = originOf({ key: segment.key }, datasets);
    const isFixable =
      origin.fault === undefined && (origin.table === undefined || isPlain(segment.key, datasets));
    // A record of a document can't stand in a file by itself.
    const { format } = origin;
    const usable = isFixable && format !== 'json' ? lines.filter(({ reason }) => !notLines.has(reason)) : [];
    others.push(...lines.filter((line) => !usable.includes(line)));
    if (usable.length === 0 || format === 'json') continue;
    const raw = await readRawLines(segments, segment, new Set(usable.map(({ line }) => line)));
    const header = format === 'csv' ? raw.first : undefined;
    const folder =
      origin.dataset === undefined ? 'landing/' : segment.key.slice(0, segment.key.lastIndexOf('/') + 1);
    const name = JSON.stringify([format, folder, header?.bytes.toString('hex')]);
    const file = files.get(name) ?? { format, folder, header: header?.bytes, lines: [] };
    files.set(name, file);
    const whole = new Set<number>();
    for (const of of usable) {
      if (of.line === header?.number) continue; // the header itself, which is written as such
      if (whole.has(of.line)) continue; // it holds several values, and was taken whole
      const bytes = bytesOf(of, raw.lines.get(of.line));
      if (bytes === raw.lines.get(of.line)) whole.add(of.line);
      file.lines.push({ bytes, of });
    }
  }
  return { files: [...files.values()], others };
}

/**
 * The bytes of what was rejected: its line, or of a line that holds several values that one of them, where its text tells which.
 * @param line as it is in the raw object; undefined for one of more than 1 MiB, of which only the text is known
 */
function bytesOf({ text, textTruncated }: RejectedLine, line: Buffer | undefined): Buffer {
  if (line === undefined) return Buffer.from(text);
  if (textTruncated || line.toString().toWellFormed() === text) return line;
  const value = Buffer.from(text);
  const start = line.indexOf(value);
  return start === -1 ? line : line.subarray(start, start + value.length);
}

function bySegment(rejected: readonly RejectedLine[]) {
  const found = new Map<
    string,
    [segment: Pick<RejectedLine, 'bucket' | 'key' | 'versionId'>, RejectedLine[]]
  >();
  for (const line of rejected) {
    const { bucket, key, versionId } = line;
    const name = `${key}\n${versionId}`;
    const known = found.get(name);
    if (known === undefined) found.set(name, [{ bucket, key, versionId }, [line]]);
    else known[1].push(line);
  }
  return found.values();
}

/** Where a fixed file is uploaded: by its content, so that a second upload of the same is a repeat and nothing else. */
export function fixedKey(folder: string, format: FixableFile['format'], bytes: Uint8Array): string {
  return `${folder}fixed-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${format}`;
}

/** The bytes of a file to be fixed, as it is written: its header, then a line for each of its lines. */
export const bytesOfFixable = ({ header, lines }: FixableFile): Buffer =>
  Buffer.concat(
    [...(header === undefined ? [] : [header]), ...lines.map(({ bytes }) => bytes)].flatMap((bytes) => [
      bytes,
      newline,
    ]),
  );
