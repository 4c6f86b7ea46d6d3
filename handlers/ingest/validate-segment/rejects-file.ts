import type { RejectReason } from '../../../core/dataset/reading.ts';
import type { ObjectLocation, ObjectRemover, Upload, UploadOpener } from '../../../ports/objects.ts';

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

/**
 * The rejects of one segment, written as they come. Between two calls of {@link drain} it holds what one chunk of the
 * segment gave, whatever the number of rejects.
 */
export class RejectsFile {
  readonly #uploads: UploadOpener & ObjectRemover;
  readonly #location: ObjectLocation;
  #upload: Upload | undefined;
  #lines: string[] = [];

  constructor(uploads: UploadOpener & ObjectRemover, location: ObjectLocation) {
    this.#uploads = uploads;
    this.#location = location;
  }

  add(rejected: Omit<RejectedLine, 'textTruncated'>): void {
    const cut = rejected.text.length >= shownCharacters || rejected.reason === 'line-too-long';
    // A cut can part a surrogate pair; half of one has no UTF-8.
    const text = rejected.text.slice(0, shownCharacters).toWellFormed();
    this.#lines.push(JSON.stringify({ ...rejected, text, ...(cut ? { textTruncated: true } : {}) }));
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

  async abort(): Promise<void> {
    await this.#upload?.abort();
  }
}
