import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LocalCloud } from '../local/engine/cloud.ts';
import { reloadDatasets } from './reload.ts';
import { synthesize } from './synthesize.ts';

const root = mkdtempSync(join(tmpdir(), 'caudal-reload-'));
const interruption = new AbortController();
afterEach(() => {
  interruption.abort();
  rmSync(root, { recursive: true, force: true });
});

/** An app that is made only once somebody has let it: as on a machine that has other things to do. */
const app = `import { existsSync, mkdirSync } from 'node:fs';
while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
mkdirSync(process.env.CDK_OUTDIR, { recursive: true });
`;

test('a change of datasets/ is told before the app is made anew, and what is there after it', async () => {
  for (const folder of [
    'adapters',
    'console',
    'core',
    'datasets',
    'formats',
    'handlers',
    'infra',
    'ports',
    'state-machines',
    'streams',
  ])
    mkdirSync(join(root, folder));
  for (const file of ['cdk.json', 'package-lock.json']) writeFileSync(join(root, file), '{}');
  writeFileSync(join(root, 'infra', 'app.ts'), app);
  writeFileSync(join(root, 'go'), '');
  const build = join(root, '.caudal');
  const assembly = await synthesize(root, build);
  rmSync(join(root, 'go'));

  const told: string[] = [];
  const replaced: string[] = [];
  const cloud = { replaceCode: (next: string) => replaced.push(next) > 0 } as unknown as LocalCloud;
  const { signal } = interruption;
  void reloadDatasets({
    root,
    build,
    cloud,
    assembly,
    stage: undefined,
    options: {},
    tell: (step) => told.push(step),
    signal,
  });
  writeFileSync(join(root, 'datasets', 'tides.ts'), 'export default 1;\n');
  await expect.poll(() => told).toEqual([expect.stringContaining('datasets/ has changed: taking it in')]);
  expect(replaced).toEqual([]);
  writeFileSync(join(root, 'go'), '');
  await expect.poll(() => told.slice(1)).toEqual(['datasets now: tides']);
  expect(replaced.map((path) => existsSync(path))).toEqual([true]);

  // Back as it was: that is made already, so there is nothing to wait for.
  rmSync(join(root, 'go'));
  rmSync(join(root, 'datasets', 'tides.ts'));
  await expect.poll(() => told.slice(2)).toEqual(['datasets now: ']);
  expect(replaced.at(-1)).toBe(assembly);
});
