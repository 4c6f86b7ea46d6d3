import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import type { ToonRecord } from '../../../core/toons/record.ts';
import { type PlannedToon, planToons, type ToonType } from '../../../core/toons/toon.ts';
import { generateToons } from '../../../producer/toons/generate.ts';
import {
  gzipBomb,
  lyingFlac,
  lyingWav,
  pngClaiming,
  wav,
  webm,
} from '../../../test/support/crafted-files.ts';
import { createProcessToon, maxToonMs, thumbnailKey } from './process-toon.ts';

/** Processes bytes against stores in memory; answers the record and the thumbnail. */
async function processed(
  type: ToonType,
  bytes: Uint8Array,
  extra: Partial<PlannedToon> = {},
): Promise<{ record: ToonRecord; thumbnail: Uint8Array | undefined }> {
  const objects = new Map<string, Uint8Array>();
  const records: ToonRecord[] = [];
  const process = createProcessToon({
    toons: { read: async () => ({ kind: 'bytes', bytes }) },
    thumbnails: { write: async (object) => void objects.set(object.key, object.bytes) },
    records: {
      async record(_toon, record) {
        records.push(record);
        return record.state;
      },
    },
    datasets,
    clock: {
      nowMs: () => performance.timeOrigin + performance.now(),
      pause: (_, ended) => new Promise((resolve) => ended?.addEventListener('abort', () => resolve())),
    },
    onStuck: () => {
      throw new Error('no time has passed');
    },
  });
  const [toon] = planToons('JOB1', [{ toonId: 't1', type, source: { bucket: 'b', key: 'k' }, ...extra }]);
  if (toon === undefined) throw new Error('one toon is planned');
  await process(toon);
  const [record] = records;
  if (record === undefined) throw new Error('one record is written');
  return { record, thumbnail: objects.get(thumbnailKey(toon)) };
}

const noise = (width: number, height: number) =>
  sharp(
    Buffer.from({ length: width * height * 3 } as ArrayLike<number>).map((_, at) => (at * 7919) % 251),
    {
      raw: { width, height, channels: 3 },
    },
  );

