import { createHash } from 'node:crypto';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { landingKey } from '../../../core/lines/segment-origin.ts';
import { localDay } from '../../../core/time/calendar.ts';
import type { DaySpan } from '../../../core/time/day-span.ts';
import type { Segment } from '../../../ports/keys.ts';
import type { UploadOpener } from '../../../ports/objects.ts';
import { changesOfFile, changesOfSeries, type DatasetChanges, lineOf } from './changes.ts';
import { type FilePorts, ownFileName, readFile } from './file-readings.ts';

/** What is to be withdrawn, or brought back. */
export type Withdrawal = {
  /** What was withdrawn comes back. */
  readonly undo: boolean;
} & (
  | {
      readonly kind: 'series';
      readonly dataset: Dataset;
      readonly sensorId: string;
      /** One reading, UTC ms, or the readings of a span of local days. */
      readonly of: { readonly atMs: number } | DaySpan;
    }
  | {
      readonly kind: 'file';
      readonly key: string;
      /** Only what the file's newest version no longer holds. */
      readonly vanished: boolean;
    }
);

/**
 * What has to be said of which readings, of the sets as they are now.
 * @param options.uploadedMs at which the lines will say that they were uploaded
 * @param options.most readings that it may be about; without it as many as there are
 * @param options.tell what is being done, again and again while a file is read
 * @throws {NothingOfFile}
 * @throws {TooManyReadings}
 */
export async function changesOf(
  ports: FilePorts,
  datasets: readonly Dataset[],
  withdrawal: Withdrawal,
  { uploadedMs, most, tell }: { uploadedMs: number; most?: number; tell: (text: string) => void },
): Promise<DatasetChanges[]> {
  const { undo } = withdrawal;
  if (withdrawal.kind === 'series') {
    const { dataset, sensorId, of } = withdrawal;
    const times = 'atMs' in of ? { ...dayOf(dataset, of.atMs), atMs: of.atMs } : { span: of };
    return [await changesOfSeries(ports, { dataset, sensorId, undo, uploadedMs, most, ...times })];
  }
  const { key, vanished } = withdrawal;
  const files = await readFile(ports, { key, vanished, datasets, most, tell });
  return await Promise.all(files.map((file) => changesOfFile(ports, file, { undo, uploadedMs, most })));
}

function dayOf({ timeZone }: Dataset, atMs: number): { span: DaySpan } {
  const day = localDay(timeZone, atMs);
  return { span: { from: day, to: day } };
}

/** What is left as it is, and what other rules took, in sums. */
export function leftOf(changes: readonly DatasetChanges[]) {
  const sum = (of: (each: DatasetChanges) => number) => changes.reduce((total, each) => total + of(each), 0);
  return {
    unchanged: sum(({ unchanged }) => unchanged),
    heldByOthers: sum(({ held = 0 }) => held),
    ofOlderRules: sum(({ older }) => older?.changes ?? 0),
    doubtful: Object.fromEntries(changes.flatMap(({ older }) => [...(older?.doubtful ?? [])])),
    untold: sum(({ older }) => older?.untold ?? 0),
  };
}

/** A file of lines that make the changes of one dataset. */
export interface ChangesFile {
  readonly dataset: Dataset;
  readonly key: string;
  /** Its lines, in pieces: all of them as one text may be longer than a text can be. */
  readonly pieces: readonly Buffer[];
}

/** Lines of one piece. */
const linesPerPiece = 50_000;

/** A file a dataset. Its name follows from its lines: uploading it again overwrites it. */
export function filesOf(all: readonly DatasetChanges[], uploadedMs: number): ChangesFile[] {
  return all
    .filter(({ changes }) => changes.length > 0)
    .map(({ dataset, changes }) => {
      const pieces: Buffer[] = [];
      const digest = createHash('sha256');
      for (let at = 0; at < changes.length; at += linesPerPiece) {
        const some = changes.slice(at, at + linesPerPiece);
        const piece = Buffer.from(some.map((change) => `${lineOf(dataset, change, uploadedMs)}\n`).join(''));
        digest.update(piece);
        pieces.push(piece);
      }
      const key = landingKey({ dataset, sensorId: undefined, file: ownFileName(digest.digest('hex')) });
      return { dataset, key, pieces };
    });
}

/** Uploads the files, which starts their ingestion. */
export async function uploadFiles(
  { uploads, rawBucket: bucket }: { uploads: UploadOpener; rawBucket: string },
  files: readonly ChangesFile[],
  uploadedMs: number,
): Promise<Segment[]> {
  const uploaded: Segment[] = [];
  for (const { key, pieces } of files) {
    const upload = uploads.upload({
      ...{ bucket, key, contentType: 'application/x-ndjson' },
      metadata: { 'uploaded-at': new Date(uploadedMs).toISOString() },
    });
    for (const piece of pieces) await upload.write(piece);
    uploaded.push({ bucket, key, versionId: await upload.complete() });
  }
  return uploaded;
}
