import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mutantsOf } from './mutants.ts';
import { TestThread } from './test-thread.ts';

const folder = join(import.meta.dirname, '..', '..', 'core', 'time');
const file = join(folder, 'duration.ts');
const testFile = join(folder, 'duration.test.ts');
const original = readFileSync(file, 'utf8');
const limitMs = () => 1_000;

const thread = new TestThread();
afterAll(() => thread.close());

/** Runs the tests with the file's text changed. */
function changed(from: string, to: string) {
  expect(original).toContain(from);
  return thread.run({ testFile, texts: { [file]: original.replace(from, to) } }, limitMs);
}

test('a change that a test notices fails that test, and one that none notices does not', async () => {
  expect((await changed('60_000', '61_000')).failure).toMatch(/^the duration 1 minute: expected 61000/);
  expect((await changed('60_000', '60 * 1_000')).failure).toBeUndefined();
});

test('a loop without end is stopped, and the next run is as if it had not been', async () => {
  expect((await changed('const match', 'for (;;); const match')).failure).toBe('too slow');
  expect((await changed('const match', 'const match')).failure).toBeUndefined();
});

test('what fails while a file is loaded has failed', async () => {
  expect((await changed('const match', 'const of, match')).failure).toContain('const');
  expect(
    (await changed('export const dayMs', "throw new Error('not today'); export const dayMs")).failure,
  ).toBe('not today');
});

test('what is reached is told apart by when: while the file is loaded, and by each test', async () => {
  const { mutants, counting } = await mutantsOf([file]);
  const { collection, tests } = await thread.run({ testFile, texts: counting }, limitMs);
  const originals = (ids: readonly string[]) =>
    mutants.filter(({ id }) => ids.includes(id)).map((mutant) => mutant.original);
  expect(originals(collection.mutants)).toContain("'minute'");
  expect(originals(tests.flatMap((each) => each.mutants))).not.toContain("'minute'");
  const [sound, none] = [true, false].map((matches) =>
    tests.filter((each) => originals(each.mutants).includes('Number(match[1]) * unit') === matches),
  );
  expect([sound?.length, none?.length]).toEqual([6, 8]);
});

test('only the tests that are asked for run', async () => {
  const { tests } = await thread.run({ testFile, texts: { [file]: original } }, limitMs);
  const [first, second] = tests.map(({ id }) => [id]);
  const texts = { [file]: original.replace("['second', 1_000]", "['second', 1_001]") };
  expect((await thread.run({ testFile, texts, testIds: first ?? [] }, limitMs)).failure).toBeDefined();
  expect((await thread.run({ testFile, texts, testIds: second ?? [] }, limitMs)).failure).toBeUndefined();
});

test('a mutant is the file with the change at its place', async () => {
  const { mutants } = await mutantsOf([file]);
  expect(mutants.length).toBeGreaterThan(20);
  for (const { line, original: piece, replacement, mutated } of mutants) {
    const at = original
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length;
    expect(original.indexOf(piece, at)).toBeGreaterThanOrEqual(at);
    expect(mutated).toHaveLength(original.length - piece.length + replacement.length);
    expect(mutated).toContain(replacement);
  }
});
