import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { caudal } from '../../test/support/caudal.ts';

/** What the docs say of cost is what the verb prints. */

const root = join(import.meta.dirname, '..', '..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((file) =>
  file.endsWith('.md'),
);

/** What the verb prints; nothing listens where it would ask. */
async function printed(command: string): Promise<string> {
  const { status, stdout, stderr } = await caudal(
    'http://127.0.0.1:1',
    'cost',
    ...command.trim().split(/\s+/),
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.trimEnd();
}

/** Blocks of the docs that begin with a call of the verb: what was typed behind it, and what stands below. */
const blocks = files.flatMap((file) =>
  [...textOf(file).matchAll(/^ {4}\$ npm run caudal -- cost(.*)\n((?: {4}.*\n|\n)*)/gm)].map(
    ([, command = '', block = '']) => ({ file, command, block: block.replace(/^ {4}/gm, '').trim() }),
  ),
);

/** Rows of tables with a call of the verb, and with the two sums that it prints at the end. */
const rows = files.flatMap((file) =>
  [...textOf(file).matchAll(/^\|.*`npm run caudal -- cost (.*?)` \| *(\S+) \| *(\S+) \|$/gm)].map(
    ([, command = '', perMillion, perMonth]) => ({ file, command, sums: [perMillion, perMonth] }),
  ),
);

test('there are some', () => {
  expect(blocks.length).toBeGreaterThan(1);
  expect(rows.length).toBeGreaterThan(3);
});

test.each(blocks)('$file shows what cost$command prints', async ({ command, block }) => {
  expect(block).toBe(await printed(command));
});

test.each(rows)('$file has the sums of cost $command', async ({ command, sums }) => {
  expect(sums).toEqual(await sumsOf(command));
});

async function sumsOf(command: string): Promise<string[]> {
  const total = /^total +(\S+) +(\S+)$/m.exec(await printed(command));
  return total?.slice(1) ?? [];
}

test('README has the sums of two buffers', async () => {
  for (const freshness of ['5m', '15m']) {
    const [perMillion = ''] = await sumsOf(`--sensors 200 --fresh ${freshness}`);
    expect(textOf('README.md')).toContain(perMillion);
  }
});
