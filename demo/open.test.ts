import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openInBrowser } from './open.ts';

let directory: string;
let told: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'caudal-open-'));
  told = [];
  vi.stubEnv('PATH', directory);
  vi.stubGlobal('process', Object.create(process, { platform: { value: 'linux' } }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const url = 'http://127.0.0.1:4569/?a=1&b=$(touch%20x)';

test('the console is opened by the system, with the address as one argument that no shell reads', async () => {
  const opener = join(directory, 'xdg-open');
  writeFileSync(opener, `#!/bin/sh\nprintf '%s|' "$#" "$@" > '${directory}/opened'\n`);
  chmodSync(opener, 0o755);
  await openInBrowser(url, (step) => told.push(step), true);
  await expect.poll(() => existsSync(join(directory, 'opened'))).toBe(true);
  await expect.poll(() => readFileSync(join(directory, 'opened'), 'utf8')).toBe(`1|${url}|`);
  expect(told).toEqual([]);
});

test('where nobody sits at a terminal nothing is opened, and it says so', async () => {
  await openInBrowser(url, (step) => told.push(step), false);
  expect(told).toEqual(['not opened: this is not a terminal']);
});

test('where there is nothing to open it with it says why', async () => {
  await openInBrowser(url, (step) => told.push(step), true);
  expect(told).toEqual([expect.stringMatching(/^not opened: .*xdg-open/)]);
});
