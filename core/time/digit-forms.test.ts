import { describe, expect, test } from 'vitest';
import { digitForms } from './digit-forms.ts';

const shown = (format: string) =>
  digitForms(format).map(({ pieces }) =>
    pieces.map((piece) => ('character' in piece ? piece.character : `<${piece.part}>`)).join(''),
  );

describe('the forms of a time format', () => {
  test('have each part and each character, with and without what may be missing', () => {
    expect(shown('dd/MM/yyyy H:mm')).toEqual(['<day>/<month>/<year> <hour>:<minute>']);
    expect(shown('yyyy-MM-dd[ HH:mm[:ss]]')).toEqual([
      '<year>-<month>-<day> <hour>:<minute>:<second>',
      '<year>-<month>-<day> <hour>:<minute>',
      '<year>-<month>-<day>',
    ]);
    expect(shown("yyyyMMdd'T'HHmm")).toEqual(['<year><month><day>T<hour><minute>']);
  });

  test('are of UTC for ISO, with and without a fraction', () => {
    expect(digitForms('iso').map(({ isUtc }) => isUtc)).toEqual([true, true]);
  });

  test.each([
    'd MMM yyyy',
    'h:mm a d/M/yyyy',
    'yyyy-DDD',
    'yyyy-MM-dd HH:mm X',
    'epoch-s',
    'excel',
    'iso-local',
  ])('are none of %s', (format) => expect(shown(format)).toEqual([]));
});
