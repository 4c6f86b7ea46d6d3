import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inflate } from './inflate.ts';
import { EngineInflater, type Inflater, openInflater, StreamInflater } from './inflater.ts';

const text = Array.from({ length: 60_000 }, (_, index) => `${index} ${Math.sin(index)}\n`).join('');
const whole = gzipSync(text);
const damaged = Buffer.from(whole);
damaged.fill(0xff, 90_000, 90_040);

const streams: Record<string, Buffer> = {
  'a whole one': whole,
  'one of two members': Buffer.concat([whole, gzipSync('more')]),
  'one with zeros after it': Buffer.concat([whole, Buffer.alloc(40_000)]),
  'one with something else after it': Buffer.concat([whole, Buffer.from('no gzip')]),
  'one with something else after zeros': Buffer.concat([whole, Buffer.alloc(9_000), Buffer.from('no gzip')]),
  'one that is cut off': whole.subarray(0, 70_001),
  'one with its trailer cut off': whole.subarray(0, -3),
  'a damaged one': damaged,
  'one with a wrong checksum': Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)]),
};

async function inflated(
  bytes: Buffer,
  chunkBytes: number,
  open: (sink: (piece: Buffer) => void) => Inflater,
) {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const pieces: Buffer[] = [];
  const fault = await inflate(chunks(), (piece) => pieces.push(Buffer.from(piece)), open);
  return { fault, text: Buffer.concat(pieces).toString('latin1') };
}

test('the engine is what this version of Node has', () => {
  expect(openInflater(() => {})).toBeInstanceOf(EngineInflater);
});

test('what follows a stream and is no gzip is a fault, but for zeros', async () => {
  const faultOf = async (name: string, open: (sink: (piece: Buffer) => void) => Inflater) => {
    const { fault, text: inflatedText } = await inflated(streams[name] as Buffer, 5_000, open);
    expect(inflatedText).toBe(text);
    return fault;
  };
  for (const open of [openInflater, (sink: (piece: Buffer) => void) => new StreamInflater(sink)]) {
    expect(await faultOf('one with zeros after it', open)).toBeUndefined();
    expect(await faultOf('one with something else after it', open)).toMatch(/is not gzip|incorrect header/);
    expect(await faultOf('one with something else after zeros', open)).toMatch(
      /is not gzip|incorrect header/,
    );
  }
});

test.each(Object.entries(streams))('%s comes out of the engine as out of the stream', async (_, bytes) => {
  for (const chunkBytes of [5_000, 65_536, 10_000_000]) {
    const engine = await inflated(bytes, chunkBytes, (sink) => new EngineInflater(sink));
    const stream = await inflated(bytes, chunkBytes, (sink) => new StreamInflater(sink));
    expect(engine.fault).toBe(stream.fault);
    expect(engine.text === stream.text).toBe(true);
  }
});

test('what the sink throws comes out of both', async () => {
  const failing = () => {
    throw new Error('the sink is full');
  };
  for (const open of [() => new EngineInflater(failing), () => new StreamInflater(failing)])
    await expect(inflated(whole, 65_536, open)).rejects.toThrow('the sink is full');
});
