import { describe, expect, test } from 'vitest';
import { lookOf } from './look.ts';

describe('a day of a sensor looks', () => {
  const none = { row: undefined, today: '2024-06-15', everySeconds: 900 };
  test.each([
    [
      'as complete as it is, by quarters',
      { ...none, row: { completeness: 0.51 }, day: '2024-06-14' },
      'level-3',
    ],
    ['not empty with a single reading', { ...none, row: { completeness: 0 }, day: '2024-06-14' }, 'level-1'],
    ['whole where nothing is expected', { ...none, row: {}, day: '2024-06-14' }, 'level-4'],
    ['empty without a reading', { ...none, day: '2024-06-15' }, 'level-0'],
    [
      'in order where nobody said that a reading is due',
      { ...none, day: '2024-06-01', everySeconds: undefined },
      'not-due',
    ],
    ['like nothing while it is to come', { ...none, day: '2024-06-16' }, 'to-come'],
    ['in order where none is due each day', { ...none, everySeconds: 604_800, day: '2024-06-01' }, 'not-due'],
  ])('%s', (_, seen, look) => {
    expect(lookOf(seen)).toBe(look);
  });
});
