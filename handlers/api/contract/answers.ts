import * as z from 'zod/mini';
import { rejectReasons } from '../../../core/dataset/reading.ts';

/**
 * What each operation answers with. These schemas type the code and describe the answers in the OpenAPI document; tests
 * hold real answers against them.
 */

const about = (description: string) => z.meta({ description });

const instant = z.iso.datetime({ precision: 3 }).check(about('UTC, with milliseconds'));
const nextCursor = z
  .nullable(z.string())
  .check(about('for the next page: the same request with this `cursor`; null after the last page'));
const share = z
  .optional(z.number().check(z.gte(0), z.lte(1)))
  .check(
    about(
      'share of the expected readings that are there; without `sensor` the mean over the sensors. Left out where the dataset expects nothing',
    ),
  );
const byMeasure = <Schema extends z.ZodMiniType>(schema: Schema) => z.record(z.string(), schema);
const period = z.string().check(about('YYYY-MM, or YYYY-MM-DD, in the time zone of the dataset'));

const breaches = z
  .record(
    z.string(),
    z.strictObject({
      count: z.int().check(z.gte(1)),
      worst: z.number().check(about('the value farthest past its limit')),
      worstAt: instant,
    }),
  )
  .check(about('by alert rule; a rule without a breach is left out'));

const measureRow = z.strictObject({
  count: z.int().check(z.gte(1)),
  mean: z.number(),
  standardDeviation: z.number().check(z.gte(0), about('of the population')),
  min: z.number(),
  minAt: instant.check(about('of the first reading with the minimum')),
  max: z.number(),
  maxAt: instant.check(about('of the first reading with the maximum')),
  difference: z
    .optional(z.nullable(z.strictObject({ mean: z.number(), min: z.number(), max: z.number() })))
    .check(about('only of months: this month minus `monthBefore`; null for the first')),
});

const statisticsRow = z.strictObject({
  period,
  sensorId: z.optional(z.string()).check(about('only with `sensor`')),
  sensors: z
    .optional(z.int())
    .check(about('only without `sensor`: how many sensors have readings in the period')),
  count: z.int().check(z.gte(1), about('readings')),
  completeness: share,
  monthBefore: z
    .optional(z.nullable(z.string()))
    .check(about('only of months: the last earlier month that has readings, which `difference` is to')),
  measures: byMeasure(measureRow).check(about('a measure without a value is left out')),
  alerts: breaches,
});

const measure = z.strictObject({
  unit: z.string(),
  min: z.number().check(about('the least value that is accepted')),
  max: z.number().check(about('the greatest value that is accepted')),
  optional: z.boolean(),
});

const datasetSummary = {
  name: z.string(),
  timeZone: z.string().check(about('IANA name; days and months are local to it')),
  generation: z.int(),
  measures: byMeasure(measure),
};

const oneMonth = {
  year: z.int(),
  month: z.int(),
  sensorId: z.optional(z.string()).check(about('only with `sensor`')),
  unit: z.string(),
  count: z.int().check(about('measurements that the value is of')),
};

export const answers = {
  health: z.strictObject({ status: z.literal('ok'), version: z.string() }),
  openapi: z.looseObject({ openapi: z.string() }),
  meanTemperature: z.strictObject({ ...oneMonth, mean: z.number() }),
  maxDeviation: z.strictObject({ ...oneMonth, maxDeviation: z.number(), at: instant }),
  maxDifference: z.strictObject({
    ...oneMonth,
    difference: z
      .number()
      .check(about('maximum of the month minus that of `monthBefore`; 0 for the first month')),
    max: z.number(),
    monthBefore: z
      .nullable(z.string())
      .check(about('the last earlier month that has readings; null for the first month')),
    maxBefore: z.nullable(z.number()),
  }),
  listDatasets: z.strictObject({ datasets: z.array(z.strictObject(datasetSummary)) }),
  getDataset: z.strictObject({
    ...datasetSummary,
    shards: z.int(),
    attributes: z.record(z.string(), z.strictObject({ maxLength: z.int(), optional: z.boolean() })),
    missing: z.array(z.number()).check(about('values that stand for no measurement; they are rejected')),
    alerts: z.record(
      z.string(),
      z.strictObject({ measure: z.string(), above: z.optional(z.number()), below: z.optional(z.number()) }),
    ),
    expectedEvery: z.optional(z.string()),
    csv: z
      .optional(z.record(z.string(), z.unknown()))
      .check(about('column names of an uploaded CSV file, and the format of its timestamps')),
    reading: z
      .record(z.string(), z.unknown())
      .check(about('JSON Schema of a reading as POST /datasets/{dataset}/readings takes it')),
  }),
  listSensors: z.strictObject({
    dataset: z.string(),
    month: z
      .nullable(z.string())
      .check(about('the month whose sensors these are; null when there are no readings')),
    sensors: z.array(z.strictObject({ sensorId: z.string(), count: z.int(), completeness: share })),
    cursor: nextCursor,
  }),
  queryStatistics: z.strictObject({
    dataset: z.string(),
    timeZone: z.string(),
    period: z.enum(['month', 'day']),
    from: period,
    to: period,
    units: byMeasure(z.string()),
    statistics: z.array(statisticsRow),
    cursor: nextCursor,
  }),
  listAlerts: z.strictObject({
    dataset: z.string(),
    from: period,
    to: period,
    alerts: z.array(
      z.strictObject({
        day: z.string(),
        rule: z.string(),
        sensorId: z.string(),
        measure: z.string(),
        unit: z.string(),
        threshold: z.number(),
        count: z.int().check(about('readings of the day past the threshold; 0 once it is withdrawn')),
        worst: z.number(),
        worstAt: instant,
        withdrawn: z.boolean().check(about('the readings that raised it have been corrected since')),
        createdAt: z.string(),
        sentAt: z.nullable(z.string()).check(about('when it was published; null while it is not')),
      }),
    ),
    cursor: nextCursor,
  }),
  submitReadings: z.strictObject({
    accepted: z.int().check(about('readings that Firehose has acknowledged')),
    rejected: z.array(
      z.strictObject({
        index: z.int().check(about('place among the readings of the body, from 0; blank lines do not count')),
        reason: z.enum([...rejectReasons]),
        detail: z.string(),
      }),
    ),
  }),
  getJob: z.strictObject({
    jobId: z.string(),
    kind: z.enum(['ingest', 'toons']),
    state: z.enum(['Pending', 'Processing', 'Completed', 'Failed']),
    total: z.int().check(about('toons; segments (raw objects) of an ingest job')),
    processed: z.int().check(about('of `total`, those that have ended, the failed ones included')),
    failed: z.int(),
    progress: z.number().check(z.gte(0), z.lte(1), about('`processed` of `total`')),
    lines: z
      .optional(z.strictObject({ total: z.int(), valid: z.int(), rejected: z.int() }))
      .check(about('only of ingest jobs; complete when all segments have ended')),
    failures: z
      .optional(z.array(z.strictObject({ key: z.string(), error: z.string(), cause: z.string() })))
      .check(about('only of ingest jobs: up to 20 of the segments that failed')),
    metadata: z.record(z.string(), z.unknown()),
    createdAt: z.string(),
    updatedAt: z.string(),
    error: z.optional(z.string()),
    cause: z.optional(z.string()),
  }),
} as const;

/** What an operation answers with, when it succeeds. */
export type AnswerOf<Operation extends keyof typeof answers> = z.infer<(typeof answers)[Operation]>;
export type StatisticsRow = z.infer<typeof statisticsRow>;
