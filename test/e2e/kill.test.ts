import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { datasets } from '#datasets';
import { reconcile } from '../../operator/reconcile/reconcile.ts';
import type { Report } from '../../producer/report.ts';
import { freePorts, killHard, startCloudProcess } from '../support/cloud-process.ts';
import { root, startCloudWorld } from '../support/cloud-world.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Streams readings at a pace that leaves time to kill what they are sent to; its retries bridge the restart. */
function produce(options: { endpointUrl: string; expectFile: string }): Promise<Report> {
  const child = spawn(
    process.execPath,
    [
      ...['producer/main.ts', '--json', '--quiet', '--expect', options.expectFile, '--rate', '5000'],
      ...['--count', '15000', '--sensors', '20', '--every', '30m', '--start', '2026-03-20T00:00:00Z'],
      ...[
        '--duplicates',
        '2%',
        '--invalid',
        '1%',
        '--corrections',
        '1%',
        '--late',
        '1%',
        '--linger-ms',
        '100',
      ],
    ],
    {
      cwd: root,
      env: { ...process.env, AWS_ENDPOINT_URL: options.endpointUrl },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  ends.push(() => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(printed)) : reject(new Error(`producer: code ${code}\n${printed}`)),
    );
  });
}

it('has every acknowledged reading once, after kill -9 while readings come in and while they are merged', {
  timeout: 180_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'caudal-kill-'));
  // Processes of the killed clouds may still be writing to their compile cache.
  ends.push(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }));
  const place = { directory, ports: await freePorts() };

  let cloud = await startCloudProcess(place);
  ends.push(() => cloud.kill('SIGKILL'));
  const producing = produce({
    endpointUrl: `http://127.0.0.1:${place.ports[0]}`,
    expectFile: join(directory, 'expected.json'),
  });
  await sleep(1_500);
  await killHard(cloud);
  cloud = await startCloudProcess(place);
  const report = await producing;
  // Firehose's buffer of 60 s lasts 1 s here: at these moments readings are buffered, validated or merged.
  for (const pauseMs of [700, 1_600]) {
    await sleep(pauseMs);
    await killHard(cloud);
    cloud = await startCloudProcess(place);
  }
  await killHard(cloud);

  const world = await startCloudWorld({ directory });
  ends.push(() => world.close());
  await world.settled(report.lines);
  const result = await reconcile(world.ports, datasets);
  expect(result.differences).toEqual([]);
  expect(result.distinct).toBe(report.distinct);
  // A request whose answer was lost with the process is sent again: more lines, not more readings.
  expect(result.lines).toBeGreaterThanOrEqual(report.lines);
  expect(result.rejected).toBeGreaterThanOrEqual(report.invalid);
});
