import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';

/** Parquet's RLE and bit-packing hybrid. A width is 1 to 24 bits. */
export const widthOf = (values: number): number => Math.max(1, 32 - Math.clz32(values - 1));

export function writeRun(writer: ByteWriter, width: number, value: number, count: number): void {
  writer.varint(count * 2);
  for (let shift = 0; shift < width; shift += 8) writer.byte((value >>> shift) & 255);
}

/** Values of one bit as one bit-packed run. @param bits the lowest of a byte first, and 0 behind the last value */
export function writeBits(writer: ByteWriter, bits: Uint8Array): void {
  writer.varint(bits.length * 2 + 1);
  writer.append(bits);
}

/** All of the values as one bit-packed run. */
export function writePacked(
  writer: ByteWriter,
  width: number,
  values: ArrayLike<number>,
  count: number,
): void {
  const groups = Math.ceil(count / 8);
  writer.varint(groups * 2 + 1);
  const size = groups * width;
  writer.reserve(size);
  const { bytes } = writer;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = writer.length;
  let held = 0;
  let bits = 0;
  for (let index = 0; index < count; index++) {
    const value = values[index] as number; // index is below count
    held |= value << bits;
    bits += width;
    if (bits >= 32) {
      view.setUint32(at, held, true);
      at += 4;
      bits -= 32;
      held = value >>> (width - bits); // what of it is not written yet: nothing of it when no bits are left, as width < 32
    }
  }
  for (; bits > 0; bits -= 8) {
    bytes[at++] = held;
    held >>>= 8;
  }
  bytes.fill(0, at, writer.length + size);
  writer.length += size;
}

/** Reads `count` values into `target` from `start` on. */
export function readHybrid(
  reader: ByteReader,
  width: number,
  target: Uint32Array | Uint8Array,
  start: number,
  count: number,
): void {
  const { view } = reader;
  const mask = 2 ** width - 1;
  const end = start + count;
  let to = start;
  while (to < end) {
    const header = reader.varint();
    const length = Math.floor(header / 2);
    if (header % 2 === 0) {
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) value |= reader.byte() << shift;
      target.fill(value, to, Math.min(end, to + length));
      to += length;
      continue;
    }
    const until = Math.min(end, to + length * 8);
    let bit = reader.at * 8;
    for (; to < until; to++) {
      // Four bytes hold what is left of a byte and 25 bits more; after every page there are more bytes than that.
      target[to] = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
      bit += width;
    }
    reader.at += length * width;
  }
}
