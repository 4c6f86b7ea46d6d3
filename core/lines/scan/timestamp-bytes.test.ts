import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTimestamp } from '../../time/calendar.ts';
import { TimestampReader } from './timestamp-bytes.ts';

/** What is read of a text in quotes, as it stands in a line: where it ends relative to its start, and the instant. */
function read(text: string, { reader = new TimestampReader(), more = '}\n' } = {}) {
  const bytes = Buffer.from(`{"t":"${text}"${more}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const column = Float64Array.of(7, 7, 7);
  const end = reader.read(bytes, view, 5, bytes.length, column, 1);
  expect([column[0], column[2]]).toEqual([7, 7]);
  if (end === -1) return undefined;
  expect(end).toBe(5 + text.length + 2);
  return column[1];
}

describe('a timestamp is read from its bytes', () => {
  test.each([
    '2024-02-29T12:30:15Z',
    '2024-02-29T12:30:15.2Z',
    '2024-02-29T12:30:15.25Z',
    '2024-02-29T12:30:15.257Z',
    '2024-02-29T12:30:15.250000000Z',
    '2024-02-29T12:30:15.250999999Z',
    '2024-02-29T00:30:00+01:00',
    '2024-02-28T23:30:00.5-05:45',
    '1970-01-01T00:00:00Z',
    '1970-01-01T23:59:00+23:59',
    '2099-12-31T23:59:59.999Z',
    '2100-01-01T23:58:59.999+23:59',
    '2000-02-29T00:00:00Z',
    '2024-12-31T09:08:07Z',
  ])('%s', (text) => {
    expect(parseTimestamp(text)).toBeDefined();
    expect(read(text)).toBe(parseTimestamp(text));
  });

  test('also where its date is that of the line before, or nearly', () => {
    const reader = new TimestampReader();
    for (const date of ['2024-02-29', '2024-02-29', '2024-02-28', '2024-03-28', '2023-03-28', '2123-03-28', '2023-03-28', '2024-02-30', '2024-02-29']) {
      const text = `${date}T12:30:15.250Z`;
      expect(read(text, { reader })).toBe(parseTimestamp(text));
    } // biome-ignore format: a list
  });
});

describe('none is read of', () => {
  test.each([
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:01Z',
    '2024-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:00,5Z',
    '2024-01-01T00:00:00.00',
    '2024-01-01T00:00:00.000',
    '2024-01-01T00:00:00xxxx',
    '2024-01-01 00:00:00Z',
    '2024-01-01t00:00:00Z',
    '2024-01-01T00:00:00z',
    '2024-01-01T00:00:00+0100',
    '2024-01-01T00:00:00+01x00',
    '2024-01-01T00:00:00x01:00',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+00:60',
    '2024-01-01T00:00:00Zx',
    '2024-01-01T00:00:00+01:00x',
    '2024-01-01T00x00:00Z',
    '2024-01-01T00:00x00Z',
    '2024x01-01T00:00:00Z',
    '2024-01x01T00:00:00Z',
    'x024-01-01T00:00:00Z',
    '20x4-01-01T00:00:00Z',
    '18x4-01-01T00:00:00Z',
    '18/4-01-01T00:00:00Z',
    '1/24-01-01T00:00:00Z',
    '202/-01-01T00:00:00Z',
    '2024-x1-01T00:00:00Z',
    '2024-1:-01T00:00:00Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00+00:01',
    '2100-01-01T00:00:00Z',
    '2099-12-31T23:59:59-00:01',
    '0024-01-01T00:00:00Z',
  ])('%s', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
    expect(read(text)).toBeUndefined();
  });

  test('what is not in quotes, or breaks off', () => {
    const line = '"2024-02-29T12:30:15.250+01:00"\n';
    const at = (text: string, limit: number) => {
      const bytes = Buffer.from(text);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return new TimestampReader().read(bytes, view, 0, limit, new Float64Array(1), 0);
    };
    expect(at(line, line.length)).toBe(line.length - 1);
    expect(at(line.replace('"', "'"), line.length)).toBe(-1);
    expect(at(line.replace('"\n', '\n'), line.length - 1)).toBe(-1);
    // Each line ends in its line feed, and what comes after it in the buffer is not read as a part of it.
    for (let length = 1; length < line.length - 1; length++) {
      const broken = `${line.slice(0, length)}\n`;
      expect(at(broken + line.slice(length + 1), broken.length)).toBe(-1);
      expect(at(broken, broken.length)).toBe(-1);
    }
  });
});

/** Sound, but seldom sent: without seconds, or with a date before 1970, which an offset may put into 1970. */
const isLeftToOthers = (text: string) => /T\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text) || text < '1970';

test.each(['2024-02-29T12:30+01:00', '1969-12-31T12:00:00-23:59'])(
  '%s is sound, but not read here',
  (text) => {
    expect(parseTimestamp(text)).toBeDefined();
    expect(read(text)).toBeUndefined();
  },
);

test('whatever the bytes are, what is read is what parsing the text gives', () => {
  const sound = fc.constantFrom(
    '2024-02-29T12:30:15.250Z',
    '2024-02-29T12:30:15+01:30',
    '1999-12-31T23:59:59.999000-23:59',
  );
  const changed = fc
    .tuple(sound, fc.nat(30), fc.constantFrom(...'0123456789-+:TZ./;x'))
    .map(([text, at, by]) => {
      return text.slice(0, at) + by + text.slice(at + 1);
    });
  fc.assert(
    fc.property(changed, (text) => {
      const instantMs = read(text);
      if (instantMs !== undefined) expect(instantMs).toBe(parseTimestamp(text));
      else if (!isLeftToOthers(text)) expect(parseTimestamp(text)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});
