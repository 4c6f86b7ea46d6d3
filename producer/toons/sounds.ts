import type { Random } from '../synthetic/random.ts';
import { madeUpStation, madeUpTime } from './texts.ts';

/** Half a second to two of a hydrophone: a hum, its overtone and noise, at 8 kHz. */
export function playTone(random: Random): Uint8Array {
  const sampleRateHz = 8000;
  const pitchHz = random.integer(90, 600);
  const samples = Float64Array.from({ length: random.integer(4, 16) * 1000 }, (_, index) => {
    const angle = (index / sampleRateHz) * pitchHz * 2 * Math.PI;
    return 0.4 * Math.sin(angle) + 0.15 * Math.sin(angle * 2.01) + 0.05 * (random.uniform() * 2 - 1);
  });
  const name = `Hydrophone ${madeUpStation(random)}`.normalize('NFD').replace(/[^ -~]/g, '');
  return encodeWav(
    { sampleRateHz, samples },
    { INAM: name, ICRD: madeUpTime(random).toISOString().slice(0, 10), ISFT: 'caudal' },
  );
}

/** Mono sound, each sample in [-1, 1]. */
interface Sound {
  readonly sampleRateHz: number;
  readonly samples: Float64Array;
}

/** Encodes 16-bit PCM as WAV with an INFO list; its names are four characters, such as INAM. Same input, same bytes. */
export function encodeWav(
  { sampleRateHz, samples }: Sound,
  info: Readonly<Record<string, string>>,
): Uint8Array {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0); // PCM
  format.writeUInt16LE(1, 2); // one channel
  format.writeUInt32LE(sampleRateHz, 4);
  format.writeUInt32LE(sampleRateHz * 2, 8); // bytes a second
  format.writeUInt16LE(2, 12); // bytes of a frame
  format.writeUInt16LE(16, 14); // bits of a sample
  const data = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, index) => {
    data.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), index * 2);
  });
  const list = Buffer.concat([
    Buffer.from('INFO', 'latin1'),
    ...Object.entries(info).map(([name, text]) => riffChunk(name, Buffer.from(`${text}\0`, 'latin1'))),
  ]);
  const body = Buffer.concat([
    Buffer.from('WAVE', 'latin1'),
    riffChunk('fmt ', format),
    riffChunk('LIST', list),
    riffChunk('data', data),
  ]);
  return riffChunk('RIFF', body);
}

/** One chunk: name, length, data, and a padding byte after an odd length. */
function riffChunk(name: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(8 + data.length + (data.length % 2));
  chunk.write(name, 0, 'latin1');
  chunk.writeUInt32LE(data.length, 4);
  chunk.set(data, 8);
  return chunk;
}
