import { existsSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { answer } from './worker.ts';

/** The same two jobs in DuckDB, with as many threads as the first argument says. */
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run(`set threads = ${Number(process.argv[2])}`);
await connection.run("set timezone = 'UTC'");

export type DuckTask =
  | { kind: 'validate'; file: string; valid: string; rejects: string }
  | { kind: 'merge'; base: string; part: string; target: string }
  | { kind: 'statistics'; file: string };

const shape = JSON.stringify({
  dataset: 'VARCHAR',
  sensorId: 'VARCHAR',
  timestamp: 'VARCHAR',
  temperature: 'DOUBLE',
  deviation: 'DOUBLE',
  revision: 'INTEGER',
});
const reason = `case
  when record is null then 'not-json'
  when record.sensorId is null or record.timestamp is null or record.temperature is null then 'missing-field'
  when record.temperature = -999 then 'missing'
  when record.temperature not between -5 and 45 then 'out-of-range'
  when instant is null then 'invalid-timestamp' end`;
const columns = 'sensorId, "timestamp", revision, temperature, deviation';
const statistics = `select sensorId, count(*)::double as count, avg(temperature) as mean, var_pop(temperature) as variance,
  min(temperature) as min, max(temperature) as max, epoch_ms(arg_min("timestamp", (temperature, "timestamp")))::double as minAt,
  avg(deviation) as mean2, var_pop(deviation) as variance2, min(deviation) as min2, max(deviation) as max2`;

/** A deviation that can't be one is left out of its reading. Each line is kept whole, so that a rejected one can be told of; of repeats one is kept. */
async function validate({ file, valid, rejects }: Extract<DuckTask, { kind: 'validate' }>): Promise<void> {
  await connection.run(`create or replace temp table lines as
    with texts as (
      select row_number() over () as line, text from read_csv('${file}', columns = {text: 'VARCHAR'}, delim = chr(1), quote = '', escape = '',
        header = false, auto_detect = false, max_line_size = 2000000)),
    records as (select line, text, case when json_valid(text) then json_transform(text, '${shape}') end as record from texts),
    timed as (select *, try_cast(record."timestamp" as timestamp) as instant from records)
    select *, ${reason} as reason from timed`);
  await connection.run(
    `copy (select line, reason, text from lines where reason is not null) to '${rejects}' (format json)`,
  );
  // The quickest of four ways to drop repeats. It leaves open which of two versions with equal revisions wins.
  await connection.run(`copy (select record.sensorId as sensorId, instant as "timestamp", max(coalesce(record.revision, 0)) as revision,
      arg_max(record.temperature, coalesce(record.revision, 0)) as temperature, arg_max(case when record.deviation between 0 and 20 then record.deviation end, coalesce(record.revision, 0)) as deviation
      from lines where reason is null group by 1, 2) to '${valid}' (format parquet)`);
}

async function merge({ base, part, target }: Extract<DuckTask, { kind: 'merge' }>): Promise<void> {
  const from = existsSync(base)
    ? `select ${columns} from '${base}' union all select ${columns} from '${part}'`
    : `select ${columns} from '${part}'`;
  await connection.run(`create or replace temp table merged as
    select sensorId, "timestamp", max(revision) as revision, arg_max(temperature, revision) as temperature,
      arg_max(deviation, revision) as deviation from (${from}) group by 1, 2 order by 1, 2`);
  await connection.runAndReadAll(`${statistics} from merged group by 1`);
  await connection.run(`copy merged to '${target}' (format parquet)`);
}

answer<DuckTask, { ms: number; peakMiB: number; rows: unknown[] }>(async (task) => {
  const start = performance.now();
  if (task.kind === 'validate') await validate(task);
  if (task.kind === 'merge') await merge(task);
  const ms = performance.now() - start;
  const rows =
    task.kind === 'statistics'
      ? (
          await connection.runAndReadAll(`${statistics} from '${task.file}' group by 1 order by 1`)
        ).getRowObjectsJson()
      : [];
  return { ms, peakMiB: process.resourceUsage().maxRSS / 1024, rows };
});
