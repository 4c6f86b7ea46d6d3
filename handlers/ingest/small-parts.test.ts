import { describe, expect, test } from 'vitest';
import type { RejectedLine } from '../../ports/rejected-lines.ts';
import { MemoryObjects } from '../../test/support/memory-objects.ts';
import { requireVariables } from '../environment.ts';
import { RejectsFile } from './validate-segment/rejects-file.ts';

test('an incomplete environment is refused with all the names that are missing', () => {
  expect(requireVariables({ A: '1', B: '2' }, ['A', 'B'])).toEqual({ A: '1', B: '2' });
  expect(() => requireVariables({ A: '1', C: '' }, ['A', 'B', 'C'])).toThrow(
    /missing in the environment: B, C/,
  );
});

describe('the rejects file', () => {
  const at = { bucket: 'curated', key: 'rejects/x.ndjson' };
  const rejected = (text: string, reason: RejectedLine['reason'] = 'not-json') => ({ reason, text });
  const written = async (...texts: ReturnType<typeof rejected>[]) => {
    const objects = new MemoryObjects();
    const file = new RejectsFile(objects, at, { bucket: 'raw', key: 'raw/x', versionId: 'v1' });
    for (const { reason, text } of texts) {
      file.add(1, reason, 'd', text);
      await file.drain();
    }
    expect(await file.close()).toBe(at.key);
    const lines = objects.text(at.bucket, at.key)?.trimEnd().split('\n') ?? [];
    return lines.map((line) => JSON.parse(line) as RejectedLine);
  };

  test('says which texts are not whole', async () => {
    const lines = await written(
      rejected('short'),
      rejected('x'.repeat(5_000)),
      rejected('y', 'line-too-long'),
    );
    expect(lines.map(({ text, textTruncated }) => [text.length, textTruncated])).toEqual([
      [5, undefined],
      [4_096, true],
      [1, true],
    ]);
  });

  test('does not write half a character where it cuts', async () => {
    const [line] = await written(rejected(`${'x'.repeat(4_095)}😀`));
    expect(line?.text.isWellFormed()).toBe(true);
  });
});
