import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { addSums, sumsOfValue } from '../core/statistics/exact-sums.ts';
import { countsOnPage, decodePage, encodePage, type PageSeries } from '../core/statistics/page-bytes.ts';
import type { MeasureStatistics } from '../core/statistics/statistics.ts';
import { Random } from '../producer/synthetic/random.ts';
import { median } from './hot/times.ts';

/**
 * `node bench/pages.ts`: bytes a series and milliseconds of CPU a page of 200 series of two measures over a day, 144 readings each, as
 * they are encoded and as they are compressed, in turns. See bench/README.md.
 */
const seriesOnPage = 200;
const readings = 144;
const turns = 41;
const random = new Random('pages');
const dayMs = Date.UTC(2026, 0, 5);

/** What is measured. */
const kinds: Record<string, () => number> = {
  'two decimals': () => Math.round((17 + 5 * random.normal()) * 100) / 100,
  'many digits': () => 17 + 5 * random.normal(),
};

function measureOf(next: () => number): MeasureStatistics {
  const values = Array.from({ length: readings }, next);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const at = (value: number) => dayMs + 600_000 * values.indexOf(value);
  return {
    count: readings,
    sums: addSums(values.map(sumsOfValue)),
    min,
    minAt: at(min),
    max,
    maxAt: at(max),
  };
}

function pageOf(next: () => number): PageSeries {
  const names = Array.from({ length: seriesOnPage }, (_, index) => `station-${index + 1}`);
  return new Map(
    names.map((id) => {
      const measures = { temperature: measureOf(next), pressure: measureOf(next) };
      return [id, { count: readings, contested: 0, measures, alerts: {} }];
    }),
  );
}

const brotli = (quality: number) => (bytes: Uint8Array) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
const ways: Record<
  string,
  { pack: (bytes: Uint8Array) => Uint8Array; unpack: (bytes: Uint8Array) => Uint8Array }
> = {
  none: { pack: (bytes) => bytes, unpack: (bytes) => bytes },
  'gzip 1': { pack: (bytes) => gzipSync(bytes, { level: 1 }), unpack: gunzipSync },
  'gzip 6': { pack: (bytes) => gzipSync(bytes, { level: 6 }), unpack: gunzipSync },
  'brotli 4': { pack: brotli(4), unpack: brotliDecompressSync },
  'brotli 9': { pack: brotli(9), unpack: brotliDecompressSync },
};

/** Milliseconds of CPU. */
function timed(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const row = (...cells: string[]) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(14) : cell.padStart(12))).join(''));

for (const [name, next] of Object.entries(kinds)) {
  const page = pageOf(next);
  const bytes = encodePage(page);
  const [encode, decode, counts]: number[][] = [[], [], []];
  const times = Object.fromEntries(
    Object.keys(ways).map((way) => [way, { pack: [] as number[], unpack: [] as number[] }]),
  );
  for (let turn = 0; turn < turns; turn++) {
    encode?.push(timed(() => encodePage(page)));
    decode?.push(timed(() => decodePage(bytes)));
    counts?.push(timed(() => countsOnPage(bytes)));
    for (const [way, { pack, unpack }] of Object.entries(ways)) {
      const packed = pack(bytes);
      times[way]?.pack.push(timed(() => pack(bytes)));
      times[way]?.unpack.push(timed(() => unpack(packed)));
    }
  }
  const ms = (all: readonly number[] = []) => median(all).toFixed(2);
  console.log(
    `\n${name}: encode ${ms(encode)} ms, decode ${ms(decode)} ms, only its counts ${ms(counts)} ms`,
  );
  row('', 'bytes/series', 'pack, ms', 'unpack, ms');
  for (const [way, { pack }] of Object.entries(ways))
    row(way, (pack(bytes).length / seriesOnPage).toFixed(1), ms(times[way]?.pack), ms(times[way]?.unpack));
}
