import {
  appendFileSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

const newline = 0x0a;

/**
 * An append-only file of JSON lines. `append` returns when the kernel has the bytes: what was appended survives a
 * kill -9 of this process (not a power cut: there is no fsync). A line torn by a kill is cut off at the next start.
 */
export class Journal<Entry> {
  readonly #path: string;
  #descriptor: number | undefined;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The entries so far, in order. To be called once, before the first append. */
  load(): Entry[] {
    mkdirSync(dirname(this.#path), { recursive: true });
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return [];
    }
    const whole = bytes.lastIndexOf(newline) + 1;
    if (whole < bytes.length) truncateSync(this.#path, whole);
    const entries: Entry[] = [];
    for (let start = 0; start < whole; ) {
      const end = bytes.indexOf(newline, start);
      entries.push(JSON.parse(bytes.toString('utf8', start, end)) as Entry);
      start = end + 1;
    }
    this.#lines = entries.length;
    return entries;
  }

  /** Entries appended since the file was last rewritten, those loaded included. */
  get lines(): number {
    return this.#lines;
  }

  append(...entries: Entry[]): void {
    this.#descriptor ??= openSync(this.#path, 'a');
    const { size } = fstatSync(this.#descriptor);
    try {
      appendFileSync(this.#descriptor, lines(entries));
    } catch (error) {
      // A full disk: half a line in the middle of the file would make all of it unreadable.
      ftruncateSync(this.#descriptor, size);
      throw error;
    }
    this.#lines += entries.length;
  }

  /** Replaces the whole file, atomically. */
  rewrite(entries: Entry[]): void {
    this.close();
    const draft = `${this.#path}.draft`;
    writeFileSync(draft, lines(entries));
    renameSync(draft, this.#path);
    this.#lines = entries.length;
  }

  /** Rewrites when less than half of a long file is still of use. */
  compact(live: number, entries: () => Entry[]): void {
    if (this.#lines > 2000 && this.#lines > live * 2) this.rewrite(entries());
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function lines(entries: unknown[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
