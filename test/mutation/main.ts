import { globSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, matchesGlob, relative, resolve, sep } from 'node:path';
import { type Mutant, mutantsOf } from './mutants.ts';
import { TestThread } from './test-thread.ts';

/**
 * `npm run mutation`: changes `core/` in thousands of small ways, one at a time, and tells which of them no test notices. With paths, of
 * files or folders, only those: `npm run mutation -- core/time core/set/union.ts`.
 */
const root = join(import.meta.dirname, '..', '..');

/** Of each file the tests that lie beside it or in a folder above, and the properties that need no cloud and no synthesis. */
const properties =
  'test/property/{calendar,declared-files,encode-reading,events,exact-sums,json-formats,known-shapes,number-bytes,parse,sort,statistics,two-paths,two-paths-of-tables,union}.test.ts';

/** Percent of the mutants that a test must notice; below it the exit code is 1. */
const wantedScore = 92;

/** CPU time of a test without a change, or of loading it. What takes longer is no test of rules. */
const longestMs = 120_000;

interface TestFile {
  readonly path: string;
  /** Without a change; of each test in it, and, without an id, of loading it. */
  readonly cpuMs: number;
  readonly cpuMsOf: ReadonlyMap<string | undefined, number>;
  /** The ids of the mutants that are reached before the first test, and in each. */
  readonly loaded: ReadonlySet<string>;
  readonly reached: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Verdict {
  readonly mutant: Mutant;
  readonly survived: boolean;
  readonly cpuMs: number;
}

/** @returns the exit code */
async function main(paths: readonly string[]): Promise<number> {
  const files = filesOf(paths.length > 0 ? paths : [join(root, 'core')]);
  const threads = Array.from({ length: availableParallelism() }, () => new TestThread());
  try {
    const { mutants, counting } = await mutantsOf(files);
    const testFiles = await reachingTests(threads, files, counting);
    const verdicts = new Map(files.map((file) => [file, [] as Verdict[]]));
    await shareOut(threads, mutants, async (thread, mutant) => {
      const ofFile = verdicts.get(mutant.file) ?? [];
      ofFile.push(await judge(thread, mutant, testFiles));
      if (ofFile.length === mutants.filter(({ file }) => file === mutant.file).length) printSurvivors(ofFile);
    });
    return printTable(verdicts);
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

/** The files of `core/` that are meant, absolute. @throws when there are none */
function filesOf(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? globSync(join(path, '**/*.ts')).toSorted() : [path],
  );
  const subjects = files.filter((file) => !file.endsWith('.test.ts')).map((file) => resolve(file));
  if (subjects.length === 0) throw new Error(`no files to change in ${paths.join(', ')}`);
  return subjects;
}

function testsOf(files: readonly string[]): string[] {
  const beside = globSync('core/**/*.test.ts', { cwd: root }).filter((test) =>
    files.some((file) => isBeside(join(root, test), file)),
  );
  return [...beside, ...globSync(properties, { cwd: root })];
}

function isProperty(test: string): boolean {
  return matchesGlob(relative(root, test), properties);
}

function isBeside(test: string, file: string): boolean {
  return file.startsWith(dirname(test) + sep);
}

/** The test files that reach a mutant, the quickest first. @throws when one fails without a change */
async function reachingTests(
  threads: readonly TestThread[],
  files: readonly string[],
  counting: Readonly<Record<string, string>>,
): Promise<TestFile[]> {
  const unchanged = Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const found: TestFile[] = [];
  const passing = async (thread: TestThread, testFile: string, texts: Readonly<Record<string, string>>) => {
    const answer = await thread.run({ testFile, texts }, () => longestMs);
    if (answer.failure === undefined) return answer;
    throw new Error(`${relative(root, testFile)} fails without a change: ${answer.failure}`);
  };
  await shareOut(threads, testsOf(files), async (thread, name) => {
    const path = join(root, name);
    const counted = await passing(thread, path, counting);
    const loaded = new Set(counted.collection.mutants);
    const reached = new Map(counted.tests.map(({ id, mutants }) => [id, new Set(mutants)]));
    if (loaded.size === 0 && ![...reached.values()].some(({ size }) => size > 0)) return;
    const { cpuMs, collection, tests } = await passing(thread, path, unchanged);
    const cpuMsOf = new Map<string | undefined, number>(tests.map(({ id, cpuMs }) => [id, cpuMs]));
    found.push({ path, cpuMs, cpuMsOf: cpuMsOf.set(undefined, collection.cpuMs), loaded, reached });
  });
  return found.sort((a, b) => a.cpuMs - b.cpuMs);
}

/** Runs the tests that reach the mutant until one fails. */
async function judge(thread: TestThread, mutant: Mutant, testFiles: readonly TestFile[]): Promise<Verdict> {
  let spentMs = 0;
  for (const { path, cpuMsOf, loaded, reached } of testFiles) {
    const beside = isBeside(path, mutant.file);
    if (!beside && !isProperty(path)) continue;
    // Everything loads a constant, also what has nothing to do with it: the tests beside it have to notice its change.
    const all = beside && loaded.has(mutant.id);
    const testIds = [...reached].filter(([, mutants]) => all || mutants.has(mutant.id)).map(([id]) => id);
    if (testIds.length === 0) continue;
    const order = { testFile: path, texts: { [mutant.file]: mutant.mutated }, testIds };
    // A loop without end has failed, and so has what takes many times as long.
    const answer = await thread.run(order, (testId) => 1_000 + 5 * (cpuMsOf.get(testId) ?? 0));
    spentMs += answer.cpuMs;
    if (answer.failure !== undefined) return { mutant, survived: false, cpuMs: spentMs };
  }
  return { mutant, survived: true, cpuMs: spentMs };
}

/** Gives the items to the threads in their order, the next one to whichever is free. */
async function shareOut<Item>(
  threads: readonly TestThread[],
  items: readonly Item[],
  work: (thread: TestThread, item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    threads.map(async (thread) => {
      for (const item of queue) await work(thread, item);
    }),
  );
}

function printSurvivors(verdicts: readonly Verdict[]): void {
  for (const { mutant, survived } of verdicts.toSorted((a, b) => a.mutant.line - b.mutant.line)) {
    if (!survived) continue;
    console.log(
      `${relative(root, mutant.file)}:${mutant.line}  ${oneLine(mutant.original)}  ->  ${oneLine(mutant.replacement)}`,
    );
  }
}

function oneLine(code: string): string {
  const line = code.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/** @returns the exit code */
function printTable(verdicts: ReadonlyMap<string, readonly Verdict[]>): number {
  const row = (...cells: string[]) =>
    console.log(
      cells[0]?.padEnd(44) +
        cells
          .slice(1)
          .map((cell) => cell.padStart(10))
          .join(''),
    );
  const summarize = (name: string, all: readonly Verdict[]): number => {
    const survived = all.filter((verdict) => verdict.survived).length;
    const score = (100 * (all.length - survived)) / all.length;
    const seconds = all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000;
    const numbers = [all.length, all.length - survived, survived].map(String);
    row(name, ...numbers, all.length === 0 ? '' : `${score.toFixed(1)} %`, `${seconds.toFixed(0)} s`);
    return score;
  };
  console.log();
  row('file', 'mutants', 'killed', 'survived', 'score', 'CPU time');
  for (const [file, ofFile] of verdicts) summarize(relative(root, file), ofFile);
  return summarize('all', [...verdicts.values()].flat()) < wantedScore ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
