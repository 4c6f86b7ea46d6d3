import { existsSync, readFileSync } from 'node:fs';
import { AthenaClient } from '@aws-sdk/client-athena';
import { datasets } from '#datasets';
import { runInAthena } from '../../adapters/athena.ts';
import { isLocal } from '../../cli/connection.ts';
import { discover } from '../../cli/discovery.ts';
import { countOf, formatBytes, formatDuration } from '../../cli/format.ts';
import { choice, text, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { lakeViews } from '../../core/lake/lake-views.ts';
import { daySpan, daySpanOptions, jsonOption } from '../shared/options.ts';
import { openLocalQuery } from './local-query.ts';
import { checkNewFile, formatOfFile } from './result-file.ts';
import { viewsPage, viewsReport } from './views-page.ts';
import { writeResult } from './write-result.ts';

const formats = ['table', 'csv', 'json', 'parquet'] as const;
type Format = (typeof formats)[number];

/** `caudal sql` */
export const sql = defineInstallationVerb({
  command: 'npm run caudal -- sql',
  summary: 'answers SQL over the readings: a view a dataset',
  about: [
    'Runs one statement that reads. Without a statement it shows the views, their columns, types and units.',
    'With a local cloud, or --engine duckdb, the partition files of the datasets that the statement names are fetched into .caudal/lake, each once a version, and DuckDB answers from them on this machine. The statement can reach nothing else: no files, no network. On AWS Athena answers, for $5 a TB that it scans.',
  ],
  positionals: { statement: text({ help: 'the SQL, in quotes', valueName: 'SQL' }) },
  options: {
    file: text({ help: 'reads the statement from a file, or with - from standard input', valueName: 'FILE' }),
    format: choice(formats, { help: 'of the result; by default as the name of --out ends, or table' }),
    out: text({ help: 'writes the result to this file, which must not exist', valueName: 'FILE' }),
    limit: wholeNumber({ help: 'rows of a table at most', min: 1, max: 100_000, default: 1_000 }),
    engine: choice(['duckdb', 'athena'], {
      help: 'where it runs: on this machine, or in Athena; by default Athena on AWS, and DuckDB with a local cloud',
    }),
    ...daySpanOptions({ of: 'with DuckDB, reads only files', kind: 'local' }),
    ...jsonOption,
  },
  exclusive: [['format', 'json']],
  notes: [
    'Sums and means are rounded as the engine adds; those of the API are exact. docs/sql.md says more, and has twelve questions with their SQL.',
    '--json is --format json: an object a row, a row a line.',
  ],
  examples: [
    'npm run caudal -- sql "select sensor_id, avg(temperature) from water_temperature where local_date >= date \'2025-06-01\' group by 1"',
    'npm run caudal -- sql --file question.sql --out answer.parquet',
  ],
  async run({ statement: typed, file, format: given, out, limit, engine: asked, json, ...days }) {
    const views = lakeViews(datasets);
    const statement = statementOf(typed, file);
    if (statement === undefined) {
      if (json) for (const view of viewsReport(views)) print(JSON.stringify(view));
      else print(viewsPage(views));
      return 0;
    }
    const said = json ? 'json' : given;
    const format = out === undefined ? (said ?? 'table') : formatOfFile(out, { given: said, formats });
    if (out !== undefined) checkNewFile(out);
    if (format === 'parquet' && out === undefined)
      throw new UsageError('Parquet is written to a file: give --out FILE.');
    const engine = asked ?? (isLocal() ? 'duckdb' : 'athena');
    if (engine === 'athena') {
      if (format === 'parquet') throw new UsageError('Parquet is written by DuckDB: add --engine duckdb.');
      if (days.from !== undefined || days.to !== undefined)
        throw new UsageError(
          '--from and --to are for --engine duckdb: for Athena give local_date a condition.',
        );
      return askAthena(statement, { format, out, limit });
    }
    const startedMs = performance.now();
    const progress = createProgress();
    const query = await openLocalQuery(statement, { views, span: daySpan(days), progress });
    const timer = setInterval(() => progress.update(() => shareText(query.progress())), 500);
    try {
      const { rows, isCut } =
        format === 'parquet' && out !== undefined
          ? { rows: await query.writeParquet(out, 'small'), isCut: false }
          : await writeResult(await query.query(), {
              format: format as Exclude<Format, 'parquet'>,
              out,
              limit,
            });
      progress.stop();
      const took = formatDuration(performance.now() - startedMs);
      printError(`${isCut ? 'the first ' : ''}${countOf(rows, 'row')} in ${took}, of ${query.read}`);
      if (isCut) printError('There are more rows: --limit shows more of them, --out writes all to a file.');
      return 0;
    } finally {
      clearInterval(timer);
      progress.stop();
      await query.close();
    }
  },
});

async function askAthena(
  statement: string,
  output: { format: Exclude<Format, 'parquet'>; out: string | undefined; limit: number },
): Promise<number> {
  const { settings, lakeDatabase: database, lakeWorkgroup: workgroup } = await discover();
  const startedMs = performance.now();
  const progress = createProgress();
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    const { result, scannedBytes } = await runInAthena(
      { client: new AthenaClient(settings), database, workgroup },
      statement,
      {
        told: (bytes) => progress.update(() => `${formatBytes(bytes)} scanned`),
        signal: interrupted.signal,
      },
    );
    progress.stop();
    const { rows, isCut } = await writeResult(result, output);
    const took = formatDuration(performance.now() - startedMs);
    printError(
      `${isCut ? 'the first ' : ''}${countOf(rows, 'row')} in ${took}, of ${formatBytes(scannedBytes)} scanned by Athena`,
    );
    if (isCut) printError('There are more rows: --limit shows more of them, --out writes all to a file.');
    return 0;
  } finally {
    process.off('SIGINT', interrupt);
    progress.stop();
  }
}

function statementOf(typed: string | undefined, file: string | undefined): string | undefined {
  if (typed !== undefined && file !== undefined)
    throw new UsageError('Give the statement or --file, not both.');
  if (file === undefined) return typed;
  if (file !== '-' && !existsSync(file)) throw new UsageError(`${file}: there is no such file.`);
  return readFileSync(file === '-' ? 0 : file, 'utf8');
}

const shareText = (percent: number): string => (percent < 0 ? 'reading' : `${Math.round(percent)}%`);
