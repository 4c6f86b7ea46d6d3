import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { SegmentOpener } from '../../../ports/objects.ts';
import { readRawLines } from './raw-lines.ts';

const opener = (contents: Record<string, string | Uint8Array>): SegmentOpener => ({
  open: async ({ key }) => ({
    bytes: Readable.from([Buffer.from(contents[key] as string)]),
    arrivedMs: 0,
    accepted: false,
  }),
});

test('raw lines are read by number, gzip or not, with the first that is not blank', async () => {
  const text = '\n  \nhead\r\none\ntwo';
  for (const body of [text, gzipSync(text)]) {
    const found = await readRawLines(
      opener({ x: body }),
      { bucket: 'b', key: 'x', versionId: '1' },
      new Set([4, 5, 9]),
    );
    expect(found.first).toEqual({ number: 3, bytes: Buffer.from('head') });
    expect([...found.lines]).toEqual([
      [4, Buffer.from('one')],
      [5, Buffer.from('two')],
    ]);
  }
});
