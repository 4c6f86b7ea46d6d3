import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('docs/scaling.md carries what bench/scaling.ts prints', () => {
  const printed = execFileSync(process.execPath, ['bench/scaling.ts'], { cwd: root, encoding: 'utf8' });
  const plain = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
  expect(plain(readFileSync(join(root, 'docs/scaling.md'), 'utf8'))).toContain(plain(printed).trimEnd());
});
