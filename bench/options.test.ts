import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { others } from './all.ts';
import { help, OptionError, readOptions } from './options.ts';

const bench = import.meta.dirname;

describe('the options of npm run bench', () => {
  it('takes five turns, and three when it is quick', () => {
    expect(readOptions([])).toEqual({ help: false, quick: false, large: false, all: false, turns: 5 });
    expect(readOptions(['--quick', '--all'])).toMatchObject({ quick: true, all: true, turns: 3 });
    expect(readOptions(['--quick', '--turns', '1']).turns).toBe(1);
  });

  it.each([
    ['--quik'],
    ['all'],
    ['--turns'],
    ['--turns', '0'],
    ['--turns', '1.5'],
    ['--turns', 'few'],
    ['--quick=1'],
  ])('refuses %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(OptionError);
  });

  it('names the option that it does not know', () => {
    expect(() => readOptions(['--quik'])).toThrow("Unknown option '--quik'");
  });

  it('has a help that names what --all runs, in its order', () => {
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
