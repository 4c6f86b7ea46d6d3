import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shippedJsonFormats } from './index.ts';

const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
  .map((file) => file.slice(0, -'.ts'.length));

it('lists each format of the folder under the name of its file, and each has its test', () => {
  expect(shippedJsonFormats.map(({ name }) => name).sort()).toEqual(files.sort());
  for (const file of files) expect(existsSync(join(import.meta.dirname, `${file}.test.ts`)), file).toBe(true);
});

it('says of each format what it is', () => {
  for (const { name, title, about } of shippedJsonFormats) {
    expect(title, name).not.toBe('');
    expect(about.length, name).toBeGreaterThan(100);
  }
});
