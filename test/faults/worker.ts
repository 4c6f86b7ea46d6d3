import { synthesize } from '../../local/synth.ts';
import { root } from '../support/cloud-world.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { SeedRunner } from './seed-run.ts';

/**
 * One cloud that runs the seeds it is sent, one at a time, and sends back what each came to. After a seed that went wrong it
 * begins with a new cloud: whatever that left must not spoil the next.
 */
const assembly = await synthesize(root);
let world: FaultWorld | undefined;
let runner: SeedRunner | undefined;

process.on('message', async (seed: number | 'end') => {
  if (seed === 'end') {
    await world?.close();
    process.disconnect();
    return;
  }
  world ??= await startFaultWorld(assembly);
  runner ??= new SeedRunner(world);
  const result = await runner.run(seed);
  if (result.differences.length > 0) {
    await world.close();
    world = undefined;
    runner = undefined;
  }
  process.send?.(result);
});
process.send?.('ready');
