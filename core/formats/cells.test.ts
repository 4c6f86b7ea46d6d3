import { expect, test } from 'vitest';
import { cutCells, splitCells } from './cells.ts';

test.each([
  ['a,b', ['a', 'b']],
  ['', ['']],
  [',', ['', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a""b",""', ['a"b', '']],
  ['a"b,c', ['a"b', 'c']],
  [' "a, b" , "c" ,d', ['a, b', 'c', 'd']],
  ['"a"b,c', undefined],
  ['"a', undefined],
  ['"a""', undefined],
  ['x,"', undefined],
  ['"",', ['', '']],
])('the cells of %s', (text, cells) => {
  expect(splitCells(text, ',')).toEqual(cells);
});

test.each([
  ['a b', ['a', 'b']],
  ['  a \t b  ', ['a', 'b']],
  ['', []],
  ['"a b" c', ['a b', 'c']],
  ['"a ""b""" c', ['a "b"', 'c']],
  ['"a"b c', undefined],
  ['a "b', undefined],
])('the cells of %s between runs of spaces', (text, cells) => {
  expect(splitCells(text, 'spaces')).toEqual(cells);
});

test('another quote is one, and none is none', () => {
  expect(splitCells("'a;b';c", ';', "'")).toEqual(['a;b', 'c']);
  expect(splitCells('"a;b', ';', 'none')).toEqual(['"a', 'b']);
});

test('fixed columns are cut by their widths, the last one to the end, short lines into empty cells', () => {
  expect(cutCells('2024 01  -5', [5, 3, 2])).toEqual(['2024 ', '01 ', ' -5']);
  expect(cutCells('2024', [5, 3, 2])).toEqual(['2024', '', '']);
});
