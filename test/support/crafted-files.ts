import { deflateSync, gzipSync } from 'node:zlib';
import { pngChunk } from '../../producer/toons/pictures.ts';
import { encodeWav } from '../../producer/toons/sounds.ts';

/** Files that are made to hurt, and their harmless neighbours. */

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG whose header claims a size; the data holds `rows` rows of it, of zeros, which pack a thousand to one. */
export function pngClaiming({
  width,
  height,
  rows,
}: {
  width: number;
  height: number;
  rows: number;
}): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8); // 8 bits of grey
  const data = deflateSync(Buffer.alloc(rows * (width + 1)), { level: 9 });
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/** Gzip of as many MiB of zeros: about 1 KiB a MiB. */
export function gzipBomb(mebibytes: number): Uint8Array {
  return gzipSync(Buffer.alloc(mebibytes * 1024 * 1024), { level: 9 });
}

/** A second of a 440 Hz tone at 8 kHz. */
export function wav(): Uint8Array {
  const samples = Float64Array.from({ length: 8000 }, (_, index) =>
    Math.sin((index / 8000) * 440 * 2 * Math.PI),
  );
  return encodeWav({ sampleRateHz: 8000, samples }, { INAM: 'A4' });
}

/** The same, its data chunk claiming 100 MB more than there is. */
export function lyingWav(): Uint8Array {
  const bytes = Buffer.from(wav());
  const at = bytes.indexOf('data') + 4;
  bytes.writeUInt32LE(bytes.readUInt32LE(at) + 100_000_000, at);
  return bytes;
}

/** FLAC whose header claims ten hours and that ends after it. */
export function lyingFlac(): Uint8Array {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(4096, 0);
  info.writeUInt16BE(4096, 2);
  const samples = BigInt(44_100 * 36_000);
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples
  info.writeBigUInt64BE((44_100n << 44n) | (1n << 41n) | (15n << 36n) | samples, 10);
  return Buffer.concat([Buffer.from('fLaC'), Buffer.from([0x80, 0, 0, 34]), info, Buffer.alloc(64)]);
}

/** An EBML element: id, length of 8 bytes, content. */
function ebml(id: string, ...content: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(body.length) | (1n << 56n));
  return Buffer.concat([Buffer.from(id, 'hex'), length, body]);
}

const unsigned = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** WebM of 2.5 s with one VP8 track of 320 by 240, its frames left out: what the header tells is all there. */
export function webm(): Uint8Array {
  return Buffer.concat([
    ebml(
      '1a45dfa3',
      ebml('4286', unsigned(1)),
      ebml('42f7', unsigned(1)),
      ebml('42f2', unsigned(4)),
      ebml('42f3', unsigned(8)),
      ebml('4282', Buffer.from('webm')),
      ebml('4287', unsigned(2)),
      ebml('4285', unsigned(2)),
    ),
    ebml(
      '18538067',
      ebml(
        '1549a966',
        ebml('2ad7b1', unsigned(1_000_000)),
        ebml('4489', float(2500)),
        ebml('4d80', Buffer.from('caudal')),
        ebml('5741', Buffer.from('caudal')),
      ),
      ebml(
        '1654ae6b',
        ebml(
          'ae',
          ebml('d7', unsigned(1)),
          ebml('73c5', unsigned(1)),
          ebml('83', Buffer.from([1])),
          ebml('86', Buffer.from('V_VP8')),
          ebml('e0', ebml('b0', unsigned(320)), ebml('ba', unsigned(240))),
        ),
      ),
    ),
  ]);
}
