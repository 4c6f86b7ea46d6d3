import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { datasets, reports } from '#datasets';
import { runInAthena } from '../../adapters/athena.ts';
import { isLocal } from '../../cli/connection.ts';
import { discover } from '../../cli/discovery.ts';
import { countOf } from '../../cli/format.ts';
import { choice, oneOf, option, sensorId, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress, type Progress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { entityColumn, type LakeView, lakeViews } from '../../core/lake/lake-views.ts';
import type { ReportFile as WrittenFile } from '../../core/report/data-files.ts';
import { type ReportFile, type ReportSection, readReport } from '../../core/report/report-file.ts';
import { rowsOfSection, type SectionRows, subjectsOf } from '../../core/report/report-page.ts';
import { type ReportPeriod, reportPeriod } from '../../core/report/report-period.ts';
import { pageFile, reportFiles } from '../../handlers/reports/report-files.ts';
import { reportFolder, reportPagePath } from '../../ports/keys.ts';
import { jsonOption } from '../shared/options.ts';
import { openLocalLake } from '../sql/local-query.ts';

const periodOption = (
  kind: ReportPeriod['kind'],
  { valueName, accepted }: { valueName: string; accepted: string },
) =>
  option(
    {
      ...{ valueName, accepted },
      read(typed) {
        const period = reportPeriod(typed);
        return period?.kind === kind ? period : undefined;
      },
    },
    { help: `the ${kind}, by the local days of the dataset` },
  );

/** `caudal report` */
export const report = defineInstallationVerb({
  command: 'npm run caudal -- report',
  summary:
    'writes the report of a month or year: a page to print for each salon, or whatever the dataset is about',
  about: [
    'Runs the SQL of datasets/<dataset>.report.sql, which is yours to change, and writes what it answers: each section as CSV and Parquet, and an HTML page for each of whom the rows are. The same data give the same bytes, so that it can be run again at any time.',
  ],
  positionals: { dataset: oneOf(datasets, { help: 'of which', required: true }) },
  options: {
    month: periodOption('month', { valueName: 'YYYY-MM', accepted: 'a month as YYYY-MM' }),
    year: periodOption('year', { valueName: 'YYYY', accepted: 'a year as YYYY' }),
    salon: sensorId({ help: 'only the page of this salon, shop or whoever it is' }),
    out: text({ help: 'folder of the reports', valueName: 'FOLDER', default: 'reports' }),
    engine: choice(['duckdb', 'athena'], {
      help: 'where the SQL runs: on this machine, or in Athena; by default Athena on AWS, and DuckDB with a local cloud',
    }),
    ...jsonOption,
  },
  notes: ['The exit code is 1 when there is nothing to report; then nothing is written.'],
  examples: [
    'npm run caudal -- report salon-bookings --month 2026-05',
    'npm run caudal -- report salon-bookings --month 2026-05 --salon 7',
    'npm run caudal -- report salon-bookings --year 2026 --salon 7',
  ],
  async run({ dataset, month, year, salon, out, engine, json }) {
    const period = month ?? year;
    if (period === undefined || (month !== undefined && year !== undefined))
      throw new UsageError('Say either --month YYYY-MM or --year YYYY.');
    const sql = reports[dataset.name];
    if (sql === undefined)
      throw new UsageError(
        `${dataset.name} has no report: write datasets/${dataset.name}.report.sql, as datasets/salon-bookings.report.sql is written.`,
      );
    const views = lakeViews(datasets);
    const view = views.find((each) => each.dataset === dataset) as LakeView; // it has each dataset
    const entity = entityColumn(view);
    const asked = readReport(sql, { period, entity, subject: salon });
    const sections = await answersOf(asked, {
      ...{ views, period },
      engine: engine ?? (isLocal() ? 'duckdb' : 'athena'),
    });
    const of = { dataset: dataset.name, entity, period };
    const all = subjectsOf(sections);
    const wanted = salon === undefined ? all : all.filter((subject) => subject === salon);
    const target = join(out, reportFolder(dataset.name, period.name));
    const isWhole = salon === undefined;
    if (wanted.length > 0) {
      const files = isWhole
        ? reportFiles(of, wanted, sections)
        : wanted.map((subject) => pageFile(of, subject, sections));
      await write(target, files, { isWhole });
    }
    const pages = wanted.map((subject) => join(target, reportPagePath(subject)));
    if (json)
      print(
        JSON.stringify({ dataset: dataset.name, entity, [period.kind]: period.name, folder: target, pages }),
      );
    else if (wanted.length === 0)
      print(
        `Nothing in ${period.name} of ${salon === undefined ? dataset.name : `${entity} ${salon}`}: nothing is written.`,
      );
    else if (salon === undefined) print(`${join(target, 'index.html')}  ${countOf(pages.length, 'page')}`);
    else print(pages.join('\n'));
    return wanted.length > 0 ? 0 : 1;
  },
});

/** What the sections answer: of everybody, or of who is asked for where their statements say `:wanted`. */
async function answersOf(
  asked: ReportFile,
  {
    views,
    period,
    engine,
  }: { views: readonly LakeView[]; period: ReportPeriod; engine: 'duckdb' | 'athena' },
): Promise<SectionRows[]> {
  const progress = createProgress();
  const tell = (what: string) => progress.update(() => `${period.name}: ${what}`);
  try {
    return engine === 'athena'
      ? await answersOfAthena(asked.sections, tell)
      : await answersOfDuckdb(asked, views, { tell, progress });
  } finally {
    progress.stop();
  }
}

async function answersOfDuckdb(
  { relations, sections }: ReportFile,
  views: readonly LakeView[],
  { tell, progress }: { tell: (what: string) => void; progress: Progress },
): Promise<SectionRows[]> {
  const statements = sections.map(({ statement }) => statement);
  // All that there is: what a statement looks back or ahead for is its own to say.
  const span = { from: undefined, to: undefined };
  const lake = await openLocalLake(statements, { views, span, progress });
  try {
    // The files are read once for all sections.
    for (const { name, statement } of relations) {
      tell(name);
      await lake.engine.keep(name, statement);
    }
    const found: SectionRows[] = [];
    for (const section of sections) {
      tell(section.name);
      found.push(await rowsOfSection(section, await lake.engine.query(section.own)));
    }
    return found;
  } finally {
    await lake.close();
  }
}

async function answersOfAthena(
  sections: readonly ReportSection[],
  tell: (what: string) => void,
): Promise<SectionRows[]> {
  const { AthenaClient } = await import('@aws-sdk/client-athena'); // DuckDB starts without it
  const { settings, lakeDatabase: database, lakeWorkgroup: workgroup } = await discover();
  const place = { client: new AthenaClient(settings), database, workgroup };
  const found: SectionRows[] = [];
  for (const section of sections) {
    tell(section.name);
    const { result } = await runInAthena(place, section.statement);
    found.push(await rowsOfSection(section, result));
  }
  return found;
}

/** Writes beside the folder first: whoever looks at a report sees the old one or the new one. A page alone takes its place in what is there. */
async function write(
  target: string,
  files: readonly WrittenFile[],
  { isWhole }: { isWhole: boolean },
): Promise<void> {
  await mkdir(target, { recursive: true });
  const beside = await mkdtemp(`${target}-`);
  try {
    await mkdir(join(beside, 'pages'));
    for (const { path, bytes } of files) await writeFile(join(beside, path), bytes);
    if (isWhole) {
      await rm(target, { recursive: true });
      await rename(beside, target);
      return;
    }
    await mkdir(join(target, 'pages'), { recursive: true });
    for (const { path } of files) await rename(join(beside, path), join(target, path));
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}
