import { pathToFileURL } from 'node:url';
import type { Polars, PolarsExpression, PolarsTask } from './polars.ts';
import { answer } from './worker.ts';

const loading: Promise<Polars> = import(pathToFileURL(process.argv[2] as string).href).then(
  (module: { default: Polars }) => module.default,
);
loading.catch(() => {}); // the first task tells it

/**
 * Each line is kept whole, so that a rejected one can be told of; of repeats one is kept. Polars' reader of JSON lines gives up at
 * the first that is cut off, and so does `jsonDecode`. So the lines are read as a table of one column, one look-up by JSON path
 * finds those that are JSON, and only those are decoded.
 */
function validate(pl: Polars, { file, valid, rejects }: Extract<PolarsTask, { kind: 'validate' }>): void {
  const [text, sensorId] = [pl.col('text'), pl.col('sensorId')];
  const lines = pl
    .scanCSV(file, {
      ...{
        hasHeader: false,
        sep: '\x01',
        quoteChar: '\x02',
        missingIsNull: false,
        schema: { text: pl.Utf8 },
      },
      ...{ rowIndexName: 'line', rowIndexOffset: 1 },
    })
    .withColumns(text.str.jsonPathMatch('$.sensorId').alias('sensorId'))
    .collectSync();
  const decoded = lines
    .lazy()
    .filter(sensorId.isNotNull())
    .select('line', 'text', text.str.jsonDecode(shapeOf(pl)).alias('record'))
    .unnest('record')
    .withColumns(
      pl.col('timestamp').str.strptime(pl.Datetime('ms'), '%Y-%m-%dT%H:%M:%S%.3fZ').alias('instant'),
    )
    .withColumns(reasonOf(pl).alias('reason'))
    .collectSync();
  const without = lines
    .lazy()
    .filter(sensorId.isNull())
    .select(
      'line',
      'text',
      pl
        .when(text.str.jsonPathMatch('$').isNull())
        .then(pl.lit('not-json'))
        .otherwise(pl.lit('missing-field'))
        .alias('reason'),
    )
    .collectSync();
  const reason = pl.col('reason');
  const rejected = decoded.lazy().filter(reason.isNotNull()).select('line', 'text', 'reason').collectSync();
  pl.concat([without, rejected]).writeJSON(rejects, { format: 'lines' });
  // The quickest of three ways to drop repeats.
  decoded
    .lazy()
    .filter(reason.isNull())
    .select(
      'sensorId',
      pl.col('instant').alias('timestamp'),
      pl.col('revision').fillNull(0).alias('revision'),
      'temperature',
      'deviation',
    )
    .sort('revision')
    .unique({ subset: ['sensorId', 'timestamp'], keep: 'last' })
    .collectSync()
    .writeParquet(valid, { compression: 'snappy' });
}

/** What a line may hold. */
function shapeOf(pl: Polars): object {
  const fields = {
    dataset: pl.Utf8,
    sensorId: pl.Utf8,
    timestamp: pl.Utf8,
    temperature: pl.Float64,
    deviation: pl.Float64,
    revision: pl.Int32,
  };
  return pl.Struct(Object.entries(fields).map(([name, type]) => new pl.Field(name, type)));
}

/** Why a decoded line is rejected, null for a valid one. */
function reasonOf(pl: Polars): PolarsExpression {
  const [temperature, deviation] = [pl.col('temperature'), pl.col('deviation')];
  const outside = (value: PolarsExpression, min: number, max: number) => value.lt(min).or(value.gt(max));
  return pl
    .when(pl.col('timestamp').isNull().or(temperature.isNull()).or(deviation.isNull()))
    .then(pl.lit('missing-field'))
    .when(temperature.eq(-999).or(deviation.eq(-999)))
    .then(pl.lit('missing'))
    .when(outside(temperature, -5, 45).or(outside(deviation, 0, 20)))
    .then(pl.lit('out-of-range'))
    .when(pl.col('instant').isNull())
    .then(pl.lit('invalid-timestamp'))
    .otherwise(pl.lit(null));
}

answer<PolarsTask, { version: string; ms: number; peakMiB: number }>(async (task) => {
  const pl = await loading;
  const start = performance.now();
  if (task.kind === 'validate') validate(pl, task);
  const ms = performance.now() - start;
  return { version: pl.version, ms, peakMiB: process.resourceUsage().maxRSS / 1024 };
});
