import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import { describe, expect, test } from 'vitest';
import { compose, generateToons } from './generate.ts';

const collect = async (count: number, seed: number) => {
  const toons = [];
  for await (const toon of generateToons({ count, seed })) toons.push(toon);
  return toons;
};

const fingerprints = async (count: number, seed: number) =>
  (await collect(count, seed)).map(
    ({ id, bytes }) => `${id} ${createHash('sha256').update(bytes).digest('hex')}`,
  );

describe('composition', () => {
  test('adds up, and is never negative', () => {
    for (let count = 1; count <= 10_000; count++) {
      const numbers = Object.values(compose(count));
      expect(numbers.reduce((sum, number) => sum + number)).toBe(count);
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    }
  });

  test('from 50 on at least 20 images and 10 each of telemetry, messages and binary fragments', () => {
    for (let count = 50; count <= 10_000; count++) {
      const { image, telemetry, message, binary } = compose(count);
      expect(image).toBeGreaterThanOrEqual(20);
      expect(Math.min(telemetry, message, binary)).toBeGreaterThanOrEqual(10);
    }
    expect(compose(60)).toEqual({ image: 20, telemetry: 10, message: 10, binary: 10, audio: 10 });
  });
});

test('the same seed gives the same bytes, another seed other ones, a larger set begins the same', async () => {
  const first = await fingerprints(60, 1);
  expect(await fingerprints(60, 1)).toEqual(first);
  const other = new Set(await fingerprints(60, 2));
  expect(first.filter((fingerprint) => other.has(fingerprint))).toEqual([]);
  const larger = new Set(await fingerprints(90, 1));
  expect(first.filter((fingerprint) => !larger.has(fingerprint))).toEqual([]);
});

test('names are unique, and the files are what they say', async () => {
  const toons = await collect(60, 1);
  expect(new Set(toons.map(({ name }) => name)).size).toBe(60);
  for (const { type, bytes, contentType } of toons) {
    if (type !== 'image' && type !== 'audio') continue;
    expect((await fileTypeFromBuffer(bytes))?.mime).toBe(contentType);
  }
});
