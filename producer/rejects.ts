import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { RejectReason } from '../core/dataset/reading.ts';

/** A reading that is not sent. */
export interface Reject {
  readonly where: string;
  readonly reason: RejectReason | 'too-large';
  readonly detail: string;
  /** The line, or its first 4,096 characters. */
  readonly text: string;
}

/** Counts what is not sent, and names each in a file of NDJSON when there is one. */
export class Rejects {
  readonly byReason: Partial<Record<Reject['reason'], number>> = {};
  readonly #file: WriteStream | undefined;
  #error: Error | undefined;

  constructor(path: string | undefined) {
    this.#file = path === undefined ? undefined : createWriteStream(path);
    this.#file?.on('error', (error) => {
      this.#error = error;
    });
  }

  /** @returns a promise to wait for while the file is slower than the rejects. @throws what writing the file threw */
  add(reject: Reject): Promise<void> | undefined {
    this.byReason[reject.reason] = (this.byReason[reject.reason] ?? 0) + 1;
    if (this.#error !== undefined) throw this.#error;
    const file = this.#file;
    if (file === undefined || file.write(`${JSON.stringify(reject)}\n`)) return undefined;
    return new Promise((resolve, reject) => {
      file.once('drain', resolve);
      file.once('error', reject);
    });
  }

  async close(): Promise<void> {
    if (this.#file === undefined) return;
    if (this.#error !== undefined) throw this.#error;
    this.#file.end();
    await finished(this.#file);
  }
}
