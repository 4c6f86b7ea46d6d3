import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { monthNamed } from './month-names.ts';
import { checkFormat, parseTime, swappedFormat } from './time-format.ts';

const madrid = 'Europe/Madrid';
const isoOf = (text: string, format: string, zone = madrid) =>
  parseTime(text, format, zone).map((ms) => new Date(ms).toISOString());

describe('a time is read by its pattern', () => {
  test.each([
    ['2024/2/9', 'yyyy/M/d', '2024-02-08T23:00:00.000Z'],
    ['2024/02/09', 'yyyy/M/d', '2024-02-08T23:00:00.000Z'],
    ['09.02.2024 7:05', 'dd.MM.yyyy H:mm', '2024-02-09T06:05:00.000Z'],
    ['20240209T070501250', 'yyyyMMddTHHmmssSSS', '2024-02-09T06:05:01.250Z'],
    ['2024-02-09 07:05:01.250', 'yyyy-MM-dd HH:mm:ss.SSS', '2024-02-09T06:05:01.250Z'],
    ['202402090705', 'yyyyMMddHHmm', '2024-02-09T06:05:00.000Z'],
    ['240209 705', 'yyMMdd Hmm', '2024-02-09T06:05:00.000Z'],
    ['69-12-31 12', 'yy-MM-dd HH', '2069-12-31T11:00:00.000Z'],
    ['70-01-02 12', 'yy-MM-dd HH', '1970-01-02T11:00:00.000Z'],
    ['9-Feb-2024 07:05', 'd-MMM-yyyy HH:mm', '2024-02-09T06:05:00.000Z'],
    ['9 febrero 2024 07:05', 'd MMMM yyyy HH:mm', '2024-02-09T06:05:00.000Z'],
    ['9. März 2024 07:05', 'd. MMM yyyy HH:mm', '2024-03-09T06:05:00.000Z'],
    ['9 févr. 2024 07:05', 'd MMM yyyy HH:mm', '2024-02-09T06:05:00.000Z'],
    ['09/fev/2024 07:05', 'dd/MMM/yyyy HH:mm', '2024-02-09T06:05:00.000Z'],
    ['9 maggio 2024 07:05', 'd MMM yyyy HH:mm', '2024-05-09T05:05:00.000Z'],
    ['Fri, 09 Feb 2024 07:05', '*, dd MMM yyyy HH:mm', '2024-02-09T06:05:00.000Z'],
    ['09.02.2024 07:00 - 09.02.2024 08:00', 'dd.MM.yyyy HH:mm - *', '2024-02-09T06:00:00.000Z'],
    ['09.02.2024 07:00', 'dd.MM.yyyy HH:mm[ - *]', '2024-02-09T06:00:00.000Z'],
    ['02/09/24 07:05:00 PM', 'MM/dd/yy hh:mm:ss a', '2024-02-09T18:05:00.000Z'],
    ['2/9/2024 12:05a', 'M/d/yyyy h:mma', '2024-02-08T23:05:00.000Z'],
    ['2/9/2024 12:05p', 'M/d/yyyy h:mma', '2024-02-09T11:05:00.000Z'],
    ['2/9/2024 7:05 p. m.', 'M/d/yyyy h:mm a', '2024-02-09T18:05:00.000Z'],
    ['2/9/2024, 7:05\u202fPM', 'M/d/yyyy, h:mm a', '2024-02-09T18:05:00.000Z'],
    ['2024-040 07:05', 'yyyy-DDD HH:mm', '2024-02-09T06:05:00.000Z'],
    ['2024,40,705', 'yyyy,D,Hmm', '2024-02-09T06:05:00.000Z'],
    ['2024-02-09 24:00', 'yyyy-MM-dd HH:mm', '2024-02-09T23:00:00.000Z'],
    ['2024-02-09 07:05:01.5', 'yyyy-MM-dd HH:mm:ss[.S]', '2024-02-09T06:05:01.500Z'],
    ['2024-02-09 07:05:01', 'yyyy-MM-dd HH:mm:ss[.S]', '2024-02-09T06:05:01.000Z'],
    ['2024-02-09 07:05:01.999999999', 'yyyy-MM-dd HH:mm:ss.S', '2024-02-09T06:05:01.999Z'],
    ['2024-02-09', 'yyyy-MM-dd[ HH:mm]', '2024-02-08T23:00:00.000Z'],
    ['2024-02-09 07:05 UTC', "yyyy-MM-dd HH:mm 'UTC'", '2024-02-09T06:05:00.000Z'],
    ['2024-02-09 07:05 +0000', 'yyyy-MM-dd HH:mm X', '2024-02-09T07:05:00.000Z'],
    ['2024-02-09 07:05-03', 'yyyy-MM-dd HH:mmX', '2024-02-09T10:05:00.000Z'],
    ['2024-02-09 07:05+05:45', 'yyyy-MM-dd HH:mmX', '2024-02-09T01:20:00.000Z'],
    ['2024-02-09 07:05Z', 'yyyy-MM-dd HH:mm[X]', '2024-02-09T07:05:00.000Z'],
    ['2024-02-09   7:05', 'yyyy-MM-dd H:mm', '2024-02-09T06:05:00.000Z'],
  ])('%s by %s', (text, format, iso) => {
    expect(isoOf(text, format)).toEqual([iso]);
  });

  test.each([
    // 02:30 is not there at all on the day the clock goes forward.
    ['2024-03-31 02:30', 'yyyy-MM-dd HH:mm'],
    ['2024-02-09', 'yyyy/M/d'],
    ['2024/2/30', 'yyyy/M/d'],
    ['2024/2/9 ', 'yyyy/M/d'],
    ['2024/2/9', 'yyyy/MM/dd'],
    ['1970/1/1', 'yyyy/M/d'],
    ['2024x02x09', 'yyyy.MM.dd'],
    ['2024-02-09 24:01', 'yyyy-MM-dd HH:mm'],
    ['2024-02-09 25:00', 'yyyy-MM-dd HH:mm'],
    ['2024-02-09 07:60', 'yyyy-MM-dd HH:mm'],
    ['2023-366', 'yyyy-DDD'],
    ['2024-000', 'yyyy-DDD'],
    ['9-Foo-2024', 'd-MMM-yyyy'],
    ['30-Feb-2024', 'd-MMM-yyyy'],
    ['2/9/2024 13:05 PM', 'M/d/yyyy h:mm a'],
    ['2/9/2024 0:05 AM', 'M/d/yyyy h:mm a'],
    ['2024-02-09 07:05 +2400', 'yyyy-MM-dd HH:mm X'],
    ['2024-02-09 07:05 CET', "yyyy-MM-dd HH:mm 'UTC'"],
  ])('%s is none by %s', (text, format) => {
    expect(isoOf(text, format)).toEqual([]);
  });
});

