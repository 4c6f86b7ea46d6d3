import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { type LocalCloud, startCloud } from '../../local/engine/cloud.ts';
import { root } from '../support/test-cloud.ts';

let directory: string;
let cloud: LocalCloud;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'caudal-stage-'));
  cloud = await startCloud({
    assembly: await synthesize(root, join(root, '.caudal'), { stage: 'pre-production' }),
    directory,
    ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
    timeScale: 300,
  });
});
afterAll(async () => {
  await cloud.close();
  await rm(directory, { recursive: true, force: true });
});

/** As a person would run it, with what is told on both outputs. */
async function run(program: string, ...args: string[]): Promise<{ code: number | null; told: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...process.env, AWS_ENDPOINT_URL: cloud.endpointUrl, XDG_CACHE_HOME: directory, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, told };
}

it('the tests of a deployed installation pass for a stage, and say what they saw', async () => {
  const { code, told } = await run('test/deployed/main.ts', '--stage', 'pre-production', '--wait', '3m');
  expect(told).toContain('does what it must');
  expect(told).toContain('All as expected: 3,000 readings in 3 months of 1 series.');
  expect(code).toBe(0);
});

it('a verb finds the stage that is named, and the commands that it prints name it too', async () => {
  const listed = await run('operator/main.ts', 'executions', '--stage', 'pre-production');
  expect(listed.told).toContain('caudal-ingest-pre-production');
  const unknown = await run('operator/main.ts', 'executions', 'nobody', '--stage', 'pre-production');
  expect(unknown.told).toContain('CAUDAL_STAGE=pre-production npm run caudal -- executions');
});

it('without the stage nothing is found, and the message says where a stage is named', async () => {
  const { code, told } = await run('operator/main.ts', 'status');
  expect(code).toBe(1);
  expect(told).toMatch(/CaudalData\.RawBucket.*--stage or the variable CAUDAL_STAGE.*npm run deploy$/m);
  const other = await run('operator/main.ts', 'status', '--stage', 'production');
  expect(other.told).toMatch(
    /CaudalData-production\.RawBucket.*npm run deploy -- -c caudal:stage=production$/m,
  );
});
