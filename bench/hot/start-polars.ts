import { createRequire } from 'node:module';
import type { PolarsTask } from './polars-process.ts';
import type { Worker } from './turns.ts';
import type { HotWorld, Measured } from './world.ts';

/** Polars with one thread, when it is installed; else says how to install it. */
export async function startPolars(world: HotWorld): Promise<Worker<PolarsTask, Measured> | undefined> {
  try {
    const path = createRequire(import.meta.url).resolve('nodejs-polars');
    const worker = world.start<PolarsTask, Measured & { version: string }>('polars-process', {
      args: [path],
      env: { POLARS_MAX_THREADS: '1' },
    });
    const { version } = await worker.ask({ kind: 'version' });
    console.log(`Polars ${version}`);
    return worker;
  } catch (error) {
    // Not installed, or without a binary for this machine.
    const [why] = String(error).split('\n');
    console.log(
      `without Polars: \`npm install --no-save nodejs-polars\` adds it, see bench/README.md (${why})`,
    );
    return undefined;
  }
}