test('a time of the hour that is repeated when summer time ends has both of its instants', () => {
  expect(isoOf('2024-10-27 02:30', 'yyyy-MM-dd HH:mm')).toEqual([
    '2024-10-27T00:30:00.000Z',
    '2024-10-27T01:30:00.000Z',
  ]);
  expect(isoOf('2024-10-27 03:00', 'yyyy-MM-dd HH:mm')).toHaveLength(1);
});

test('a date alone is its first instant; a day that was skipped is none', () => {
  expect(isoOf('2018/11/4', 'yyyy/M/d', 'America/Sao_Paulo')).toEqual(['2018-11-04T03:00:00.000Z']);
  expect(isoOf('2011/12/30', 'yyyy/M/d', 'Pacific/Apia')).toEqual([]);
});

describe('counts', () => {
  test.each([
    ['1707462301', 'epoch-s', '2024-02-09T07:05:01.000Z'],
    ['1707462301.9999', 'epoch-s', '2024-02-09T07:05:01.999Z'],
    ['1707462301250', 'epoch-ms', '2024-02-09T07:05:01.250Z'],
    ['1707462301250.7', 'epoch-ms', '2024-02-09T07:05:01.250Z'],
    ['1707462301250999', 'epoch-us', '2024-02-09T07:05:01.250Z'],
    // A double would round these digits up to the next ms.
    ['1707462301250999999', 'epoch-ns', '2024-02-09T07:05:01.250Z'],
    ['45331.2951388889', 'excel', '2024-02-09T06:05:00.000Z'],
    ['43869.2951388889', 'excel-1904', '2024-02-09T06:05:00.000Z'],
    ['45331', 'excel', '2024-02-08T23:00:00.000Z'],
  ])('%s as %s', (text, format, iso) => {
    const [found] = isoOf(text, format);
    expect(found?.slice(0, 23)).toBe(iso.slice(0, 23));
  });

  test.each([
    ['-1', 'epoch-s'],
    ['1707462301', 'epoch-ms'], // seconds: it would be the 20th of January 1970
    ['1707462301.25', 'epoch-ms'],
    ['1707462301250', 'epoch-us'],
    ['1707462301250999', 'epoch-ns'],
    ['1e9', 'epoch-s'],
    ['', 'epoch-ms'],
    ['2024-02-09', 'epoch-ms'],
    ['25568', 'excel'],
    ['1,5', 'excel'],
  ])('%s is none as %s', (text, format) => {
    expect(isoOf(text, format)).toEqual([]);
  });

  test('a spreadsheet keeps every minute of its day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 * 525_600 }), (minute) => {
        const ms = minute * 60_000;
        const shown = String(Number((ms / 86_400_000 + 25_569).toPrecision(15)));
        expect(parseTime(shown, 'excel', 'UTC')).toEqual([ms]);
      }),
    );
  });
});

