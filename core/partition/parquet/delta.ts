import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';

const blockValues = 128;
const miniBlocks = 4;
const miniValues = blockValues / miniBlocks;

/**
 * DELTA_BINARY_PACKED, for integers within ±2^51 whose steps differ by less than 2^32 in a block of 128: timestamps of a day take
 * what their irregularity takes, and revisions next to nothing. Answers false, and writes nothing, when steps differ more.
 */
export function writeDelta(writer: ByteWriter, values: Float64Array | Int32Array): boolean {
  const start = writer.length;
  const count = values.length;
  writer.varint(blockValues);
  writer.varint(miniBlocks);
  writer.varint(count);
  writer.zigzag(values[0] ?? 0);
  const steps = new Float64Array(blockValues);
  const packed = new Uint32Array(blockValues);
  for (let first = 1; first < count; first += blockValues) {
    const length = Math.min(blockValues, count - first);
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let before = values[first - 1] as number; // first is within the array and not its start
    for (let index = 0; index < length; index++) {
      const value = values[first + index] as number; // within the array
      const step = value - before;
      before = value;
      steps[index] = step;
      if (step < min) min = step;
      if (step > max) max = step;
    }
    if (max - min >= 2 ** 32) {
      writer.length = start;
      return false;
    }
    for (let index = 0; index < length; index++) packed[index] = (steps[index] as number) - min; // as above
    packed.fill(0, length);
    writer.zigzag(min);
    writeMiniBlocks(writer, packed, length);
  }
  return true;
}

function writeMiniBlocks(writer: ByteWriter, packed: Uint32Array, length: number): void {
  writer.reserve(miniBlocks + blockValues * 4);
  const widths = writer.length;
  writer.length += miniBlocks;
  for (let mini = 0; mini < miniBlocks; mini++) {
    const first = mini * miniValues;
    let all = 0;
    if (first < length) {
      for (let index = first; index < first + miniValues; index++) all |= packed[index] as number; // within a block
    }
    const width = 32 - Math.clz32(all);
    writer.bytes[widths + mini] = width;
    if (width > 0) writeBits(writer, packed, first, width);
  }
}

/** 32 values of a width of 1 to 32 bits; there is room for them. */
function writeBits(writer: ByteWriter, packed: Uint32Array, first: number, width: number): void {
  const { bytes } = writer;
  let at = writer.length;
  let held = 0;
  let bits = 0;
  for (let index = first; index < first + miniValues; index++) {
    let value = packed[index] as number; // within a block
    let left = width;
    // In halves, so that what is held and what comes fit in 32 bits.
    while (left > 0) {
      const taken = left < 16 ? left : 16;
      held |= (value & (0xffff >>> (16 - taken))) << bits;
      bits += taken;
      value >>>= taken;
      left -= taken;
      while (bits >= 8) {
        bytes[at++] = held;
        held >>>= 8;
        bits -= 8;
      }
    }
  }
  writer.length = at;
}

/** Reads as many values as there are into `target` from `start` on; answers how many. */
export function readDelta(reader: ByteReader, target: Float64Array | Int32Array, start: number): number {
  const block = reader.varint();
  const minis = reader.varint();
  const count = reader.varint();
  const perMini = block / minis;
  let value = reader.zigzag();
  if (count > 0) target[start] = value;
  let to = start + 1;
  const end = start + count;
  const { view } = reader;
  while (to < end) {
    const min = reader.zigzag();
    const widths = reader.at;
    reader.at += minis;
    for (let mini = 0; mini < minis && to < end; mini++) {
      const width = view.getUint8(widths + mini);
      const until = Math.min(end, to + perMini);
      if (width === 0) {
        for (; to < until; to++) {
          value += min;
          target[to] = value;
        }
        continue;
      }
      let bit = reader.at * 8;
      const low = Math.min(width, 16);
      const lowMask = 2 ** low - 1;
      const highMask = 2 ** (width - low) - 1;
      for (; to < until; to++) {
        let step = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & lowMask;
        if (highMask > 0) {
          const high = bit + low;
          step += ((view.getUint32(high >>> 3, true) >>> (high & 7)) & highMask) * 65_536;
        }
        value += min + step;
        target[to] = value;
        bit += width;
      }
      reader.at += (perMini * width) / 8;
    }
  }
  return count;
}
