import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Failure, failed } from '../../../core/toons/record.ts';

/** What a compressed toon may become, in bytes. A bomb is stopped here, whatever it claims. */
export const maxInflatedBytes = 64 * 1024 * 1024;

const gunzipBounded = promisify(gunzip);

export type Inflated = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | Failure;

/** Undoes gzip if there is any. zlib itself stops at the bound, and compares the length and checksum at the end. */
export async function inflate(bytes: Uint8Array): Promise<Inflated> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { kind: 'bytes', bytes };
  try {
    return { kind: 'bytes', bytes: await gunzipBounded(bytes, { maxOutputLength: maxInflatedBytes }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // zlib rejects with an Error that has a code
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return failed('decompression-bomb', `${bytes.length} bytes of gzip hold more than ${maxInflatedBytes}`);
    }
    if (code === 'Z_BUF_ERROR') return failed('truncated', 'the gzip data ends early');
    return failed('corrupt', `gzip: ${message}`);
  }
}