describe('a format is checked before it is used', () => {
  test.each([
    ...['iso', 'iso-local', 'epoch-s', 'epoch-ms', 'epoch-us', 'epoch-ns', 'excel', 'excel-1904'],
    ...['yyyy/M/d', 'd.M.yyyy H:mm:ss', 'dd-MM-yyyy HH', 'yyyy-MM-dd HH:mm:ss.SSS', 'yyMMddHHmmss'],
    ...['MM/dd/yy hh:mm a', 'yyyy DDD HH:mm', 'yyyy-MM-dd[THH:mm[:ss[.S]]][X]', "d MMM yyyy, HH 'h' mm"],
  ])('%s is sound', (format) => {
    expect(checkFormat(format)).toBeUndefined();
  });

  test.each([
    ...['', '--', 'iso ', 'yyyy-MM', 'yyyy-MM-dd ss', 'yyyy-MM-dd mm', 'yyyy-MM-dd-d', 'yyyy-MM-DD', 7],
    ...['yyyy-MM-dd SSS', 'yyyy-MM-dd HH:mm.SSS', 'yyyy-MM-dd HH ss', 'yyyyy-MM-dd', 'yyyy-MM-dd x'],
    ...['yyyy-DDD-dd', 'yyyy-MM-dd hh:mm', 'yyyy-MM-dd HH:mm a', 'yyyy-MM-dd HH hh a', 'yyyy-MM-dd X'],
    ...['yyyy[-MM]-dd', 'yyyy-MM-dd [HH', 'yyyy-MM-dd HH]', 'yyyyMd', 'yyyy-MM-dd Hm', "yyyy-MM-dd 'UTC"],
  ])('%s is not, and what is accepted is told', (format) => {
    expect(checkFormat(format)).toContain('yyyy or yy');
  });
});

test('day and month are only taken for each other where both are numbers', () => {
  expect(swappedFormat('dd/MM/yyyy HH:mm')).toBe('MM/dd/yyyy HH:mm');
  expect(swappedFormat("d.M.yy 'd' H:mm")).toBe("M.d.yy 'd' H:mm");
  for (const format of ['iso', 'epoch-s', 'd MMM yyyy', 'yyyy-DDD'])
    expect(swappedFormat(format)).toBeUndefined();
});

test('months have the names that Intl gives them in five languages, and no name means two', () => {
  for (const language of ['en', 'es', 'de', 'fr', 'pt'])
    for (const month of ['long', 'short'] as const) {
      const name = new Intl.DateTimeFormat(language, { month, timeZone: 'UTC' });
      for (let at = 0; at < 12; at++)
        expect(monthNamed(name.format(Date.UTC(2026, at, 15))), `${language} ${at + 1}`).toBe(at + 1);
    }
});

test('other text beside a time is no part of it: not a digit, a half of the day or an offset', () => {
  const format = 'dd.MM.yyyy HH:mm *';
  for (const other of ['PM', 'p. m.', 'am', '+02:00', '-0500', 'Z'])
    expect(parseTime(`09.02.2024 07:05 ${other}`, format, 'UTC'), other).toEqual([]);
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (other) => {
      const read = parseTime(`09.02.2024 07:05${other}`, format, 'UTC');
      expect(read.length === 0 || (other.startsWith(' ') && read[0] === Date.UTC(2024, 1, 9, 7, 5))).toBe(
        true,
      );
    }),
  );
  for (const unsound of ['dd.MM.yyyy HH:mm*', '*dd.MM.yyyy', 'dd.MM.yyyy * *', "dd.MM.yyyy'1'*"])
    expect(checkFormat(unsound), unsound).toBeDefined();
});
