import { createHash } from 'node:crypto';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { originOf } from '../../core/lines/segment-origin.ts';
import type { RejectedLine } from '../../handlers/ingest/validate-segment/rejects-file.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import { type RawLines, readRawLines } from './raw-lines.ts';

/** Lines that can be mended in one file and uploaded together. */
export interface MendableFile {
  readonly format: 'ndjson' | 'csv';
  /** Where the mended file goes, with the slash: `landing/`, or the folder that the lines came from. */
  readonly folder: string;
  /** Of a CSV file. */
  readonly header: string | undefined;
  readonly lines: { readonly text: string; readonly of: RejectedLine }[];
}

export interface Mendable {
  readonly files: readonly MendableFile[];
  /** What no edit of a line can mend: objects that are broken as a whole, lines that are too long. */
  readonly others: readonly RejectedLine[];
}

/** They are about an object, or about what no longer is there: there is no line to edit. */
const notLines: ReadonlySet<string> = new Set(['not-gzip', 'corrupt-gzip', 'empty-object', 'line-too-long']);

/**
 * Sorts rejected lines into files that can be edited and uploaded: lines of `raw/` name their dataset and go into one file;
 * lines of an upload go back to their folder; CSV rows come under the header of their file. Lines that the rejects file
 * has only the beginning of are read again from the raw object.
 * Memory: the lines.
 */
export async function mendable(
  segments: SegmentOpener,
  rejected: readonly RejectedLine[],
  datasets: readonly Dataset[],
): Promise<Mendable> {
  const files = new Map<string, MendableFile>();
  const others: RejectedLine[] = [];
  for (const [segment, lines] of bySegment(rejected)) {
    const origin = originOf({ key: segment.key }, datasets);
    const usable = origin.fault === undefined ? lines.filter(({ reason }) => !notLines.has(reason)) : [];
    others.push(...lines.filter((line) => !usable.includes(line)));
    if (usable.length === 0) continue;
    const isCsv = origin.format === 'csv';
    const cut = usable.filter(({ textTruncated }) => textTruncated);
    const raw: RawLines =
      isCsv || cut.length > 0
        ? await readRawLines(segments, segment, new Set(cut.map(({ line }) => line)))
        : { lines: new Map(), first: undefined };
    const header = isCsv ? raw.first?.text : undefined;
    const folder =
      origin.dataset === undefined ? 'landing/' : segment.key.slice(0, segment.key.lastIndexOf('/') + 1);
    const name = JSON.stringify([origin.format, folder, header]);
    const file = files.get(name) ?? { format: origin.format, folder, header, lines: [] };
    files.set(name, file);
    for (const of of usable) {
      if (isCsv && of.line === raw.first?.number) continue; // the header itself, which is written as such
      file.lines.push({ text: raw.lines.get(of.line) ?? of.text, of });
    }
  }
  return { files: [...files.values()], others };
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

/** Where a mended file is uploaded: by its content, so that a second upload of the same is a repeat and nothing else. */
export function mendedKey(folder: string, format: MendableFile['format'], bytes: Uint8Array): string {
  return `${folder}mended-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${format}`;
}
