import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeDatasetsIndex } from '../infra/bundle/datasets-index.ts';
import { runOthers } from './all.ts';
import { costOfFunctions } from './hot/functions.ts';
import { benchMerge } from './hot/merge.ts';
import { benchLarge, benchValidate } from './hot/validate.ts';
import { HotWorld } from './hot/world.ts';
import { type BenchOptions, help, OptionError, readOptions } from './options.ts';

/**
 * `npm run bench`: ValidateSegment and MergePartition, as bundled and as Lambda calls them, against their peers on the same files, in
 * turns; with `--all` the other measurements too. `--help` prints the options. See bench/README.md.
 */
const root = join(import.meta.dirname, '..');

/** @returns the exit code: 0, 1 when a measurement failed, 2 for a call that can't be carried out */
async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options.help) {
    console.log(help);
    return 0;
  }
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
    console.log(`\n${'function'.padEnd(24)}${'bundle KB'.padStart(10)}${'import ms'.padStart(10)}`);
    for (const { handler, bundleKb, importMs } of await costOfFunctions(root, turns))
      console.log(
        `${handler.padEnd(24)}${bundleKb.toFixed(0).padStart(10)}${importMs.toFixed(0).padStart(10)}`,
      );
  } finally {
    world.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof OptionError;
  console.error(isUsage ? `${error.message} (--help shows all options)` : error);
  process.exitCode = isUsage ? 2 : 1;
}
