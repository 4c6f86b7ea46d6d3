import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatCount } from '../cli/format.ts';
import { renderTable } from '../cli/table.ts';
import { synthesize } from '../demo/synthesize.ts';
import { root } from './cloud/start.ts';
import { mergeRows, queryRows, type Row, type Scale, validateRows } from './growth/cases.ts';
import { startGrowthWorld } from './growth/world.ts';

/**
 * `node bench/growth.ts [--quick]`: time, requests and bytes of each function at 1, 10 and 100 times the readings, sensors and days.
 * See bench/README.md.
 */
const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const scale: Scale = {
  factors: flags.quick ? [1, 10] : [1, 10, 100],
  readings: 10_000,
  sensors: 100,
  turns: flags.quick ? 3 : 5,
};

const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
const world = await startGrowthWorld({ assembly: await synthesize(root), directory });
try {
  console.log(
    `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}; medians of ${scale.turns}. A batch ` +
      `to be merged is ${formatCount(scale.readings)} readings of ${scale.sensors} sensors on one day.\n`,
  );
  const rows: Row[] = [];
  for (const cases of [validateRows, mergeRows, queryRows]) {
    for await (const row of cases(world, scale)) rows.push(row);
  }
  console.log(
    renderTable(
      [
        { title: 'function', align: 'left' },
        { title: 'what grows', align: 'left' },
        ...['size', 'ms', 'KiB read', 'KiB written', 'requests'].map((title) => {
          return { title, align: 'right' as const };
        }),
      ],
      rows.map(({ function: name, grows, size, ms, usage }) => [
        name,
        grows,
        formatCount(size),
        ms.toFixed(0),
        formatCount(Math.round(usage.bytesRead / 1_024)),
        formatCount(Math.round(usage.bytesWritten / 1_024)),
        formatCount(usage.requests),
      ]),
    ),
  );
} finally {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
}
