import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeReading } from '../core/dataset/reading.ts';
import waterTemperature from '../datasets/water-temperature.ts';
import { dollars } from '../producer/report.ts';
import { syntheticReadings } from '../producer/synthetic/synthetic-readings.ts';
import { type Sent, variants } from './producer/variants.ts';

/**
 * `node bench/producer.ts [--readings N] [--turns N]`: readings a second and billed bytes, packed against one reading a
 * record, to one local endpoint that acknowledges everything. The ways take turns, and the median of each is shown.
 */
const { values: flags } = parseArgs({
  options: { readings: { type: 'string', default: '500000' }, turns: { type: 'string', default: '5' } },
});
const count = Number(flags.readings);
const turns = Number(flags.turns);

const options = {
  dataset: waterTemperature,
  seed: 1,
  sensors: 200,
  startMs: Date.UTC(2024, 0, 1),
  everyMs: 60_000,
};
const lines = syntheticReadings(options)
  .take(count)
  .map((reading) => encodeReading(waterTemperature, reading))
  .toArray();

const endpoint = spawn(process.execPath, [join(import.meta.dirname, 'producer', 'endpoint.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const [line] = (await once(endpoint.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  const measured = new Map<string, Sent[]>(Object.keys(variants).map((name) => [name, []]));
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const [name, send] of Object.entries(variants)) {
      const sent = await send(lines, url);
      // The first turn warms up.
      if (turn > 0) measured.get(name)?.push(sent);
    }
  }
  print(measured);
} finally {
  endpoint.stdin.end();
}

function print(measured: ReadonlyMap<string, readonly Sent[]>): void {
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  console.log(
    `${availableParallelism()} cores, Node ${process.version}; ${count.toLocaleString('en-US')} readings of ${Math.round(bytes / count)} B, medians of ${turns}\n`,
  );
  console.log(
    '| way | readings/s | requests | records | billed bytes a reading | billed for a million readings |',
  );
  console.log('|---|---:|---:|---:|---:|---:|');
  for (const [name, all] of measured) {
    const sorted = all.toSorted((a, b) => a.ms - b.ms);
    const sent = sorted[Math.floor(sorted.length / 2)];
    if (sent === undefined) continue;
    const cells = [
      name,
      Math.round((count / sent.ms) * 1_000).toLocaleString('en-US'),
      sent.requests.toLocaleString('en-US'),
      sent.records.toLocaleString('en-US'),
      (sent.billedBytes / count).toFixed(1),
      `$${dollars((sent.billedBytes / count) * 1e6).toFixed(5)}`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
