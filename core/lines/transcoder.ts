import { isUtf8 } from 'node:buffer';
import type { Encoding } from '../formats/text-format.ts';
import { show, shownAsWestern } from './rejection.ts';

/** Units of UTF-16 in a row of which both bytes are letters by themselves: in text of any language hardly ever so many. */
const mostByChance = 12;

/** Makes UTF-8 of the chunks of a stream in another encoding. Memory: a chunk. */
export class Transcoder {
  readonly encoding: Encoding;
  readonly #isWide: boolean;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  readonly #strict = new TextDecoder('utf-8', { fatal: true });
  #isUtf8 = true;
  #isBeyondAscii = false;
  /** Of UTF-16: bytes in a row that are letters by themselves. */
  #narrow = 0;
  #mostNarrow = 0;

  constructor(encoding: Encoding) {
    this.encoding = encoding;
    this.#isWide = encoding.startsWith('utf-16');
    this.#decoder = new TextDecoder(encoding);
  }

  /** @param chunk the next one; none at the end of the stream, for what was held of a character */
  take(chunk: Uint8Array | undefined): Buffer {
    if (chunk !== undefined && this.#isWide) this.#watchWide(chunk);
    else if (chunk !== undefined && this.#isUtf8) this.#watchNarrow(chunk);
    return Buffer.from(this.#decoder.decode(chunk, { stream: chunk !== undefined }));
  }

  #watchNarrow(chunk: Uint8Array): void {
    this.#isBeyondAscii ||= chunk.some((byte) => byte > 0x7f);
    try {
      this.#strict.decode(chunk, { stream: true });
    } catch {
      this.#isUtf8 = false;
    }
  }

  #watchWide(chunk: Uint8Array): void {
    for (const byte of chunk) {
      const isLetter = (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09;
      this.#narrow = isLetter ? this.#narrow + 1 : 0;
      if (this.#narrow > this.#mostNarrow) this.#mostNarrow = this.#narrow;
    }
  }

  /** What the bytes say against the encoding. */
  get contradiction(): string | undefined {
    if (this.#isWide)
      return this.#mostNarrow < 2 * mostByChance
        ? undefined
        : 'a part of it is in UTF-16 and a part is not, as where files were put one behind another';
    // Text in western letters is hardly ever UTF-8 by chance.
    if (!this.#isUtf8 || !this.#isBeyondAscii) return undefined;
    return `its letters are written in UTF-8, not in ${this.encoding} as the format of its dataset says, and would be read as others`;
  }
}

/** The encoding that a byte order mark at the start of a file tells, other than UTF-8, and UTF-32, which TextDecoder does not read. */
export function markedEncoding(start: Uint8Array): Encoding | undefined {
  if (start[0] === 0xff && start[1] === 0xfe && start[2] === 0 && start[3] === 0) return undefined;
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : undefined;
}

/**
 * Which bytes of a line are no characters, in words. A replacement character tells of malformed bytes, or is there as itself: of UTF-8 the
 * bytes tell the two apart, of other encodings nothing does any more.
 */
export function malformed(
  text: string,
  bytes: Uint8Array,
  transcoder: Transcoder | undefined,
): string | undefined {
  if (!text.includes('\ufffd')) return undefined;
  if (transcoder !== undefined) return `what is no character of ${transcoder.encoding}: ${show(text)}`;
  return isUtf8(bytes)
    ? undefined
    : `bytes that are not UTF-8; in Windows-1252 it is ${shownAsWestern(bytes)}`;
}
