import { gzipSync } from 'node:zlib';
import type { ToonType } from '../../core/toons/toon.ts';
import { Random } from '../synthetic/random.ts';
import { drawPicture } from './pictures.ts';
import { playTone } from './sounds.ts';
import { madeUpStation, madeUpTime, writeMessage, writeTelemetry } from './texts.ts';

/** A made-up toon: a real, valid file. `name` is a file name, unique in its set. */
export interface SyntheticToon {
  readonly id: string;
  readonly type: ToonType;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

export type Composition = Readonly<Record<'image' | 'telemetry' | 'message' | 'binary' | 'audio', number>>;

/**
 * How many of each type. Sixths: two of images, one of each other. From 50 on there are never fewer than 20 images and
 * 10 of telemetry, messages and binary fragments, so between 50 and 60 audio gets what is left: none at 50, where some
 * of the binary fragments are audio files.
 */
export function compose(count: number): Composition {
  const sixth = Math.floor(count / 6);
  const share = count < 50 ? sixth : Math.max(10, sixth);
  const others = { telemetry: share, message: share, binary: share };
  const audio = Math.min(sixth, count - 5 * share);
  return { image: count - 3 * share - Math.max(0, audio), ...others, audio: Math.max(0, audio) };
}

/**
 * Makes the toons one after another, so that thousands need not be in memory. The same arguments give the same bytes: a
 * toon's numbers depend on the seed, its type and its place alone.
 */
export async function* generateToons({
  count,
  seed,
}: {
  count: number;
  seed: number;
}): AsyncGenerator<SyntheticToon> {
  for (const [type, number] of Object.entries(compose(count)) as [keyof Composition, number][]) {
    for (let index = 0; index < number; index++) {
      const random = new Random(seed, type, index);
      const id = `${type}-${String(index + 1).padStart(5, '0')}`;
      const { extension, contentType, bytes } = await makers[type](random, index);
      yield { id, type, name: `${id}.${extension}`, contentType, bytes, metadata: { seed, synthetic: true } };
    }
  }
}

interface MadeFile {
  readonly extension: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const makers: Record<keyof Composition, (random: Random, index: number) => Promise<MadeFile> | MadeFile> = {
  async image(random, index) {
    const format = (['jpeg', 'png', 'webp'] as const)[index % 3] ?? 'png';
    const takenAt = madeUpTime(random).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
    const caption = {
      description: `Camera at ${madeUpStation(random)
        .normalize('NFD')
        .replace(/[^ -~]/g, '')}`,
      takenAt,
    };
    return {
      extension: format,
      contentType: `image/${format}`,
      bytes: await drawPicture(random, format, caption),
    };
  },
  telemetry: (random) => ({
    extension: 'ndjson',
    contentType: 'application/x-ndjson',
    bytes: writeTelemetry(random),
  }),
  message: (random, index) => {
    const text = index % 4 === 3;
    return {
      extension: text ? 'txt' : 'json',
      contentType: text ? 'text/plain' : 'application/json',
      bytes: writeMessage(random, index),
    };
  },
  binary(random, index) {
    const contentType = 'application/octet-stream';
    if (index % 3 === 1) return { extension: 'gz', contentType, bytes: gzip(writeTelemetry(random)) };
    if (index % 3 === 2) return { extension: 'wav', contentType, bytes: playTone(random) };
    const bytes = Uint8Array.from({ length: random.integer(256, 4096) }, () => random.integer(0, 255));
    bytes.set([0xca, 0x0d, 0xa1, 0x00]); // a signature that no format has
    return { extension: 'bin', contentType, bytes };
  },
  audio: (random) => ({ extension: 'wav', contentType: 'audio/wav', bytes: playTone(random) }),
};

/** gzip whose header says no operating system: the one byte in which machines differ. */
function gzip(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 255;
  return packed;
}
