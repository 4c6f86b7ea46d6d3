import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { defineDataset } from '../../core/dataset/dataset.ts';
import type { RejectReason } from '../../core/dataset/reading.ts';
import { text } from '../../core/formats/text-format.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { fixableLines, fixedKey } from '../../handlers/operations/rejects/fixable-lines.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import { definitionOf } from '../../test/support/definition-of.ts';
import { writeFixable } from './fix-files.ts';

const opener = (contents: Record<string, string | Uint8Array>): SegmentOpener => ({
  open: async ({ key }) => ({
    bytes: Readable.from([Buffer.from(contents[key] as string)]),
    arrivedMs: 0,
    accepted: false,
  }),
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

  test('of a table with lines above its header, or with a name that says more, are put right in the whole file', async () => {
    const time = { column: 'time', format: 'iso' };
    const formats = [text({ match: '*.dat', skipLines: 1, time }), text({ match: '{sensorId}_*.csv', time })];
    const known = [defineDataset({ ...definitionOf(waterTemperature), missing: [], formats })];
    const keys = ['a.dat', 'pier_1.csv', 'b.csv'].map((name) => `landing/water-temperature/${name}`);
    const segments = opener(Object.fromEntries(keys.map((key) => [key, 'time,temperature\nx,1\n'])));
    const lines = keys.map((key) => rejectedLine(key, 2, 'invalid-timestamp', 'x,1'));
    const { files, others } = await fixableLines(segments, lines, known);
    expect(others.map(({ key }) => key)).toEqual(keys.slice(0, 2));
    expect(files.map(({ lines }) => lines.length)).toEqual([1]);
  });

  test('are sorted into files by where they go and their header', async () => {
    const csv = 'landing/water-temperature/a.csv';
    const segments = opener({
      [csv]: 'Fecha,Medida\nx\ny\n',
      'raw/2025/01/01/00/a.gz': `1\n${'z'.repeat(9_000)}\n`,
      'landing/water-temperature/s1/b.ndjson': 'q',
    });
    const { files, others } = await fixableLines(
      segments,
      [
        rejectedLine('raw/2025/01/01/00/a.gz', 1, 'not-json', '1'),
        rejectedLine('raw/2025/01/01/00/a.gz', 2, 'not-json', 'zzz', true),
        rejectedLine(csv, 1, 'wrong-columns', 'Fecha,Medida'),
        rejectedLine(csv, 2, 'wrong-columns', 'x'),
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
        header?.toString(),
        lines.map(({ bytes }) => bytes.toString()),
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

  test('are the bytes that were rejected, whatever their encoding, and of several values on a line that one', async () => {
    const [csv, values] = ['landing/water-temperature/a.csv', 'raw/2025/01/01/00/b'];
    const row = Buffer.from('2025/6/2,"12,5\xb0C",0.1', 'latin1'); // Windows-1252: no UTF-8
    const broken = Buffer.from('{"sensorId":"\xe9"}{"b":2}', 'latin1');
    const segments = opener({
      [csv]: Buffer.concat([Buffer.from('Fecha,Medida \xb0C\r\n', 'latin1'), row, Buffer.from('\r\n')]),
      [values]: Buffer.concat([Buffer.from('{"a":1}{"a":2} {"a":3}\n'), broken]),
    });
    const { files } = await fixableLines(
      segments,
      [
        rejectedLine(csv, 2, 'not-utf8', row.toString()),
        rejectedLine(values, 1, 'unknown-field', '{"a":2}'),
        rejectedLine(values, 1, 'unknown-field', '{"a":3}'),
        rejectedLine(values, 2, 'not-utf8', broken.subarray(0, 16).toString()),
        rejectedLine(values, 2, 'unknown-field', 'what is not in it'),
      ],
      datasets,
    );
    expect(files.map(({ header }) => header)).toEqual([
      Buffer.from('Fecha,Medida \xb0C', 'latin1'),
      undefined,
    ]);
    expect(files.map(({ lines }) => lines.map(({ bytes }) => bytes))).toEqual([
      [row],
      [Buffer.from('{"a":2}'), Buffer.from('{"a":3}'), broken],
    ]);
    const out = mkdtempSync(join(tmpdir(), 'caudal-fix-'));
    writeFixable(join(out, 'fix'), files);
    expect(readFileSync(join(out, 'fix.csv'))).toEqual(
      Buffer.concat([Buffer.from('Fecha,Medida \xb0C\n', 'latin1'), row, Buffer.from('\n')]),
    );
    rmSync(out, { recursive: true });
  });

  test('go under a key that follows from their content', () => {
    const key = fixedKey('landing/', 'csv', Buffer.from('a'));
    expect(key).toMatch(/^landing\/fixed-[0-9a-f]{16}\.csv$/);
    expect(fixedKey('landing/', 'csv', Buffer.from('a'))).toBe(key);
    expect(fixedKey('landing/', 'csv', Buffer.from('b'))).not.toBe(key);
  });
});
