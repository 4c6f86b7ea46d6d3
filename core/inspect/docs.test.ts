import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unitBounds } from './unit-bounds.ts';

test('the page of formats has the bounds of each unit', () => {
  const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
  const [, table = ''] = /\| unit \| min \| max \|\n\|[-|]+\n((?:\|.*\n)+)/.exec(page) ?? [];
  const rows = table.trimEnd().split('\n');
  expect(rows).toEqual(
    Object.entries(unitBounds).map(([unit, [min, max]]) => `| ${unit} | ${min} | ${max} |`),
  );
});
