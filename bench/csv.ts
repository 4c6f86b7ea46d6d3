import { createReadStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { defineDataset } from '../core/dataset/dataset.ts';
import { text } from '../core/formats/text-format.ts';
import { parseSegmentRows } from '../core/lines/parse-segment.ts';
import { peer, Times } from './hot/times.ts';

/**
 * `node bench/csv.ts [--rows N] [--turns N]`: a table of five columns by its declaration, from the bytes of the file to rows of checked readings,
 * against DuckDB's `read_csv` on one thread with the same outcomes: times of a clock that is never changed, bounds, a number for nothing. The rows are
 * compared by their counts and sums. See bench/README.md.
 */
const stations = defineDataset({
  name: 'stations',
  timeZone: 'Europe/Madrid',
  shards: 1,
  measures: {
    temperature: { unit: '°C', min: -60, max: 60, optional: true },
    humidity: { unit: '%', min: 0, max: 100, optional: true },
    wind: { unit: 'm/s', min: 0, max: 100, optional: true },
  },
  missing: [-999],
  formats: [
    text({
      match: '*.csv',
      delimiter: ';',
      time: { column: 'time', format: 'dd/MM/yyyy HH:mm:ss', zone: '+01:00' },
      columns: { sensorId: 'station', temperature: 'temp', humidity: 'hum', wind: 'wind' },
    }),
  ],
});

/** What both come to. */
interface Outcome {
  readonly valid: number;
  readonly rejected: number;
  readonly values: number;
  /** Of all values and instants, as text: rounded so that the order of adding does not matter. */
  readonly sum: string;
}

const name = 'Caudal, by the declaration';

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { rows: { type: 'string', default: '1000000' }, turns: { type: 'string', default: '5' } },
  });
  const [rows, turns] = [Number(values.rows), Number(values.turns)];
  const file = writeTable(join(import.meta.dirname, '..', '.caudal', 'bench'), rows);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("set threads = 1; set timezone = 'UTC'");
  const duckDb = async (): Promise<Outcome> => {
    await connection.run(`create or replace temp table readings as
      with texts as (select * from read_csv('${file}', delim = ';', header = true, auto_detect = false, null_padding = false,
        columns = {time: 'VARCHAR', station: 'VARCHAR', temp: 'VARCHAR', hum: 'VARCHAR', wind: 'VARCHAR'})),
      typed as (select station, try_strptime(time, '%d/%m/%Y %H:%M:%S') - interval 1 hour as instant, try_cast(temp as double) as temp,
        try_cast(hum as double) as hum, try_cast(wind as double) as wind, temp as temp_text, hum as hum_text, wind as wind_text from texts),
      checked as (select station, instant, ${['temp', 'hum', 'wind'].map((name) => `case when ${name} between ${boundsOf(name)} then ${name} end as ${name}`).join(', ')} from typed)
      select *, instant is null or (temp is null and hum is null and wind is null) as is_rejected from checked`);
    const found =
      await connection.runAndReadAll(`select count(*) filter (not is_rejected) as valid, count(*) filter (is_rejected) as rejected,
      sum(case when is_rejected then 0 else (temp is not null)::int + (hum is not null)::int + (wind is not null)::int end) as value_count,
      sum(case when is_rejected then 0 else coalesce(temp, 0) + coalesce(hum, 0) + coalesce(wind, 0) + epoch_ms(instant) / 1e9 end) as total from readings`);
    const [row] = found.getRowObjectsJson() as Record<string, unknown>[];
    return {
      valid: Number(row?.valid),
      rejected: Number(row?.rejected),
      values: Number(row?.value_count),
      sum: Number(row?.total).toPrecision(9),
    };
  };
  console.log(
    `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)} before), Node ${process.version}; ${rows} rows of 5 columns, medians of ${turns}\n`,
  );
  const [times, cpu] = [new Times(), new Times()];
  for (let turn = 0; turn <= turns; turn++) {
    const mine = await timed(() => byCaudal(file));
    const theirs = await timed(duckDb);
    if (JSON.stringify(mine.outcome) !== JSON.stringify(theirs.outcome))
      throw new Error(
        `not the same: ${JSON.stringify(mine.outcome)}, DuckDB ${JSON.stringify(theirs.outcome)}`,
      );
    if (turn === 0) {
      console.log(`${JSON.stringify(mine.outcome)}\n`);
      continue; // both are warm now
    }
    times.add(name, mine.ms);
    times.add(peer, theirs.ms);
    cpu.add(name, mine.cpuMs);
    cpu.add(peer, theirs.cpuMs);
  }
  times.print('a table of five columns');
  cpu.print('the same by CPU');
}

const boundsOf = (measure: string): string => (measure === 'temp' ? '-60 and 60' : '0 and 100');

async function timed(run: () => Promise<Outcome>): Promise<{ ms: number; cpuMs: number; outcome: Outcome }> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const outcome = await run();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1_000, outcome };
}

async function byCaudal(file: string): Promise<Outcome> {
  const { totals, rows } = await parseSegmentRows(
    {
      source: { key: 'landing/stations/table.csv', arrivedMs: Date.now() },
      datasets: [stations],
      bytes: createReadStream(file, { highWaterMark: 1_048_576 }),
    },
    { rejected: () => {} },
  );
  if (totals.refusal !== undefined) throw new Error(totals.refusal.detail);
  let [values, sum] = [0, 0];
  for (const { length, timestampMs, values: columns } of rows) {
    for (let row = 0; row < length; row++) sum += (timestampMs[row] as number) / 1e9; // a row
    for (const column of columns)
      for (let row = 0; row < length; row++) {
        const value = column[row] as number; // as above
        if (Number.isNaN(value)) continue;
        values++;
        sum += value;
      }
  }
  const rejected = Object.values(totals.rejected).reduce((total, count) => total + count, 0);
  return { valid: totals.valid, rejected, values, sum: sum.toPrecision(9) };
}

/** Readings of 50 stations a minute apart; of a hundred rows one has a number for nothing, one a value out of bounds, one no time. */
function writeTable(directory: string, rows: number): string {
  const path = join(directory, `table-${rows}.csv`);
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true });
  const lines = ['time;station;temp;hum;wind'];
  const two = (value: number) => String(value).padStart(2, '0');
  for (let index = 0; index < rows; index++) {
    const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(index / 50) * 60_000 + (index % 50) * 1_000);
    const day = `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
    const time = `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
    const temperature = ((index * 7919) % 6_000) / 100 - 15;
    const kind = (index * 31) % 100;
    lines.push(
      [
        kind === 3 ? time.replace('/', '-') : time,
        `station-${index % 50}`,
        kind === 1 ? '-999' : temperature.toFixed(2),
        kind === 2 ? '140' : (((index * 104_729) % 1_000) / 10).toFixed(1),
        (((index * 1_299_709) % 300) / 10).toFixed(1),
      ].join(';'),
    );
  }
  writeFileSync(`${path}.part`, `${lines.join('\n')}\n`);
  renameSync(`${path}.part`, path);
  return path;
}

await main(process.argv.slice(2));
