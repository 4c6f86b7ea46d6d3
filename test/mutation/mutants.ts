import { readFileSync } from 'node:fs';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** One change of one file, as Stryker's instrumenter proposes it. */
export interface Mutant {
  readonly id: string;
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly original: string;
  readonly replacement: string;
  /** The whole file with the change. */
  readonly mutated: string;
}

const silent = { isDebugEnabled: () => false, debug() {}, info() {}, warn: console.warn };

/** All mutants of some files, and the files' text that counts in `__stryker__` which of the mutants a test reaches. */
export async function mutantsOf(
  files: readonly string[],
): Promise<{ mutants: Mutant[]; counting: Record<string, string> }> {
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const inputs = [...texts].map(([name, content]) => ({ name, content, mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const { files: counting, mutants } = await new Instrumenter(silent as never).instrument(inputs, options);
  return {
    counting: Object.fromEntries(counting.map(({ name, content }) => [name, content])),
    mutants: mutants.map(({ id, fileName, location: { start, end }, replacement = '' }) => {
      const text = texts.get(fileName) ?? '';
      const from = offsetOf(text, start);
      const to = offsetOf(text, end);
      return {
        id,
        file: fileName,
        line: start.line + 1,
        original: text.slice(from, to),
        replacement,
        mutated: text.slice(0, from) + replacement + text.slice(to),
      };
    }),
  };
}

/** Line and column are from 0. */
function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  let start = 0;
  for (let passed = 0; passed < line; passed++) start = text.indexOf('\n', start) + 1;
  return start + column;
}
