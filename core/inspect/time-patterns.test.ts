import { expect, test } from 'vitest';
import { timePatternsOf } from './time-patterns.ts';

const formatsOf = (...cells: string[]) => timePatternsOf(cells).map(({ format }) => format);

test.each([
  [['2026-05-01T10:00:00Z'], ['iso']],
  [['2026-05-01 10:00', '2026-05-01 10:10'], ['yyyy-MM-dd HH:mm']],
  [['2026/5/1 0:05', '2026/5/12 10:10'], ['yyyy/M/d H:mm']],
  [['13.5.2026 10:00:00'], ['d.M.yyyy HH:mm:ss'].map((format) => format.replace('d.', 'dd.'))],
  [['05/13/26 10:00:00 AM'], ['MM/dd/yy hh:mm:ss a']],
  [['05/13/2026 1:00p', '05/13/2026 12:30a'], ['MM/dd/yyyy h:mma']],
  [['2026-05-01 10:00:00.5', '2026-05-01 10:00:01'], ['yyyy-MM-dd HH:mm:ss[.S]']],
  [['2026-05-01 10:00:00', '2026-05-01 10:01'], ['yyyy-MM-dd HH:mm[:ss]']],
  [['2026-05-01T10:00:00.123'], ['yyyy-MM-ddTHH:mm:ss.S']],
  [['2026-05-01 10:00:00 UTC'], ["yyyy-MM-dd HH:mm:ss' UTC'"]],
  [['2026-05-01 10:00:00+0200'], ['yyyy-MM-dd HH:mm:ssX']],
  [['1-May-2026 00:00'], ['d-MMM-yyyy HH:mm']],
  [['1 mai 2026'], ['d MMM yyyy']],
  [['May 13, 2026 10:00'], ['MMM dd, yyyy HH:mm']],
  [['202605010010'], ['yyyyMMddHHmm']],
  [['2026050124'], ['yyyyMMddHH']],
  [['20260501 1010'], ['yyyyMMdd HHmm']],
  [['2026-121 10:00'], ['yyyy-DDD HH:mm']],
  [['12.5', '13'], []],
  [['2026-13-45'], []],
  [['', ''], []],
])('%j is written as %j', (cells, formats) => {
  expect(formatsOf(...cells)).toEqual(formats);
});

test('where day and month may be either, both are there; one date with a day above 12 tells', () => {
  expect(formatsOf('01/02/2026', '03/02/2026')).toEqual(['dd/MM/yyyy', 'MM/dd/yyyy']);
  expect(formatsOf('01/02/2026', '13/02/2026')).toEqual(['dd/MM/yyyy']);
  expect(formatsOf('01/02/2026', '02/13/2026')).toEqual(['MM/dd/yyyy']);
  expect(formatsOf('01/02/03')).toEqual(['dd/MM/yy', 'MM/dd/yy', 'yy/MM/dd']);
});

test('a broken cell among many does not hide what the others are', () => {
  const cells = Array.from({ length: 20 }, (_, at) => `2026-05-${String(at + 1).padStart(2, '0')}`);
  expect(formatsOf(...cells, 'Total')).toEqual(['yyyy-MM-dd']);
});
