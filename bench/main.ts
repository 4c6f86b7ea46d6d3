import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDatasetsIndex } from '../infra/datasets-index.ts';
import { costOfFunctions } from './hot/functions.ts';
import { benchLarge } from './hot/large.ts';
import { benchMerge } from './hot/merge.ts';
import { benchValidate } from './hot/validate.ts';
import { HotWorld } from './hot/world.ts';

/**
 * `npm run bench [-- --quick | --large | --turns n]`: ValidateSegment and MergePartition, as bundled and as Lambda calls them, against DuckDB on the
 * same files, in turns. See bench/README.md.
 */
const root = join(import.meta.dirname, '..');
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    turns: { type: 'string' },
  },
});
const lines = flags.quick ? 500_000 : 2_000_000;
const turns = Number(flags.turns ?? (flags.quick ? 3 : 5));

writeDatasetsIndex(root);
const world = new HotWorld({ root, lines, turns });
try {
  console.log(
    `${availableParallelism()} cores, Node ${process.version}; ${lines} lines, medians of ${turns}, ms\n`,
  );
  await benchValidate(world);
  if (flags.large) await benchLarge(world);
  await benchMerge(world);
  console.log(`\n${'function'.padEnd(24)}${'bundle KB'.padStart(10)}${'import ms'.padStart(10)}`);
  for (const { handler, bundleKb, importMs } of await costOfFunctions(root, turns))
    console.log(
      `${handler.padEnd(24)}${bundleKb.toFixed(0).padStart(10)}${importMs.toFixed(0).padStart(10)}`,
    );
} finally {
  world.close();
}
