import type { RejectReason } from '../../../core/dataset/reading.ts';
import type { Segment } from '../../../ports/keys.ts';
import type { ObjectLocation, ObjectRemover, Upload, UploadOpener } from '../../../ports/objects.ts';
import type { MeantLines } from '../../../ports/records.ts';
import {
  datasetNamed,
  datasetOfFolder,
  keptRejects,
  type RejectedLine,
} from '../../../ports/rejected-lines.ts';

/** The most that core hands over of a line: UTF-16 code units, so at most 16 KiB of UTF-8. */
const shownCharacters = 4_096;

/** As many datasets are counted one by one: what the lines name is anybody's text. */
const maxMeant = 32;

/**
 * The rejects of one segment, written as they come. Between two calls of {@link drain} it holds what one chunk of the
 * segment gave, which may be all that is kept: a chunk of gzip can be inflated to a thousand times its size.
 */
export class RejectsFile {
  readonly #uploads: UploadOpener & ObjectRemover;
  readonly #location: ObjectLocation;
  readonly #segment: Segment;
  /** The dataset that all lines are meant for, where the object's folder says it. */
  readonly #folder: string | undefined;
  #upload: Upload | undefined;
  #lines: string[] = [];
  readonly #meant = new Map<string | undefined, number>();
  #kept = 0;
  #keptCharacters = 0;
  /** Lines that were counted, and of which no more is kept. */
  withoutText = 0;

  /** @param segment whose lines are told of */
  constructor(uploads: UploadOpener & ObjectRemover, location: ObjectLocation, segment: Segment) {
    this.#uploads = uploads;
    this.#location = location;
    this.#segment = segment;
    this.#folder = datasetOfFolder(segment.key);
  }

  add(line: number, reason: RejectReason, detail: string, wholeText: string): void {
    const named = (this.#folder ?? datasetNamed(wholeText))?.slice(0, 63);
    const dataset = this.#meant.has(named) || this.#meant.size < maxMeant ? named : undefined;
    this.#meant.set(dataset, (this.#meant.get(dataset) ?? 0) + 1);
    if (this.#kept === keptRejects.lines || this.#keptCharacters >= keptRejects.characters) {
      this.withoutText++;
      return;
    }
    this.#kept++;
    this.#keptCharacters += wholeText.length + detail.length;
    const cut = wholeText.length >= shownCharacters || reason === 'line-too-long';
    // A cut can part a surrogate pair; half of one has no UTF-8.
    const text = wholeText.slice(0, shownCharacters).toWellFormed();
    const told: RejectedLine = { ...this.#segment, line, reason, detail, text };
    this.#lines.push(JSON.stringify(cut ? { ...told, textTruncated: true } : told));
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
    this.withoutText = 0;
  }

  async abort(): Promise<void> {
    await this.#upload?.abort();
  }
}
