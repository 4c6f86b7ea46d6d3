import { magnitudeBytes } from '../core/statistics/magnitudes.ts';
import { sumsOfRows } from '../core/statistics/sum-rows.ts';
import { Random } from '../producer/synthetic/random.ts';
import { median } from './hot/times.ts';

/**
 * `node bench/sums.ts`: nanoseconds of CPU a reading for the exact sums of a series, its extremes included, beside those of a
 * running mean and sum of squared differences (Welford), in turns; and the bytes that they are stored in. See bench/README.md.
 */
const readings = 1_000_000;
const turns = 9;
const random = new Random('sums');

/** What is measured, and the readings a day of each series. */
const kinds: Record<string, () => number> = {
  'temperatures, two decimals': () => Math.round((17 + 5 * random.normal()) * 100) / 100,
  'many digits': () => 17 + 5 * random.normal(),
  'around zero, many digits': () => random.normal(),
  'light, 0.01 to 100,000': () => Math.round(10 ** (random.uniform() * 7 - 2) * 100) / 100,
};
const readingsADay = [8_640, 1_440, 144, 24];

/** What both do beside their sums. */
function extremes(values: Float64Array, start: number, end: number): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

function welford(values: Float64Array, start: number, end: number): unknown {
  let count = 0;
  let mean = 0;
  let m2 = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (Number.isNaN(value)) continue;
    count++;
    const delta = value - mean;
    mean += delta / count;
    m2 += delta * (value - mean);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { count, mean, m2, min, max };
}

function exact(values: Float64Array, start: number, end: number): unknown {
  const { min, max } = extremes(values, start, end);
  return { min, max, sums: sumsOfRows(values, start, end, Math.max(Math.abs(min), Math.abs(max))) };
}

/** Nanoseconds of CPU a reading. */
function timed(way: typeof exact, values: Float64Array, each: number): number {
  const before = process.cpuUsage();
  for (let start = 0; start < readings; start += each) way(values, start, Math.min(readings, start + each));
  return (process.cpuUsage(before).user * 1_000) / readings;
}

console.log(
  `${'ns a reading'.padEnd(30)}${'a day'.padStart(8)}${'Welford'.padStart(10)}${'exact'.padStart(8)}${'bytes'.padStart(8)}`,
);
for (const [name, next] of Object.entries(kinds)) {
  const values = Float64Array.from({ length: readings }, next);
  for (const each of readingsADay) {
    const [running, summed]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < turns; turn++) {
      running.push(timed(welford, values, each));
      summed.push(timed(exact, values, each));
    }
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const { sum, squares } = sumsOfRows(values, 0, each, largest);
    const bytes = magnitudeBytes(sum < 0n ? -sum : sum).length + magnitudeBytes(squares).length;
    const cells = [
      each.toLocaleString('en'),
      median(running).toFixed(1),
      median(summed).toFixed(1),
      String(bytes),
    ];
    const [a = '', b = '', c = '', d = ''] = cells;
    console.log(`  ${name.padEnd(28)}${a.padStart(8)}${b.padStart(10)}${c.padStart(8)}${d.padStart(8)}`);
  }
}
