import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Checksum algorithms of S3 that are verified, by the last part of `x-amz-checksum-<name>`. */
export const checksumNames = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'sha512', 'md5'] as const;
export type ChecksumName = (typeof checksumNames)[number];

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Base64, as the header has it. */
  digest(): string;
}

export function createChecksum(name: ChecksumName): Checksum {
  if (name === 'crc32') return running32((bytes, value) => crc32(bytes, value));
  if (name === 'crc32c') return running32(crc32c);
  if (name === 'crc64nvme') return crc64nvme();
  const hash = createHash(name);
  return { update: (bytes) => hash.update(bytes), digest: () => hash.digest('base64') };
}

function running32(step: (bytes: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = step(bytes, value);
    },
    digest: () => {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(value >>> 0);
      return digest.toString('base64');
    },
  };
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function crc32c(bytes: Uint8Array, start: number): number {
  let value = ~start;
  for (let i = 0; i < bytes.length; i++) {
    value = (value >>> 8) ^ (castagnoli[(value ^ (bytes[i] as number)) & 0xff] as number);
  }
  return ~value >>> 0;
}

// Two halves of 32 bits: BigInt arithmetic on each byte would be a hundred times slower.
const high = new Uint32Array(256);
const low = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  high[byte] = Number(value >> 32n);
  low[byte] = Number(value & 0xffffffffn);
}

function crc64nvme(): Checksum {
  let top = 0xffffffff;
  let bottom = 0xffffffff;
  return {
    update: (bytes) => {
      for (let i = 0; i < bytes.length; i++) {
        const index = (bottom ^ (bytes[i] as number)) & 0xff;
        bottom = ((bottom >>> 8) | (top << 24)) ^ (low[index] as number);
        top = (top >>> 8) ^ (high[index] as number);
      }
    },
    digest: () => {
      const digest = Buffer.alloc(8);
      digest.writeUInt32BE(~top >>> 0, 0);
      digest.writeUInt32BE(~bottom >>> 0, 4);
      return digest.toString('base64');
    },
  };
}
