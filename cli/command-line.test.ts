import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { explainFault, runCommandLine } from './command-line.ts';
import { flag } from './options.ts';
import { closestName, UsageError } from './usage-error.ts';
import { defineVerb, type Verb } from './verb.ts';

let out: string[];
let err: string[];
beforeEach(() => {
  [out, err] = [[], []];
  vi.spyOn(console, 'log').mockImplementation((line) => out.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => err.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

const verbThat = (name: string, run: () => Promise<number>): Verb =>
  defineVerb({
    command: `npm run sample -- ${name}`,
    summary: `does ${name}`,
    options: { json: flag({ help: 'for machines' }) },
    examples: [`npm run sample -- ${name}`],
    run,
  });
const program = {
  command: 'npm run sample --',
  about: ['What it is.'],
  notes: ['Exit codes.'],
  verbs: {
    fail: async () => verbThat('fail', async () => Promise.reject(new Error('it broke'))),
    refuse: async () => verbThat('refuse', async () => Promise.reject(new UsageError('Not so.'))),
    status: async () => verbThat('status', async () => 1),
  },
};
const run = (...argv: string[]) => runCommandLine(program, argv);

describe('a command line', () => {
  it('runs the verb that is named, and gives its exit code', async () => {
    expect(await run('status')).toBe(1);
    expect([...out, ...err]).toEqual([]);
  });

  it('lists its verbs: 0 when that was asked for, else 2', async () => {
    expect(await run('--help')).toBe(0);
    expect(await run()).toBe(2);
    expect(out[0]).toBe(
      'Usage: npm run sample -- <verb> [options]\n\nWhat it is.\n\n  fail    does fail\n  refuse  does refuse\n  status  does status\n\nExit codes.',
    );
    expect(out[1]).toBe(out[0]);
  });

  it('suggests a verb for one that does not exist', async () => {
    expect(await run('statsu')).toBe(2);
    expect(await run('toString')).toBe(2);
    expect(err).toEqual([
      'There is no verb "statsu". Did you mean status? npm run sample -- --help lists all.',
      'There is no verb "toString". npm run sample -- --help lists all.',
    ]);
  });

  it('names what is wrong with a call, and where the options are, with exit code 2', async () => {
    expect(await run('refuse')).toBe(2);
    expect(await run('status', '--jsn')).toBe(2);
    expect(err).toEqual([
      'Not so.\nnpm run sample -- refuse --help shows all options.',
      'There is no option --jsn. Did you mean --json?\nnpm run sample -- status --help shows all options.',
    ]);
  });

  it('explains a fault in a line, by its own words first, with exit code 1', async () => {
    expect(await run('fail')).toBe(1);
    const explain = (fault: unknown) => (fault as Error).message.replace('it', 'That');
    expect(await runCommandLine(program, ['fail'], { explain })).toBe(1);
    expect(err).toEqual(['Error: it broke', 'That broke']);
  });

  it('runs without a verb where that is declared', async () => {
    const withoutVerb = verbThat('', async () => 7);
    expect(await runCommandLine(program, [], { withoutVerb })).toBe(7);
    expect(await runCommandLine(program, ['--json'], { withoutVerb })).toBe(7);
    expect(await runCommandLine(program, ['status'], { withoutVerb })).toBe(1);
    expect(await runCommandLine(program, ['stat'], { withoutVerb })).toBe(2);
    expect(await runCommandLine(program, ['--help'], { withoutVerb })).toBe(0);
    expect(out).toEqual([withoutVerb.help]);
  });
});

describe('a fault', () => {
  it('of a connection names the endpoint', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    const refused = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED', message: 'x' } });
    expect(explainFault(refused)).toBe(
      'Nothing answers at http://127.0.0.1:1. Is the local cloud up? Start it with: npm start -- --port 1',
    );
    vi.unstubAllEnvs();
  });

  it('of the program shows where it was, another one its name and message', () => {
    expect(explainFault(new TypeError('x is not a function'))).toMatch(/x is not a function\n +at /);
    expect(explainFault(Object.assign(new Error('no'), { name: 'AccessDenied' }))).toBe('AccessDenied: no');
    expect(explainFault(new TypeError('fetch failed', { cause: new Error('reset') }))).toBe(
      'fetch failed: reset',
    );
    expect(explainFault('text')).toBe('Error: text');
  });
});

describe('the closest name', () => {
  it.each([
    ['limti', 'limit'],
    ['dryrun', 'dry-run'],
    ['exclude', undefined],
    ['jason', 'json'],
    ['', undefined],
  ])('to %j is %j', (typed, name) => {
    expect(closestName(typed, ['limit', 'dry-run', 'json', 'help'])).toBe(name);
  });
});