describe('images', () => {
  test.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)(
    '%s: format, size, thumbnail, fingerprint',
    async (format) => {
      const bytes = await noise(300, 150).toFormat(format).toBuffer();
      const { record, thumbnail } = await processed('image', bytes);
      expect(record).toMatchObject({
        state: 'Completed',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        result: { format, width: 300, height: 150, thumbnail: { width: 128, height: 64 } },
      });
      expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'webp', width: 128, height: 64 });
    },
  );

  test('the size is the one that is displayed', async () => {
    const { record } = await processed(
      'image',
      await noise(300, 150).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    );
    expect(record.result).toMatchObject({ width: 150, height: 300, thumbnail: { width: 64, height: 128 } });
  });

  test('a header that claims 2.5 gigapixels is refused by its size, in no time', async () => {
    const before = process.cpuUsage();
    const { record } = await processed('image', pngClaiming({ width: 50_000, height: 50_000, rows: 1 }));
    expect(record).toMatchObject({ state: 'Failed', reason: 'too-many-pixels' });
    expect(record.detail).toContain('50000 by 50000');
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  });

  test('a real image of 100 megapixels is refused', async () => {
    const bytes = pngClaiming({ width: 10_000, height: 10_000, rows: 10_000 });
    expect((await processed('image', bytes)).record).toMatchObject({
      state: 'Failed',
      reason: 'too-many-pixels',
    });
  });

  test.each(['png', 'jpeg', 'webp'] as const)('a truncated %s is no image', async (format) => {
    const bytes = await noise(300, 200).toFormat(format).toBuffer();
    const { record } = await processed('image', bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    expect(record.state).toBe('Failed');
    expect(['truncated', 'corrupt']).toContain(record.reason);
  });

  test('a PNG with fewer rows than it claims is no image', async () => {
    const { record } = await processed('image', pngClaiming({ width: 2000, height: 2000, rows: 10 }));
    expect(record.state).toBe('Failed');
  });

  test('a format without a decoder is named', async () => {
    const bitmap = Buffer.concat([
      Buffer.from('BM'),
      Buffer.from([0x46, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.alloc(60),
    ]);
    const { record } = await processed('image', bitmap);
    expect(record.state).toBe('Failed');
    expect(['unsupported-format', 'corrupt']).toContain(record.reason);
  });
});

describe('audio and video', () => {
  test('WAV', async () => {
    const { record } = await processed('audio', wav());
    expect(record.result).toEqual({
      container: 'WAVE',
      codec: 'PCM',
      durationSeconds: 1,
      sampleRateHz: 8000,
      channels: 1,
    });
  });

  test('WebM', async () => {
    const { record } = await processed('video', webm());
    expect(record.result).toMatchObject({ durationSeconds: 2.5, width: 320, height: 240 });
    expect(record.result).toHaveProperty('container', expect.stringMatching(/webm/i));
  });

  test('a WAV whose chunk claims more than there is', async () => {
    const { record } = await processed('audio', lyingWav());
    expect(record).toMatchObject({ state: 'Failed', reason: 'lying-length' });
    expect(record.detail).toContain("chunk 'data'");
  });

  test('a WAV that was cut off', async () => {
    const bytes = wav();
    const { record } = await processed('audio', bytes.subarray(0, bytes.length / 2));
    expect(record).toMatchObject({ state: 'Failed', reason: 'lying-length' });
  });

  test('a FLAC header that claims ten hours in 100 bytes', async () => {
    const { record } = await processed('audio', lyingFlac());
    expect(record).toMatchObject({ state: 'Failed', reason: 'lying-length' });
    expect(record.detail).toContain('36000 s');
  });

  test('an MP4 whose box ends behind the file', async () => {
    const ftyp = Buffer.from('00000018667479706d70343200000000697366006d703432', 'hex');
    const mdat = Buffer.from('7fffffff6d64617400', 'hex');
    const { record } = await processed('video', Buffer.concat([ftyp, mdat]));
    expect(record).toMatchObject({ state: 'Failed', reason: 'lying-length' });
  });

  test('a video is not audio, and the other way round', async () => {
    expect((await processed('audio', webm())).record.reason).toBe('type-mismatch');
    expect((await processed('video', wav())).record.reason).toBe('type-mismatch');
  });
});

describe('telemetry', () => {
  const line = (temperature: number, at = '2026-03-01T00:00:00Z') =>
    `${JSON.stringify({ sensorId: 's1', timestamp: at, temperature, deviation: 0.1 })}\n`;

  test('counts, span, minimum and maximum; what is rejected is counted by reason', async () => {
    const bytes = Buffer.from(`${line(12.5) + line(14, '2026-03-02T00:00:00Z') + line(400)}nonsense\n`);
    const { record } = await processed('telemetry', bytes, { dataset: 'water-temperature' });
    expect(record.result).toEqual({
      dataset: 'water-temperature',
      lines: 4,
      readings: 2,
      series: 1,
      from: '2026-03-01T00:00:00.000Z',
      to: '2026-03-02T00:00:00.000Z',
      rejected: { 'out-of-range': 1, 'not-json': 1 },
      measures: {
        temperature: { count: 2, min: 12.5, max: 14 },
        deviation: { count: 2, min: 0.1, max: 0.1 },
      },
    });
  });

  test('gzip is undone', async () => {
    const { record } = await processed('telemetry', gzipSync(line(3)), { dataset: 'water-temperature' });
    expect(record.result).toMatchObject({ readings: 1 });
  });

  test('a gzip bomb is stopped at its bound', async () => {
    const before = process.cpuUsage();
    const { record } = await processed('telemetry', gzipBomb(512), { dataset: 'water-temperature' });
    expect(record).toMatchObject({ state: 'Failed', reason: 'decompression-bomb' });
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
  });

  test.each([
    ['truncated', (packed: Buffer) => packed.subarray(0, packed.length - 6)],
    [
      'corrupt',
      (packed: Buffer) => Buffer.concat([packed.subarray(0, packed.length - 4), Buffer.from([9, 9, 9, 9])]),
    ],
  ])('gzip that is %s, or lies about its length', async (reason, spoil) => {
    const { record } = await processed('telemetry', spoil(gzipSync(line(3))), {
      dataset: 'water-temperature',
    });
    expect(record).toMatchObject({ state: 'Failed', reason });
  });

  test.each([
    ['unknown-dataset', line(3), 'nowhere'],
    ['no-valid-readings', 'nonsense\n', 'water-temperature'],
    ['no-valid-readings', '   \n', undefined],
  ])('%s', async (reason, text, dataset) => {
    const { record } = await processed(
      'telemetry',
      Buffer.from(text),
      dataset === undefined ? {} : { dataset },
    );
    expect(record).toMatchObject({ state: 'Failed', reason });
  });
});

describe('messages', () => {
  test('JSON has a shape', async () => {
    const { record } = await processed('message', Buffer.from('{"a":1,"b":[{"c":"x"},{"c":null,"d":1.5}]}'));
    expect(record.result).toEqual({
      format: 'json',
      characters: 42,
      lines: 1,
      schema: {
        type: 'object',
        properties: {
          a: { type: 'integer' },
          b: {
            type: 'array',
            items: { type: 'object', properties: { c: { type: ['null', 'string'] }, d: { type: 'number' } } },
          },
        },
      },
    });
  });

  test('a text has a size; "BM" at its beginning makes it no bitmap', async () => {
    const { record } = await processed(
      'message',
      Buffer.from('BM is the start of a bitmap,\nbut not here: ñ'),
    );
    expect(record.result).toEqual({ format: 'text', characters: 44, lines: 2 });
  });

  test('a shape stays small whatever the message', async () => {
    const wide = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, index) => [`field ${index}`, { x: index }]),
    );
    const { record } = await processed('message', Buffer.from(JSON.stringify(wide)));
    expect(record.state).toBe('Completed');
    expect(JSON.stringify(record.result).length).toBeLessThan(40_000);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await processed('message', Buffer.from(deep))).record.state).toBe('Completed');
  });

  test('too large, or no text at all', async () => {
    expect((await processed('message', Buffer.alloc(1024 * 1024 + 1, 'a'))).record.reason).toBe('too-large');
    expect((await processed('message', Buffer.from([0xff, 0xfe, 0, 1]))).record.reason).toBe('type-mismatch');
  });
});

