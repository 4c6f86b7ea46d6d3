import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { exportOf } from '../core/inspect/dataset-source.ts';
import { formatSamples } from '../test/support/format-samples.ts';
import { shippedFormats } from './index.ts';

const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
  .map((file) => file.slice(0, -'.ts'.length));

it('lists each format of the folder under the name of its file, and each has its test', () => {
  expect(shippedFormats.map(({ name }) => name).sort()).toEqual(files.sort());
  for (const file of files) expect(existsSync(join(import.meta.dirname, `${file}.test.ts`)), file).toBe(true);
});

it('has each under the name that a dataset imports', async () => {
  for (const format of shippedFormats)
    expect((await import(`./${format.name}.ts`))[exportOf(format.name)], format.name).toBe(format);
});

it('says of each format what it is', () => {
  for (const { name, title, about } of shippedFormats) {
    expect(title, name).not.toBe('');
    expect(about.length, name).toBeGreaterThan(100);
  }
});

/** The names of the formats that recognise a file. */
const recognisers = (bytes: Buffer) => {
  const start = bytes.toString();
  return shippedFormats.filter((format) => format.recognises(start)).map(({ name }) => name);
};

test.each([...formatSamples])('a file of %s is recognised as that, and as no other', (name, sample) => {
  expect(recognisers(sample)).toEqual([name]);
});

it('recognises none of the files that people write by themselves', () => {
  const folder = join(import.meta.dirname, '..', 'test', 'fixtures', 'real-files');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:csv|dat|ndjson|json)$/.test(file)) continue;
    const expected = /^toa5.met10\./.test(file) ? ['toa5'] : [];
    expect(recognisers(readFileSync(join(folder, file))), file).toEqual(expected);
  }
});

it('is listed on the page about formats', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'formats.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| ([^|]+) \|/gm)].map(([, name, title]) => [
    name,
    title,
  ]);
  const shipped = shippedFormats.map(({ name, title }) => [name, title]);
  expect(rows.filter(([name]) => files.includes(name ?? ''))).toEqual(shipped);
});
