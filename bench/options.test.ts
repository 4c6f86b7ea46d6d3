import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../cli/usage-error.ts';
import { others } from './all.ts';
import { type BenchOptions, defineBench } from './options.ts';

const bench = import.meta.dirname;

async function read(...args: string[]): Promise<BenchOptions> {
  const given: BenchOptions[] = [];
  await defineBench(async (options) => given.push(options)).run(args);
  return given[0] as BenchOptions; // `run` was called
}

describe('the options of npm run bench', () => {
  it('takes five turns, and three when it is quick', async () => {
    expect(await read()).toEqual({ quick: false, large: false, all: false, turns: 5 });
    expect(await read('--quick', '--all')).toMatchObject({ quick: true, all: true, turns: 3 });
    expect((await read('--quick', '--turns', '1')).turns).toBe(1);
  });

  it.each([
    ['--quik'],
    ['all'],
    ['--turns'],
    ['--turns', '0'],
    ['--turns', '1.5'],
    ['--turns', 'few'],
    ['--quick=1'],
  ])('refuses %s %s', async (...args) => {
    await expect(read(...args)).rejects.toThrow(UsageError);
  });

  it('names the option that it does not know, and the one that was meant', async () => {
    await expect(read('--quik')).rejects.toThrow(/--quik\b.*--quick\b/s);
  });

  it('has a help that names what --all runs, in its order', () => {
    const { help } = defineBench(async () => 0);
    const named = others.map(({ name }) => help.indexOf(name));
    expect(named).toEqual(named.filter((at) => at > 0).toSorted((a, b) => a - b));
  });
});

describe('what --all runs', () => {
  it.each(others)('$name is a script, which takes --quick: $quick', ({ name, quick }) => {
    const script = join(bench, `${name}.ts`);
    expect(existsSync(script)).toBe(true);
    expect(/quick: \{ type: 'boolean'/.test(readFileSync(script, 'utf8'))).toBe(quick);
  });
});
