import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { bundleDirectory } from '../../infra/bundle.ts';
import { writeDatasetsIndex } from '../../infra/datasets-index.ts';

/** What a caller waits for at a cold start follows from what the function loads. */

const root = join(import.meta.dirname, '..', '..');

function bundleOf(handler: string): string {
  writeDatasetsIndex(root);
  return join(bundleDirectory({ root, handler }).directory, 'index.mjs');
}

/** The least of five imports, each in a process of its own, in ms: the machine may be busy. */
function importMs(bundle: string): number {
  const program = `const start = performance.now(); await import('${pathToFileURL(bundle)}'); console.log(performance.now() - start)`;
  const names = ['STATISTICS_TABLE', 'ALERTS_TABLE', 'JOBS_TABLE', 'DELIVERY_STREAM', 'TOKEN_URL'];
  const env = { AWS_REGION: 'us-east-1', ...Object.fromEntries(names.map((name) => [name, 'any'])) };
  const times = Array.from({ length: 5 }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' })),
  );
  return Math.min(...times);
}

test.each([
  ['query-api', 400],
  ['submit-readings', 400],
  ['describe-api', 250],
])('%s is under %i KB and imported within 120 ms', (handler, kilobytes) => {
  const bundle = bundleOf(handler);
  expect(statSync(bundle).size / 1000).toBeLessThan(kilobytes);
  expect(importMs(bundle)).toBeLessThan(120);
});
