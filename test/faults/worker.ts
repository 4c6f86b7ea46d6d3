import { synthesize } from '../../demo/synthesize.ts';
import { root } from '../support/cloud-world.ts';
import type { Expectation } from './expectation.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { SeedRunner, variantOf } from './seed-run.ts';

/** What a worker is sent. */
export type Task =
  | { kind: 'expectation'; variant: number }
  | { kind: 'seed'; seed: number; expected: Expectation }
  | { kind: 'end' };

/**
 * One cloud that does what it is sent, one task at a time, and sends back what each came to. After a seed that went wrong it
 * begins with a new cloud: whatever that left must not spoil the next.
 */
const assembly = await synthesize(root);
let world: FaultWorld | undefined;

// Who sent the tasks is gone, after an error perhaps: nothing else would end this process and its cloud.
process.once('disconnect', () => process.exit());
process.on('message', async (task: Task) => {
  if (task.kind === 'end') {
    await world?.close();
    process.disconnect();
    return;
  }
  world ??= await startFaultWorld(assembly);
  // An error of a fault-free run is told as its text.
  const answer = await (task.kind === 'seed'
    ? runSeed(world, task)
    : new SeedRunner(world).expectation(task.variant).catch(String));
  process.send?.(answer);
});

async function runSeed(used: FaultWorld, { seed, expected }: Extract<Task, { kind: 'seed' }>) {
  const result = await new SeedRunner(used, new Map([[variantOf(seed), expected]])).run(seed);
  if (result.differences.length > 0) {
    await used.close();
    world = undefined;
  }
  return result;
}
