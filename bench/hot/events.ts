import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { encodeReading } from '../../core/dataset/reading.ts';
import { parseSegmentRows } from '../../core/lines/parse-segment.ts';
import { decodePart, encodeStaged } from '../../core/partition/parts.ts';
import { encodePage } from '../../core/statistics/page-bytes.ts';
import { statisticsByDay } from '../../core/statistics/statistics.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { syntheticReadings } from '../../producer/synthetic/synthetic-readings.ts';
import { median } from './times.ts';

/**
 * `node bench/hot/events.ts [--lines 400000] [--turns 5]`: the CPU that the rules take for bookings beside readings, in turns: lines read into rows, sorted,
 * cut into partitions and encoded, decoded again, counted by day, and their pages encoded. Without gzip and stores, which are the same for both.
 */
const startMs = Date.UTC(2026, 0, 5);
const hourMs = 3_600_000;

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { lines: { type: 'string', default: '400000' }, turns: { type: 'string', default: '5' } },
  });
  const [lines, turns] = [Number(values.lines), Number(values.turns)];
  if (!(lines >= 1 && turns >= 1)) throw new Error('--lines and --turns take numbers from 1 on');
  const datasets = [waterTemperature, salonBookings];
  const bodies = datasets.map((dataset) => linesOf(dataset, lines));
  const times = datasets.map((): number[] => []);
  for (let turn = 0; turn <= turns; turn++)
    for (const [at, dataset] of datasets.entries()) {
      const ms = await cpuOf(dataset, bodies[at] as Buffer, lines);
      if (turn > 0) times[at]?.push(ms); // the first one compiles
    }
  const [readings = 1, bookings = 1] = times.map((of) => median(of));
  console.log(
    `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}, ${lines} lines, medians of ${turns}: readings ${readings.toFixed(0)} ms of CPU ` +
      `(${bytesALine(bodies[0], lines)} bytes a line), bookings ${bookings.toFixed(0)} ms (${bytesALine(bodies[1], lines)}): ${(readings / bookings).toFixed(2)} of the readings' rate`,
  );
}

const bytesALine = (body: Buffer | undefined, lines: number): string =>
  ((body?.length ?? 0) / lines).toFixed(0);

/** Lines of 200 sensors, or salons, as the producer sends them. */
function linesOf(dataset: Dataset, count: number): Buffer {
  const options = { dataset, seed: 1, sensors: 200, startMs, everyMs: hourMs };
  const lines: string[] = [];
  for (const reading of syntheticReadings(options).take(count)) lines.push(encodeReading(dataset, reading));
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function cpuOf(dataset: Dataset, body: Buffer, expected: number): Promise<number> {
  async function* bytes() {
    yield body;
  }
  const before = process.cpuUsage();
  const source = { key: 'raw/2030/01/01/00/bench', arrivedMs: Date.UTC(2098, 0, 1) };
  const segment = { source, datasets: [dataset], bytes: bytes() };
  const { rows } = await parseSegmentRows(segment, { rejected: () => {} });
  const staged = encodeStaged(rows.map((buffer) => ({ dataset, rows: buffer.sorted() })));
  let counted = 0;
  for (const { start, end } of staged.index) {
    const statistics = statisticsByDay(dataset, decodePart(dataset, staged.bytes.subarray(start, end)));
    for (const { count } of statistics.values()) counted += count;
    encodePage(statistics);
  }
  const { user, system } = process.cpuUsage(before);
  if (counted !== expected) throw new Error(`${counted} of ${expected} lines of ${dataset.name} are counted`);
  return (user + system) / 1_000;
}

if (import.meta.main) await main(process.argv.slice(2));
