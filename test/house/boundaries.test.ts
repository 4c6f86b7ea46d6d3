import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The edge is drawn in files: only `handler.ts` may hold a client, the environment or the datasets of this deployment.
 * Everything else under handlers/ and core/ is given what it needs, so a test can give it something else.
 */

const root = new URL('../../', import.meta.url);
const sources = ['core', 'handlers', 'datasets'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`),
);
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const breaking = (files: string[], pattern: RegExp): string[] =>
  files.filter((file) => pattern.test(textOf(file)));

const inner = sources.filter((file) => basename(file) !== 'handler.ts');

test('there is something to hold', () => {
  expect(inner.length).toBeGreaterThan(30);
  expect(sources.length).toBeGreaterThan(inner.length + 4);
});

test('only handler.ts imports an SDK, Powertools or an adapter', () => {
  expect(
    breaking(inner, /from '(@aws-sdk|@smithy|@aws-lambda-powertools)\/|from '[./]+\/adapters\//),
  ).toEqual([]);
});

test('only handler.ts reads the environment or names the datasets of the deployment', () => {
  expect(breaking(inner, /process\.env|from '#datasets'/)).toEqual([]);
});

test('core and datasets know neither handlers nor the clock nor chance', () => {
  const pure = sources.filter((file) => !file.startsWith('handlers/'));
  expect(
    breaking(pure, /from '[./]+\/handlers\/|Date\.now\(|new Date\(\)|Math\.random\(|performance\.now/),
  ).toEqual([]);
});

test('the logic of handlers has neither clock nor chance of its own', () => {
  const logic = inner.filter((file) => file.startsWith('handlers/'));
  expect(breaking(logic, /Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(/)).toEqual([]);
});

test('no file is over 400 lines', () => {
  expect(sources.filter((file) => textOf(file).split('\n').length > 400)).toEqual([]);
});
