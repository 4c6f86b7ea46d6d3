import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { root } from '../support/cloud-world.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { SeedRunner } from './seed-run.ts';

/** The short form: `.ci/run` runs the first four seeds beside it, and `npm run test:faults` 200. */
const seeds = [10, 12];

let world: FaultWorld;
let runner: SeedRunner;
beforeAll(async () => {
  world = await startFaultWorld(await synthesize(root));
  runner = new SeedRunner(world);
});
afterAll(() => world.close());

it.each(seeds)('leaves what a run without faults leaves, byte by byte: seed %i', async (seed) => {
  const { differences, faults } = await runner.run(seed);
  expect(differences, `npm run test:faults -- --seed ${seed}`).toEqual([]);
  expect(faults.length).toBeGreaterThan(0);
});
