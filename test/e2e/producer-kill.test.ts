import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { datasets } from '#datasets';
import { reconcile } from '../../operator/reconcile/reconcile.ts';
import { Random } from '../../producer/synthetic/random.ts';
import { root, startCloudWorld } from '../support/cloud-world.ts';
import { killWhileStreaming, runProducer } from '../support/producer-process.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it('shows what --expect says after kill -9 of the producer at ten random points in 200,000 readings', {
  timeout: 300_000,
}, async () => {
  const world = await startCloudWorld();
  ends.push(() => world.close());
  const directory = await mkdtemp(join(tmpdir(), 'caudal-producer-kill-'));
  ends.push(() => rm(directory, { recursive: true, force: true }));
  const [spool, expected] = [join(directory, 'spool'), join(directory, 'expected.json')];
  const faults = [
    '--duplicates',
    '2%',
    '--late',
    '2%',
    '--corrections',
    '1%',
    '--invalid',
    '1%',
    '--shuffle',
  ];
  const source = ['--count', '200000', '--sensors', '50', '--every', '10m', ...faults];
  const args = [...source, '--spool', spool, '--expect', expected];

  const random = new Random('producer-kill');
  const target = { url: world.cloud.endpointUrl };

  // Paced, so that ten runs together do not reach the end: 200,000 readings take 7 s. The later ones live longer, so that on a slow machine too
  // something is acknowledged.
  for (let kills = 0; kills < 10; kills += 1) {
    const when = { ...target, spool, delayMs: 50 + 50 * kills + random.below(400) };
    expect(await killWhileStreaming([...args, '--rate', '30000'], when)).toMatchObject({ signal: 'SIGKILL' });
  }
  const { report, code } = await runProducer(args, target);
  expect(code).toBe(0);
  expect(report.continuedAt).toBeGreaterThan(0);
  expect(await readdir(spool)).toEqual([]);

  await world.settled(report.acknowledged);

  const environment = { AWS_ENDPOINT_URL: world.cloud.endpointUrl, XDG_CACHE_HOME: join(directory, 'cache') };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['operator/main.ts', 'verify', '--expect', expected, '--wait', '2m'],
    { cwd: root, env: { ...process.env, ...environment } },
  );
  expect(stdout).toMatch(/^All as expected: [\d,]+ readings in [\d,]+ months of 50 series\.$/m);

  const reconciliation = await reconcile(world.ports, datasets);
  expect(reconciliation.differences).toEqual([]);
  expect(reconciliation.distinct).toBe(report.distinct);
});
