import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { caudalIn } from '../support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';
import { fixtures } from '../support/real-files.ts';

const file = join(fixtures, 'toa5', 'met10.dat');
/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9';

let project: ProjectCopy;
let world: CloudWorld | undefined;
beforeAll(() => {
  project = copyProject();
});
afterAll(async () => {
  await world?.close();
  project.remove();
});

test('a dataset that is written from a file runs, from its upload to the months of the API', async () => {
  const asked = await caudalIn(project.root, nowhere, 'inspect', file, '--write', 'masts');
  expect(asked.status).toBe(1);
  expect(asked.stdout).toMatch(/✗ zone +Which clock are the times of\?/);
  expect(asked.stdout).toContain('→ --zone ZONE');
  const written = await caudalIn(
    project.root,
    nowhere,
    'inspect',
    file,
    '--zone',
    '+01:00',
    '--write',
    'masts',
  );
  expect([written.stderr, written.status]).toEqual(['', 0]);
  expect(written.stdout).toContain('Campbell Scientific TOA5');
  expect(readFileSync(join(project.root, 'datasets', 'masts.ts'), 'utf8')).toContain('toa5.with({');
  const again = await caudalIn(
    project.root,
    nowhere,
    'inspect',
    file,
    '--zone',
    '+01:00',
    '--write',
    'masts',
  );
  expect([again.status, again.stderr]).toEqual([
    2,
    expect.stringContaining('There is a dataset masts already'),
  ]);

  world = await startCloudWorld({ assembly: await synthesize(project.root) });
  const uploaded = await caudalIn(
    project.root,
    world.cloud.endpointUrl,
    'upload',
    file,
    '--dataset',
    'masts',
  );
  expect(uploaded.status).toBe(0);
  const query = new URLSearchParams({ period: 'month', from: '2026-04', to: '2026-05', sensor: 'Mast_A' });
  const { statistics } = await world.get<{ statistics: object[] }>(`/datasets/masts/statistics?${query}`);
  expect(statistics).toMatchObject([
    {
      period: '2026-05',
      count: 5,
      measures: {
        airTCAvg: { count: 4, min: 11.5, max: 12.3 },
        rh: { count: 3, mean: 79.2 },
        rainTot: { count: 5, max: 0.2 },
      },
    },
  ]);
});
