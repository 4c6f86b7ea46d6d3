import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleDirectory } from './bundle.ts';
import { writeDatasetsIndex } from './datasets-index.ts';

/** What a caller waits for at a cold start follows from what the function loads; `npm run bench` measures the import. */

const root = join(import.meta.dirname, '..', '..');

function bundleOf(handler: string): string {
  writeDatasetsIndex(root);
  return join(bundleDirectory({ root, handler }).directory, 'index.mjs');
}

test.each([
  ['api/query-api', 750], // it reads partitions too: the client of S3, and Parquet
  ['api/submit-readings', 400],
  ['api/command-streams', 700],
  ['api/describe-api', 270],
])('%s is under %i KB', (handler, kilobytes) => {
  expect(statSync(bundleOf(handler)).size / 1000).toBeLessThan(kilobytes);
});
