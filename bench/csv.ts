import { createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { defineDataset } from '../core/dataset/dataset.ts';
import { text } from '../core/formats/text-format.ts';
import { parseSegmentRows } from '../core/lines/parse-segment.ts';
import { Random } from '../producer/synthetic/random.ts';
import { peer, Times } from './hot/times.ts';

/**
 * `node bench/csv.ts [rows] [turns]`: a table of five columns by its declaration, from the file's bytes to rows, beside DuckDB's
 * `read_csv` with one thread, which casts and checks the same, in turns. Both have to come to the same readings and rejections. See
 * bench/README.md.
 */
const [rows = 1_000_000, turns = 7] = process.argv.slice(2).map(Number);

const dataset = defineDataset({
  ...{ name: 'stations', timeZone: 'UTC', shards: 1, missing: [-999] },
  measures: {
    temperature: { unit: '°C', min: -60, max: 60 },
    humidity: { unit: '%', min: 0, max: 100 },
    wind: { unit: 'm/s', min: 0, max: 100 },
  },
  formats: [
    text({
      match: '*.csv',
      delimiter: ',',
      time: { column: 'time', format: 'yyyy-MM-dd HH:mm:ss', zone: '+00:00' },
      columns: { sensorId: 'station', temperature: 'temp', humidity: 'hum' },
    }),
  ],
});

/** One in a hundred rows is rejected: no number, out of bounds, a number for nothing, no time. */
function written(): string {
  const path = join(import.meta.dirname, '..', '.caudal', 'bench', `stations-${rows}.csv`);
  if (existsSync(path)) return path;
  mkdirSync(join(path, '..'), { recursive: true });
  const random = new Random('csv');
  const lines = ['station,time,temp,hum,wind'];
  const startMs = Date.UTC(2025, 0, 1);
  for (let row = 0; row < rows; row++) {
    const time = new Date(startMs + Math.floor(row / 50) * 60_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ');
    const wrong = random.uniform() < 0.01 ? Math.floor(random.uniform() * 4) : 4;
    const temperature = ['n0', '99.5', '-999'][wrong] ?? (12 + 5 * random.normal()).toFixed(2);
    const humidity = (50 + 40 * random.uniform()).toFixed(1);
    const wind = (10 * random.uniform()).toFixed(1);
    lines.push(
      `S${row % 50},${wrong === 3 ? '2025-02-30 00:00:00' : time},${temperature},${humidity},${wind}`,
    );
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

interface Outcome {
  readonly valid: number;
  readonly rejected: number;
  readonly sum: number;
}

const path = written();
const source = { key: 'landing/stations/a.csv', arrivedMs: Date.UTC(2030, 0, 1) };

async function byDeclaration(): Promise<Outcome> {
  const bytes = createReadStream(path, { highWaterMark: 1_048_576 });
  const { totals, rows: [read] } = await parseSegmentRows({ source, datasets: [dataset], bytes }, { rejected: () => {} });
  const values = read?.values[0] ?? [];
  let sum = 0;
  for (let row = 0; row < totals.valid; row++) sum += values[row] ?? 0;
  return { valid: totals.valid, rejected: totals.lines - totals.valid, sum };
} // biome-ignore format: short

const duck = await (await DuckDBInstance.create(':memory:')).connect();
await duck.run('SET threads = 1');

/** All columns as texts, so that a row that can't be cast is counted and not the end of the file. */
async function byDuckdb(): Promise<Outcome> {
  await duck.run(`CREATE OR REPLACE TABLE readings AS
    SELECT * FROM (
      SELECT station, try_strptime("time", '%Y-%m-%d %H:%M:%S') AS instant,
        try_cast(temp AS DOUBLE) AS t, try_cast(hum AS DOUBLE) AS h, try_cast(wind AS DOUBLE) AS w
      FROM read_csv('${path}', header = true, delim = ',', all_varchar = true))
    WHERE instant IS NOT NULL AND t BETWEEN -60 AND 60 AND h BETWEEN 0 AND 100 AND w BETWEEN 0 AND 100
      AND t <> -999 AND h <> -999 AND w <> -999`);
  const [counts] = (await duck.runAndReadAll('SELECT count(*)::INT AS valid, sum(t) AS sum FROM readings')).getRowObjects();
  const valid = Number(counts?.valid);
  return { valid, rejected: rows - valid, sum: Number(counts?.sum) };
} // biome-ignore format: a query

const times = new Times();
for (let turn = 0; turn <= turns; turn++) {
  const outcomes: Outcome[] = [];
  for (const [name, way] of [['by declaration', byDeclaration], [peer, byDuckdb]] as const) {
    const start = performance.now();
    outcomes.push(await way());
    if (turn > 0) times.add(name, performance.now() - start); // the first one warms up
  } // biome-ignore format: short
  const [ours, theirs] = outcomes as [Outcome, Outcome];
  const isSame = ours.valid === theirs.valid && ours.rejected === theirs.rejected && Math.abs(ours.sum - theirs.sum) < 1e-3;
  if (!isSame) throw new Error(`not the same: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} in DuckDB`);
} // biome-ignore format: short
times.print(`${rows.toLocaleString('en-US')} rows of five columns`);
duck.closeSync();
