import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateToons, type SyntheticToon } from '../../producer/toons/generate.ts';
import { JobClient, type ToonOutcome } from '../../producer/toons/job-client.ts';
import { submitToons } from '../../producer/toons/submit.ts';

const program = join(import.meta.dirname, '..', 'support', 'job-cloud-process.ts');
let directory: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'caudal-kill-'));
});
afterAll(async () => {
  running?.kill('SIGKILL');
  // Processes of the killed cloud may still be writing to their compile cache.
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

/** Starts the cloud over the directory; answers a client once it is up. */
async function start(): Promise<JobClient> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  running = child;
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    once(child, 'exit').then(([code]) => {
      throw new Error(`the cloud ended with ${code} before it was up`);
    }),
  ]);
  const { apiUrl, token } = JSON.parse(line) as { apiUrl: string; token: string };
  return new JobClient({ apiUrl, token: async () => token });
}

async function kill(): Promise<void> {
  const child = running;
  if (child === undefined) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

test('a job goes on after everything was killed in its middle: no toon is lost, none recorded twice', async () => {
  let client = await start();
  const toons: SyntheticToon[] = [];
  for await (const toon of generateToons({ count: 300, seed: 11 })) toons.push(toon);
  await submitToons(client, { jobId: 'SURVIVOR', toons });
  let job = await client.state('SURVIVOR');
  while (job.processed < 60) {
    await pause(20);
    job = await client.state('SURVIVOR');
  }
  const before = new Map<string, ToonOutcome>();
  for await (const outcome of client.results('SURVIVOR')) before.set(outcome.toonId, outcome);
  await kill();
  expect(job.processed).toBeLessThan(300);

  client = await start();
  do {
    await pause(200);
    job = await client.state('SURVIVOR');
  } while (job.state === 'Pending' || job.state === 'Processing');
  expect(job).toMatchObject({ state: 'Completed', total: 300, processed: 300, failed: 0 });
  const after = new Map<string, ToonOutcome>();
  for await (const outcome of client.results('SURVIVOR')) after.set(outcome.toonId, outcome);
  expect(after.size).toBe(300);
  for (const [toonId, outcome] of before) {
    expect(withoutLinks(after.get(toonId))).toEqual(withoutLinks(outcome));
  }
}, 240_000);

/** Links are signed anew for each answer. */
function withoutLinks(outcome: ToonOutcome | undefined): unknown {
  return JSON.parse(JSON.stringify(outcome), (name, value) => (name === 'thumbnail' ? undefined : value));
}
