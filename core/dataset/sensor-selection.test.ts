import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalSensorId } from './sensor-id.ts';
import { maxSelected, readSelection, selects } from './sensor-selection.ts';

const chosen = (text: string, ids: readonly string[]) => {
  const selection = readSelection(text);
  if (selection === undefined) throw new Error(`no selection: ${text}`);
  return ids.filter((id) => selects(selection, id));
};

describe('a selection of sensors', () => {
  const ids = ['pier-1', 'pier-2', 'pier-10', 'station-north', 'station', 'a,b', 'x*y', 'xzy', 'Río'];

  test.each([
    ['pier-1', ['pier-1']],
    ['pier-2,pier-1', ['pier-1', 'pier-2']],
    ['pier-*', ['pier-1', 'pier-2', 'pier-10']],
    ['station*', ['station-north', 'station']],
    ['*-1*', ['pier-1', 'pier-10']],
    ['p*1,station', ['pier-1', 'station']],
    ['a\\,b', ['a,b']],
    ['x\\*y', ['x*y']],
    ['x*y', ['x*y', 'xzy']],
    ['R\u0069\u0301o', ['Río']],
    ['ri*', []],
    ['*', ids],
  ])('%s', (text, expected) => {
    expect(chosen(text, ids)).toEqual(expected);
  });

  test('a text between asterisks is there once for each time that it is asked for', () => {
    expect(chosen('aba*aba', ['aba', 'ababa', 'abaaba'])).toEqual(['abaaba']);
    expect(chosen('*ab*ab*', ['ab', 'abab', 'xabyabz'])).toEqual(['abab', 'xabyabz']);
  });

  test.each(['', ',', 'a,', 'a,,b', '..', 'a\u200bb', '*'.repeat(9), 'é'.repeat(65)])(
    '%j is none',
    (text) => {
      expect(readSelection(text)).toBeUndefined();
    },
  );

  test('has no more than so many entries', () => {
    const ids = Array.from({ length: maxSelected }, (_, index) => `s${index}`);
    expect(readSelection(ids.join(','))?.ids.size).toBe(maxSelected);
    expect(readSelection([...ids, 'one-more'].join(','))).toBeUndefined();
  });

  test('any id is found by its own text, with its commas, asterisks and backslashes marked', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), (text) => {
        const id = canonicalSensorId(text);
        fc.pre(id !== undefined);
        const { ids, patterns } = readSelection(id.replaceAll(/[,*\\]/g, '\\$&')) ?? {};
        expect([...(ids ?? [])]).toEqual([id]);
        expect(patterns).toEqual([]);
      }),
    );
  });
});
