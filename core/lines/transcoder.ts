import type { Encoding } from '../formats/text-format.ts';

/** Makes UTF-8 of the chunks of a stream in another encoding. Memory: a chunk. */
export class Transcoder {
  readonly #encoding: Encoding;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  readonly #strict = new TextDecoder('utf-8', { fatal: true });
  #isUtf8 = true;
  #isBeyondAscii = false;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#decoder = new TextDecoder(encoding);
  }

  /** @param chunk the next one; none at the end of the stream, for what was held of a character */
  take(chunk: Uint8Array | undefined): Buffer {
    if (chunk !== undefined && this.#isUtf8) {
      this.#isBeyondAscii ||= chunk.some((byte) => byte > 0x7f);
      try {
        this.#strict.decode(chunk, { stream: true });
      } catch {
        this.#isUtf8 = false;
      }
    }
    return Buffer.from(this.#decoder.decode(chunk, { stream: chunk !== undefined }));
  }

  /** What the bytes say against the encoding: text in western letters that is UTF-8 by chance is hardly ever seen. */
  get contradiction(): string | undefined {
    if (!this.#isUtf8 || !this.#isBeyondAscii || this.#encoding.startsWith('utf-16')) return undefined;
    return `its letters are written in UTF-8, not in ${this.#encoding} as the format of its dataset says, and would be read as others`;
  }
}

/** The encoding that a byte order mark at the start of a file tells, other than UTF-8. */
export function markedEncoding(start: Uint8Array): Encoding | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : undefined;
}
