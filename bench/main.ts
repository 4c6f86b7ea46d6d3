import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runVerb } from '../cli/command-line.ts';
import { writeDatasetsIndex } from '../infra/bundle/datasets-index.ts';
import { runOthers } from './all.ts';
import { costOfFunctions } from './hot/functions.ts';
import { benchMerge, benchSeries } from './hot/merge.ts';
import { benchLarge, benchValidate } from './hot/validate.ts';
import { HotWorld } from './hot/world.ts';
import { type BenchOptions, defineBench } from './options.ts';

/**
 * `npm run bench`: ValidateSegment and MergePartition, as bundled and as Lambda calls them, against their peers on the same files, in
 * turns; with `--all` the other measurements too. `--help` prints the options. See bench/README.md.
 */
const root = join(import.meta.dirname, '..');

/** @returns the exit code: 0, or 1 when a measurement failed */
async function bench(options: BenchOptions): Promise<number> {
  await benchHot(options);
  const failed = options.all ? await runOthers(options) : [];
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

async function benchHot({ quick, large, turns }: BenchOptions): Promise<void> {
  const lines = quick ? 500_000 : 2_000_000;
  writeDatasetsIndex(root);
  const world = new HotWorld({ root, lines, turns });
  try {
    console.log(
      `${availableParallelism()} cores, Node ${process.version}; ${lines} lines, medians of ${turns}, ms\n`,
    );
    await benchValidate(world);
    if (large) await benchLarge(world);
    await benchMerge(world);
    await benchSeries(world);
    console.log(`\n${'function'.padEnd(24)}${'bundle KB'.padStart(10)}${'import ms'.padStart(10)}`);
    for (const { handler, bundleKb, importMs } of await costOfFunctions(root, turns))
      console.log(
        `${handler.padEnd(24)}${bundleKb.toFixed(0).padStart(10)}${importMs.toFixed(0).padStart(10)}`,
      );
  } finally {
    world.close();
  }
}

process.exitCode = await runVerb(defineBench(bench), process.argv.slice(2));
