import { expect, test } from 'vitest';
import { leavesOf } from './leaves.ts';

test('a document is a record where it has a time by itself', () => {
  const document = { at: '2026-05-01T00:00:00Z', v: { t: 1 }, meta: [{ time: '2026-05-01T00:00:00Z' }] };
  expect(leavesOf([document], undefined)).toMatchObject({
    records: undefined,
    sources: ['$.at', '$.v.t'],
    names: ['at', 't'],
    rows: [['2026-05-01T00:00:00Z', 1]],
  });
});

test('else the objects of an array that have one, and what stands around them is of each', () => {
  const document = {
    id: 'a',
    data: {
      rows: [
        { at: '2026-05-01', t: 1 },
        { at: '2026-05-02', id: 'x' },
      ],
    },
  };
  expect(leavesOf([document], undefined)).toMatchObject({
    records: '$.data.rows[*]',
    sources: ['@.at', '@.t', '$.id', '@.id'],
    names: ['at', 't', '$.id', 'id'],
    rows: [
      ['2026-05-01', 1, 'a', ''],
      ['2026-05-02', '', 'a', 'x'],
    ],
  });
});
