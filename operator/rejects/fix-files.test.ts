import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import type { RejectReason } from '../../core/dataset/reading.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import { fixableLines, fixedKey } from './fix-files.ts';

const opener = (contents: Record<string, string | Uint8Array>): SegmentOpener => ({
  open: async ({ key }) => Readable.from([Buffer.from(contents[key] as string)]),
});

describe('lines for mending', () => {
  const rejectedLine = (
    key: string,
    line: number,
    reason: RejectReason,
    text: string,
    textTruncated?: true,
  ) => ({
    ...{ bucket: 'b', key, versionId: '1', line, reason, detail: 'd', text },
    ...(textTruncated ? { textTruncated } : {}),
  });

  test('are sorted into files by where they go and their header', async () => {
    const csv = 'landing/water-temperature/a.csv';
    const segments = opener({
      [csv]: 'Fecha,Medida\nx\ny\n',
      'raw/2025/01/01/00/a.gz': `1\n${'z'.repeat(9_000)}\n`,
    });
    const { files, others } = await fixableLines(
      segments,
      [
        rejectedLine('raw/2025/01/01/00/a.gz', 1, 'not-json', '1'),
        rejectedLine('raw/2025/01/01/00/a.gz', 2, 'not-json', 'zzz', true),
        rejectedLine(csv, 1, 'missing-column', 'Fecha,Medida'),
        rejectedLine(csv, 2, 'missing-column', 'x'),
        rejectedLine('landing/water-temperature/s1/b.ndjson', 1, 'not-json', 'q'),
        rejectedLine('landing/water-temperature/c.gz', 1, 'not-gzip', ''),
        rejectedLine('landing/nothing/d.ndjson', 1, 'unknown-dataset', 'w'),
      ],
      datasets,
    );
    expect(
      files.map(({ folder, format, header, lines }) => [
        folder,
        format,
        header,
        lines.map(({ text }) => text),
      ]),
    ).toEqual([
      ['landing/', 'ndjson', undefined, ['1', 'z'.repeat(9_000)]],
      ['landing/water-temperature/', 'csv', 'Fecha,Medida', ['x']],
      ['landing/water-temperature/s1/', 'ndjson', undefined, ['q']],
    ]);
    expect(others.map(({ key }) => key)).toEqual([
      'landing/water-temperature/c.gz',
      'landing/nothing/d.ndjson',
    ]);
  });

  test('go under a key that follows from their content', () => {
    const key = fixedKey('landing/', 'csv', Buffer.from('a'));
    expect(key).toMatch(/^landing\/fixed-[0-9a-f]{16}\.csv$/);
    expect(fixedKey('landing/', 'csv', Buffer.from('a'))).toBe(key);
    expect(fixedKey('landing/', 'csv', Buffer.from('b'))).not.toBe(key);
  });
});
