import type { Encoding } from '../formats/text-format.ts';
import { insteadOf, sniffedBytes, whatItIs } from '../lines/not-text.ts';
import { markedEncoding } from '../lines/transcoder.ts';
import { certain, type Finding, guessed } from './finding.ts';

/** The text that the start of a file is. */
export interface Decoded {
  /** Without a byte order mark. */
  readonly text: string;
  /** What a format has to say; `undefined` where a file shows it by itself. */
  readonly encoding: Encoding | undefined;
  readonly finding: Finding;
}

/** Decodes the start of a file, or says what it is instead of text. */
export function decodeStart(bytes: Buffer): Decoded | { readonly fault: string } {
  const marked = markedEncoding(bytes);
  if (marked !== undefined)
    return decoded(bytes, marked, undefined, certain('encoding', marked, 'the file begins with its mark'));
  const what = whatItIs(bytes.subarray(0, sniffedBytes));
  if (what === 'text in UTF-16') {
    const encoding = bytes[0] === 0 ? 'utf-16be' : 'utf-16le';
    const finding = certain('encoding', encoding, 'every other byte is 0');
    return decoded(bytes, encoding, encoding, finding);
  }
  if (what !== undefined) return { fault: `it is ${what}: ${insteadOf(what)}` };
  if (isUtf8Start(bytes)) {
    const reason = bytes.some((byte) => byte > 0x7f)
      ? 'its letters beyond ASCII are UTF-8'
      : 'it has no letters beyond ASCII';
    return decoded(bytes, 'utf-8', undefined, certain('encoding', 'utf-8', reason));
  }
  const western = new TextDecoder('windows-1252').decode(bytes);
  const isCyrillic = /[\u00c0-\u00ff]{4}/.test(western);
  const encoding = isCyrillic ? 'windows-1251' : 'windows-1252';
  const odd = new TextDecoder(encoding).decode(bytes.subarray(firstBeyondAscii(bytes)).subarray(0, 12));
  const reason = `it is not UTF-8, and in this encoding its first letter beyond ASCII reads ${JSON.stringify(odd)}`;
  return decoded(bytes, encoding, encoding, guessed('encoding', encoding, reason));
}

function decoded(bytes: Buffer, from: Encoding, encoding: Encoding | undefined, finding: Finding): Decoded {
  return { text: new TextDecoder(from).decode(bytes, { stream: true }), encoding, finding };
}

/** The last character may be cut. */
function isUtf8Start(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const firstBeyondAscii = (bytes: Buffer): number => bytes.findIndex((byte) => byte > 0x7f);
