import { rmSync } from 'node:fs';
import { datasets } from '#datasets';
import { countOf } from '../../cli/format.ts';
import { choice, flag, oneOf, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { entityColumn, lakeViews } from '../../core/lake/lake-views.ts';
import { jsonOption, monthOption } from '../shared/options.ts';
import { openLocalQuery } from '../sql/local-query.ts';
import { checkNewFile, formatOfFile } from '../sql/result-file.ts';
import { writeResult } from '../sql/write-result.ts';

const formats = ['parquet', 'csv'] as const;

/** `caudal export` */
export const exportVerb = defineInstallationVerb({
  command: 'npm run caudal -- export',
  summary: 'writes the readings of a month to one file, for pandas, R, Excel or Power BI',
  about: [
    'Writes the readings that count, with the columns that npm run caudal -- sql shows, sorted by sensor and time: as Parquet, or as CSV where --out ends in .csv. Without --dataset each dataset that has readings in the month gets a file.',
  ],
  options: {
    ...monthOption,
    dataset: oneOf(datasets, { help: 'only this one' }),
    out: text({
      help: 'the file, which must not exist; by default <dataset>-<month>.parquet. Needs --dataset',
      valueName: 'FILE',
    }),
    format: choice(formats, { help: 'by default as the name of --out ends, or parquet' }),
    compatible: flag({
      help: 'Parquet of plain values and Snappy, which every reader takes; two to four times as large',
    }),
    ...jsonOption,
  },
  notes: ['The exit code is 1 when the month has no readings; then nothing is written.'],
  examples: [
    'npm run caudal -- export --month 2026-10 --dataset water-temperature',
    'npm run caudal -- export --month 2026-10 --dataset water-temperature --out october.csv',
  ],
  async run({ month, dataset, out, format: given, compatible, json }) {
    const format = out === undefined ? (given ?? 'parquet') : formatOfFile(out, { given, formats });
    if (out !== undefined && dataset === undefined)
      throw new UsageError('--out is one file: say of which --dataset.');
    if (compatible && format === 'csv')
      throw new UsageError('--compatible is about Parquet, and this is CSV.');
    const views = lakeViews(datasets);
    const chosen = views.filter((view) => dataset === undefined || view.dataset === dataset);
    const files = chosen.map((view) => ({ view, path: out ?? `${view.dataset.name}-${month}.${format}` }));
    for (const { path } of files) checkNewFile(path);
    const progress = createProgress();
    const written: { file: string; dataset: string; month: string; readings: number }[] = [];
    for (const { view, path } of files) {
      const statement = `select * from ${view.name} where local_date >= date '${month}-01' order by ${entityColumn(view)}, time_utc`;
      const span = { from: `${month}-01`, to: `${month}-31` }; // days compare as text: no file of another month is fetched
      const query = await openLocalQuery(statement, { views, span, progress });
      try {
        const readings =
          query.files === 0
            ? 0
            : format === 'csv'
              ? (await writeResult(await query.query(), { format, out: path, limit: 0 })).rows
              : await query.writeParquet(path, compatible ? 'compatible' : 'small');
        if (readings > 0) written.push({ file: path, dataset: view.dataset.name, month, readings });
        else rmSync(path, { force: true }); // it was not there before
      } finally {
        progress.stop();
        await query.close();
      }
    }
    if (json) print(JSON.stringify(written));
    else if (written.length === 0)
      print(
        `No readings in ${month}${dataset === undefined ? '' : ` of ${dataset.name}`}: nothing is written.`,
      );
    else for (const { file, readings } of written) print(`${file}  ${countOf(readings, 'reading')}`);
    return written.length > 0 ? 0 : 1;
  },
});
