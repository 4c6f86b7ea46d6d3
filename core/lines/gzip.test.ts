import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../test/support/parse-bytes.ts';

const lines = Array.from({ length: 3_000 }, (_, second) =>
  JSON.stringify({
    dataset: 'water-temperature',
    sensorId: `s${(second * 7919) % 13}`,
    timestamp: new Date(1_704_240_000_000 + second * 1_000).toISOString(),
    temperature: Math.round(Math.abs(Math.sin(second)) * 1e9) / 1e8,
    deviation: 0.25,
  }),
);
const body = gzipSync(`${lines.join('\n')}\n`);

describe('a gzip object', () => {
  test.each([1, 999, 1_000_000])('is read in chunks of %i bytes', async (chunkBytes) => {
    const { totals } = await parseBytes(body, { key: 'raw/x.gz', chunkBytes });
    expect(totals).toMatchObject({ lines: 3_000, valid: 3_000, rejected: {} });
  });

  test('is known by its first bytes when its name does not say so', async () => {
    const { totals } = await parseBytes(body, { key: 'raw/x' });
    expect(totals.valid).toBe(3_000);
  });

  test('may have several members, and zeros after the last', async () => {
    for (const chunkBytes of [1, 5_000, 1_000_000]) {
      const bytes = Buffer.concat([body, body, Buffer.alloc(512)]);
      expect((await parseBytes(bytes, { chunkBytes })).totals.valid).toBe(6_000);
    }
  });

  test('that is plain text under a .gz name is one rejection', async () => {
    const { outcomes } = await parseBytes(`${lines.join('\n')}\n`, { key: 'raw/x.gz' });
    expect(outcomes).toMatchObject([{ line: 1, reason: 'not-gzip' }]);
    expect(outcomes[0]?.detail).toContain('7b22');
  });

  test('of nothing is an empty object', async () => {
    const { outcomes } = await parseBytes(gzipSync(''), { key: 'raw/x.gz' });
    expect(outcomes).toMatchObject([{ line: 1, reason: 'empty-object' }]);
  });

  test.each([0.1, 0.5, 0.9])('cut off at %d of its length keeps every whole line before', async (share) => {
    const cut = body.subarray(0, Math.floor(body.length * share));
    const results = await Promise.all(
      [64, 4_096, 1_000_000].map((chunkBytes) => parseBytes(cut, { key: 'raw/x.gz', chunkBytes })),
    );
    for (const { totals, outcomes } of results) {
      expect(totals).toEqual(results[0]?.totals);
      expect(totals.valid).toBeGreaterThan(3_000 * share * 0.8);
      expect(totals.rejected).toEqual({ 'corrupt-gzip': 1 });
      expect(outcomes.at(-1)).toMatchObject({ line: totals.valid + 1, reason: 'corrupt-gzip' });
      expect(lines[totals.valid]?.startsWith(outcomes.at(-1)?.text ?? '?')).toBe(true);
    }
  });

  test('damaged in the middle keeps the lines before, however large the chunks', async () => {
    // A stored block of an impossible length: inflate stops at its header.
    const first = gzipSync(`${lines.slice(0, 2_000).join('\n')}\n`);
    const damaged = Buffer.concat([first, first.subarray(0, 10), Buffer.from([0, 1, 2, 3, 4]), body]);
    for (const chunkBytes of [100, 16_384, 1_000_000]) {
      const { totals, outcomes } = await parseBytes(damaged, { key: 'raw/x.gz', chunkBytes });
      expect(totals).toMatchObject({ lines: 2_001, valid: 2_000, rejected: { 'corrupt-gzip': 1 } });
      expect(outcomes.at(-1)?.line).toBe(2_001);
    }
  });

  test('with a wrong checksum is told as corrupt after its lines', async () => {
    const wrong = Buffer.from(body);
    wrong.writeUInt32LE(0, wrong.length - 8);
    const { totals } = await parseBytes(wrong, { key: 'raw/x.gz' });
    expect(totals).toMatchObject({ lines: 3_001, valid: 3_000, rejected: { 'corrupt-gzip': 1 } });
  });

  test('passes on a fault of the source', async () => {
    const { parseSegment } = await import('./parse-segment.ts');
    async function* failing() {
      yield body.subarray(0, 1_000);
      throw new Error('connection reset');
    }
    const parsing = parseSegment(
      { source: { key: 'raw/x.gz', arrivedMs: 0 }, datasets: [], bytes: failing() },
      { reading: () => {}, rejected: () => {} },
    );
    await expect(parsing).rejects.toThrow('connection reset');
  });
});