test('binary: size and what the bytes look like', async () => {
  expect((await processed('binary', wav())).record.result).toEqual({
    detectedType: 'audio/wav',
    extension: 'wav',
  });
  expect((await processed('binary', Buffer.from([1, 2, 3, 0]))).record.result).toEqual({
    detectedType: 'application/octet-stream',
  });
});

test('a claim that the bytes contradict is a failed toon that says both', async () => {
  const png = await noise(10, 10).png().toBuffer();
  for (const type of ['audio', 'video', 'telemetry', 'message'] as const) {
    const { record } = await processed(type, png);
    expect(record).toMatchObject({ state: 'Failed', reason: 'type-mismatch' });
    expect(record.detail).toBe(`the toon is claimed to be ${type}, its bytes are image/png`);
  }
  expect((await processed('image', Buffer.from('hello'))).record.reason).toBe('type-mismatch');
  expect((await processed('image', new Uint8Array())).record.reason).toBe('empty');
});

test('every synthetic toon completes', async () => {
  const failures: unknown[] = [];
  for await (const { type, bytes, id } of generateToons({ count: 66, seed: 3 })) {
    const { record } = await processed(type, bytes);
    if (record.state !== 'Completed') failures.push({ id, ...record });
  }
  expect(failures).toEqual([]);
});

test('a toon whose work does not end in its time has failed, and its process takes no other one', async () => {
  const records: ToonRecord[] = [];
  const stuck: string[] = [];
  const waited: number[] = [];
  const process = createProcessToon({
    toons: { read: async () => ({ kind: 'bytes', bytes: await noise(30, 15).png().toBuffer() }) },
    thumbnails: { write: () => new Promise(() => {}) }, // as a decoder that goes on for ever
    records: {
      async record(_toon, record) {
        records.push(record);
        return record.state;
      },
    },
    datasets,
    clock: { nowMs: () => 0, pause: async (ms) => void waited.push(ms) },
    onStuck: () => stuck.push('stuck'),
  });
  const [toon] = planToons('JOB1', [{ toonId: 't1', type: 'image', source: { bucket: 'b', key: 'k' } }]);
  if (toon === undefined) throw new Error('one toon is planned');
  expect(await process(toon)).toEqual({ toonId: 't1', state: 'Failed' });
  expect(records).toMatchObject([{ reason: 'too-slow', detail: 'not processed within 22 s' }]);
  expect([stuck, waited]).toEqual([['stuck'], [maxToonMs]]);
});

test('an image with an edge longer than any picture is refused by its header', async () => {
  const line = await sharp({ create: { width: 30_001, height: 1, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { record } = await processed('image', line);
  expect(record).toMatchObject({
    state: 'Failed',
    reason: 'too-many-pixels',
    detail: expect.stringContaining('30001 by 1'),
  });
});
