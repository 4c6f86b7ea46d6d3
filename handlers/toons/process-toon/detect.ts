import { fileTypeFromBuffer } from 'file-type';
import type { ToonType } from '../../../core/toons/toon.ts';

/** What the bytes say. `mime` is `application/octet-stream` where they say nothing. */
export interface Detected {
  readonly mime: string;
  readonly extension?: string;
  /** The bytes are UTF-8 without control characters. */
  readonly text: boolean;
}

/** C0 controls other than tab, line feed and carriage return, and DEL: no text has them, nearly all binary formats do. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * Looks at the bytes. Text is decided first: the signatures of some formats are two ASCII letters, and a message that
 * begins with "BM" is not a bitmap.
 */
export async function detect(bytes: Uint8Array): Promise<Detected> {
  const text = decodeText(bytes) !== undefined;
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (found === undefined || (text && /^(image\/bmp|audio|video)/.test(found.mime))) {
    return { mime: text ? 'text/plain' : 'application/octet-stream', text };
  }
  return { mime: found.mime, extension: found.ext, text };
}

/** The bytes as text, or `undefined` when they are not UTF-8 or hold control characters. A byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return controls.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Ogg, MP4 and Matroska hold sound or pictures: their tracks decide, in `media.ts`. */
const isMedia = /^(audio|video)\/|^application\/(ogg|vnd\.ms-asf)$/;

/**
 * Compares the claim with the bytes. Answers the sentence that says how they differ, or `undefined` when they agree.
 * `binary` claims nothing, so nothing contradicts it.
 */
export function mismatch(claimed: ToonType, detected: Detected): string | undefined {
  const agrees = {
    image: detected.mime.startsWith('image/'),
    audio: isMedia.test(detected.mime),
    video: isMedia.test(detected.mime),
    telemetry: detected.text || detected.mime === 'application/gzip',
    message: detected.text,
    binary: true,
  }[claimed];
  return agrees ? undefined : `the toon is claimed to be ${claimed}, its bytes are ${detected.mime}`;
}
