import type { RejectReason } from '../../../core/dataset/reading.ts';
import type { ObjectLocation, ObjectRemover, Upload, UploadOpener } from '../../../ports/objects.ts';
import type { MeantLines } from '../../../ports/records.ts';

/** The most that core hands over of a line: UTF-16 code units, so at most 16 KiB of UTF-8. */
const shownCharacters = 4_096;

/** A rejected line with where it stands: one line of the rejects file, in these words. */
export interface RejectedLine {
  bucket: string;
  key: string;
  versionId: string;
  /** From 1. */
  line: number;
  reason: RejectReason;
  detail: string;
  text: string;
  /** The line has more than `text`. */
  textTruncated?: true;
}

/** The dataset that a rejected line is meant for, as far as it or its object's folder says; `undefined` where neither does. */
export function datasetMeant({ key, text }: Pick<RejectedLine, 'key' | 'text'>): string | undefined {
  const [folder, dataset, file] = key.split('/');
  if (folder === 'landing' && file !== undefined) return dataset;
  const named = /"dataset"\s*:\s*"([^"\\]*)"/.exec(text); // the line need not be JSON to the end
  return named?.[1];
}

/** As many datasets are counted one by one: what the lines name is anybody's text. */
const maxMeant = 32;

/**
 * The rejects of one segment, written as they come. Between two calls of {@link drain} it holds what one chunk of the
 * segment gave, whatever the number of rejects.
 */
export class RejectsFile {
  readonly #uploads: UploadOpener & ObjectRemover;
  readonly #location: ObjectLocation;
  #upload: Upload | undefined;
  #lines: string[] = [];
  readonly #meant = new Map<string | undefined, number>();

  constructor(uploads: UploadOpener & ObjectRemover, location: ObjectLocation) {
    this.#uploads = uploads;
    this.#location = location;
  }

  add(rejected: Omit<RejectedLine, 'textTruncated'>): void {
    const named = datasetMeant(rejected)?.slice(0, 63);
    const dataset = this.#meant.has(named) || this.#meant.size < maxMeant ? named : undefined;
    this.#meant.set(dataset, (this.#meant.get(dataset) ?? 0) + 1);
    const cut = rejected.text.length >= shownCharacters || rejected.reason === 'line-too-long';
    // A cut can part a surrogate pair; half of one has no UTF-8.
    const text = rejected.text.slice(0, shownCharacters).toWellFormed();
    this.#lines.push(JSON.stringify({ ...rejected, text, ...(cut ? { textTruncated: true } : {}) }));
  }

  /** The lines so far by the dataset that they are meant for. */
  get meant(): MeantLines[] {
    return Array.from(this.#meant, ([dataset, rejected]) => ({
      ...(dataset === undefined ? {} : { dataset: dataset.toWellFormed() }),
      rejected,
    }));
  }

  async drain(): Promise<void> {
    if (this.#lines.length === 0) return;
    this.#upload ??= this.#uploads.upload({ ...this.#location, contentType: 'application/x-ndjson' });
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    await this.#upload.write(Buffer.from(text));
  }

  /** The file's key; `undefined` when nothing was rejected, and then what an earlier run wrote is removed. */
  async close(): Promise<string | undefined> {
    await this.drain();
    if (this.#upload === undefined) {
      await this.#uploads.remove(this.#location);
      return undefined;
    }
    await this.#upload.complete();
    return this.#location.key;
  }

  /** Forgets the lines so far. */
  async discard(): Promise<void> {
    await this.abort();
    this.#upload = undefined;
    this.#lines = [];
    this.#meant.clear();
  }

  async abort(): Promise<void> {
    await this.#upload?.abort();
  }
}
