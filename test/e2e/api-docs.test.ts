import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../handlers/api/contract/routes.ts';
import { type JobWorld, startJobWorld } from '../support/job-world.ts';

/** docs/api.md works as it stands: its `bash` blocks, in order, in one shell, against a local cloud. */

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'api.md'), 'utf8');
const blocks = [...page.matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block ?? '');

let world: JobWorld;
let cache: string;
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'caudal-docs-'));
  world = await startJobWorld();
}, 240_000);
afterAll(async () => {
  await world?.close();
  rmSync(cache, { recursive: true, force: true });
});

test('every route that is not about toons is shown', () => {
  const shown = blocks.join('\n');
  for (const { path, function: handler } of routes) {
    if (handler === 'submit-job' || handler === 'query-jobs') continue;
    const pattern = path.replaceAll(/\{\w+\}/g, '[\\w$-]+').replaceAll('/', '\\/');
    expect(shown, path).toMatch(new RegExp(`\\$API${pattern}(?![\\w/])`));
  }
});

test('the commands work', async () => {
  // An answer of 400 or above ends the script with that answer, but where a block waits for a success itself.
  const strict =
    'curl() { if [ "$1" = -sf ]; then command curl "$@"; else command curl --fail-with-body "$@"; fi; }';
  const script = ['set -euo pipefail', strict, ...blocks].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: root,
    timeout: 180_000,
    env: {
      ...process.env,
      API: world.cloud.apiUrl,
      AWS_ENDPOINT_URL: world.cloud.endpointUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      XDG_CACHE_HOME: cache,
    },
  });
  expect(stdout).toContain('{"accepted":2,"rejected":[{"index":2,"reason":"invalid-timestamp"');
  expect(stdout).toContain('"source":"import { defineDataset }');
  expect(stdout).toContain('"key":"landing/water-temperature/pier-9/2023-11.csv"');
  expect(stdout).toMatch(/"state":"completed".*"firstMonth":"2023-11"/);
  expect(stdout).toContain('"mean":12.75');
  expect(stdout).toContain('"maxDeviation":0.7,');
  expect(stdout).toContain('"difference":0,"max":14.6,"monthBefore":null');
  expect(stdout).toContain('period,sensorId,sensors,silent,count');
  expect(stdout).toContain('"timestamp":"2024-01-09T11:00:00.000Z","temperature":13.1,"deviation":0.2');
  expect(stdout).toMatch(/"period":"2024-01-15\/2024-03-10".*"quantiles":\{"0.05":/);
  expect(stdout).toMatch(/^304$/m);
  expect(stdout).toContain('"rule":"high-deviation"');
  expect(stdout).toContain('"kind":"ingest"');
}, 240_000);
