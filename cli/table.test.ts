import { expect, test } from 'vitest';
import { renderTable } from './table.ts';

const columns = [{ title: 'name' }, { title: 'lines', align: 'right' as const }, { title: 'why' }];
const rows = [
  [
    'a',
    '1,000',
    'a long text of which not all fits on one line of a narrow terminal, and which goes on below',
  ],
  ['b', '7', 'short'],
];

test('a table fits a terminal: a long cell goes on below, broken at spaces', () => {
  expect(renderTable(columns, rows, 40).split('\n')).toEqual([
    'name  lines  why',
    '────  ─────  ───────────────────────────',
    'a     1,000  a long text of which not',
    '             all fits on one line of a',
    '             narrow terminal, and which',
    '             goes on below',
    'b         7  short',
  ]);
});

test('in a pipe a row is one line', () => {
  expect(renderTable(columns, rows, Number.POSITIVE_INFINITY).split('\n')).toHaveLength(4);
});

test('a word is never broken: it can be copied', () => {
  const id = '8a1f0c62-4f0e-4f2b-9d55-2d1d2a6b6f0e';
  expect(renderTable(columns, [[id, '1', 'text of some words']], 20)).toContain(id);
});
