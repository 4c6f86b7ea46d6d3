import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = [
  '✓ tables  all there',
  '✗ queue   is late',
  '',
  'name   status',
  '─────  ─────────',
  'a      SUCCEEDED',
  'b ✗ c  FAILED',
].join('\n');

/** Prints a page in a process of its own, into a pipe. */
function printed(text: string, env: Record<string, string>): string {
  const { NO_COLOR: _, FORCE_COLOR: __, ...others } = process.env;
  const program = `import { print } from './cli/print.ts'; print(${JSON.stringify(text)});`;
  const options = { cwd: root, env: { ...others, ...env }, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', program], options).stdout;
}

describe('colours', () => {
  test('are not in a pipe', () => {
    expect(printed(page, {})).toBe(`${page}\n`);
  });

  test('are there where FORCE_COLOR asks for them, and change no character of the page', () => {
    const shown = printed(page, { FORCE_COLOR: '1' });
    expect(shown).toContain('\u001b[32m✓\u001b[39m tables');
    expect(shown).toContain('\u001b[31m✗\u001b[39m queue');
    expect(shown).toContain('\u001b[32mSUCCEEDED\u001b[39m');
    expect(shown).toContain('b ✗ c  \u001b[31mFAILED');
    expect(stripVTControlCharacters(shown)).toBe(`${page}\n`);
  });

  test('are not there where NO_COLOR forbids them', () => {
    expect(printed(page, { NO_COLOR: '1' })).toBe(`${page}\n`);
  });

  test('are in no JSON, and data brings none of its own', () => {
    const json = JSON.stringify({ text: '✓ a' }, null, 2);
    expect(printed(json, { FORCE_COLOR: '1' })).toBe(`${json}\n`);
    expect(printed('  \u001b[31mred', { FORCE_COLOR: '1' })).toBe('  \\u001b[31mred\n');
  });
});
