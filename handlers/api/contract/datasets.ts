import * as z from 'zod/mini';
import { acceptedQuantiles, readQuantiles } from '../../../core/statistics/quantiles.ts';
import { parseDay } from '../../../core/time/calendar.ts';
import {
  about,
  attributes,
  counts,
  cursor,
  dataset,
  described,
  instant,
  limit,
  nextCursor,
  nothing,
  ofEvents,
  sensors,
  tag,
} from './fields.ts';
import type { Routes } from './route.ts';

const month = z
  .string()
  .check(z.regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/), described('a month, YYYY-MM', '2024-01'));

const day = z.string().check(
  z.regex(/^(19|20|21)\d\d-\d\d-\d\d$/),
  z.refine((text) => parseDay(text) !== undefined),
  described('a day that exists, YYYY-MM-DD', '2024-01-23'),
);

const periodName = z
  .string()
  .check(
    z.regex(/^(19|20|21)\d\d(-(0[1-9]|1[0-2])(-\d\d)?)?$/),
    described(
      'a month YYYY-MM; with period=year a year YYYY, with period=day, hour and all a day YYYY-MM-DD',
      '2024-01',
    ),
  );

const share = z
  .optional(z.number().check(z.gte(0), z.lte(1)))
  .check(
    about(
      'share of the expected readings that have arrived; of merged sensors the mean over them and the `silent` ones, which have none. Omitted if the dataset has no expected interval',
    ),
  );
const periodKinds = z.enum(['month', 'day', 'hour', 'year', 'all']);
const byMeasure = <Schema extends z.ZodMiniType>(schema: Schema) => z.record(z.string(), schema);
const period = z
  .string()
  .check(
    about(
      'YYYY, YYYY-MM or YYYY-MM-DD, in the time zone of the dataset; an hour with its offset, as 2024-10-27T02:00+02:00, so that one that the clock shows twice is two; two days with / between them of a span as one',
    ),
  );

const breaches = z
  .record(
    z.string(),
    z.strictObject({
      count: z.int().check(z.gte(1)),
      worst: z.number().check(about('the value farthest beyond its limit')),
      worstAt: instant,
    }),
  )
  .check(about('by alert rule; a rule without a breach is omitted'));

const measureRow = z.strictObject({
  count: z.int().check(z.gte(1)),
  mean: z.number(),
  standardDeviation: z.number().check(z.gte(0), about('of the population')),
  min: z.number(),
  minAt: instant.check(about('of the first reading with the minimum')),
  max: z.number(),
  maxAt: instant.check(about('of the first reading with the maximum')),
  quantiles: z
    .optional(z.record(z.string(), z.number()))
    .check(about('only with `quantiles`: by each of them, interpolated linearly, rounded once')),
  difference: z
    .optional(z.nullable(z.strictObject({ mean: z.number(), min: z.number(), max: z.number() })))
    .check(
      about('only of months, and not with `by=sensor`: this month minus `monthBefore`; null for the first'),
    ),
});

export const statisticsRow = z.strictObject({
  period,
  sensorId: z.optional(z.string()).check(about('of one sensor, and with `by=sensor`')),
  sensors: z
    .optional(z.int())
    .check(about('of merged sensors: how many of them have readings in the period')),
  silent: z
    .optional(z.int())
    .check(
      about(
        'of merged sensors, if the dataset has an expected interval: sensors without a reading in the period that had some in the twelve months before its month',
      ),
    ),
  count: z.int().check(z.gte(1), about('readings')),
  contested: z
    .int()
    .check(
      z.gte(0),
      about('readings among them for which another one said something else with the same rank'),
    ),
  completeness: share,
  monthBefore: z
    .optional(z.nullable(z.string()))
    .check(
      about(
        'only of months, and not with `by=sensor`: the last earlier month that has readings, to which `difference` refers',
      ),
    ),
  measures: byMeasure(measureRow).check(about('a measure without a value is omitted')),
  alerts: breaches,
  counts: z.optional(counts),
});

const measure = z.strictObject({
  ...{ unit: z.string(), min: z.number().check(about('the lowest accepted value')) },
  max: z.number().check(about('the highest accepted value')),
  optional: z
    .boolean()
    .check(about('a value that is none costs this measure alone; else it costs the whole reading')),
});

const datasetSummary = {
  ...{ name: z.string(), kind: z.enum(['readings', 'events']) },
  entity: z
    .optional(z.string())
    .check(about('of events: the field of whom they are, which is `sensorId` here')),
  timeZone: z.string().check(about('IANA name; days and months are local to it')),
  generation: z.int(),
  measures: byMeasure(measure),
};

const alertState = z.enum(['pending', 'sent', 'withdrawn']);

const common = { method: 'GET', scope: 'read', tag: 'datasets', status: 200, tagged: true } as const;

export const datasets = {
  listDatasets: {
    ...common,
    path: '/datasets',
    summary: 'All datasets',
    parameters: nothing,
    answer: z.strictObject({ datasets: z.array(z.strictObject(datasetSummary)) }),
    problems: [],
  },
  getDataset: {
    ...common,
    path: '/datasets/{dataset}',
    summary: 'One dataset: measures, alerts, how its files are written, the schema of a reading',
    parameters: z.strictObject({ dataset }),
    answer: z.strictObject({
      ...datasetSummary,
      shards: z.int(),
      ...ofEvents,
      attributes,
      missing: z
        .array(z.union([z.number(), z.string()]))
        .check(about('values and words that mean that there was no measurement; none is ever averaged')),
      alerts: z.record(
        z.string(),
        z.strictObject({
          measure: z.string(),
          above: z.optional(z.number()),
          below: z.optional(z.number()),
          lasting: z
            .optional(z.string())
            .check(about('how long the limit has to be broken, from the first to the last reading of a run')),
          maxGap: z
            .optional(z.string())
            .check(
              about('the longest time between two readings of such a run; absent, as long as `lasting`'),
            ),
          changesBy: z.optional(z.number()).check(about('a change by more than this is a breach')),
          within: z.optional(z.string()).check(about('the longest time of such a change')),
          noDataFor: z
            .optional(z.string())
            .check(about('a sensor without a value of the measure for longer than this is silent')),
          sensors: z
            .optional(z.string())
            .check(about('ids and patterns of the sensors that the rule is for; absent, all')),
          tag: z.optional(z.string()).check(about('tags that the station of a sensor has, all of them')),
          since: z.optional(z.string()).check(about('the first day of which anybody is told')),
        }),
      ),
      expectedEvery: z.optional(z.string()),
      csv: z
        .optional(z.record(z.string(), z.unknown()))
        .check(about('column names of an uploaded CSV file, and the format of its timestamps')),
      formats: z
        .array(z.record(z.string(), z.unknown()))
        .check(
          about(
            'how uploaded files are written, beside CSV and JSON of its own fields: the first whose `match` takes a name reads the file',
          ),
        ),
      reading: z
        .record(z.string(), z.unknown())
        .check(about('JSON Schema of a reading as POST /datasets/{dataset}/readings takes it')),
    }),
    problems: ['not-found'],
  },
  listSensors: {
    ...common,
    path: '/datasets/{dataset}/sensors',
    summary: 'The sensors that have readings in some months: since when, until when, how many, how complete',
    description:
      'Without `to` the last month is the latest one that has readings, not after the present one and at most ten years back; without `from` twelve months are shown.',
    parameters: z.strictObject({
      dataset,
      month: z.optional(month).check(described('a month, YYYY-MM: short for `from` and `to`', '2024-01')),
      from: z.optional(month).check(described('the first month, YYYY-MM', '2023-02')),
      to: z.optional(month).check(described('the last month, YYYY-MM', '2024-01')),
      sensor: sensors,
      tag,
      silentFor: z
        .optional(z.string().check(z.regex(/^[1-9]\d{0,3} (day|week)s?$/)))
        .check(
          described(
            'days or weeks: the sensors of which the last reading is at least so many days old; 3 days',
            '3 days',
          ),
        ),
      limit,
      cursor,
    }),
    media: ['application/json', 'text/csv', 'application/geo+json'],
    answer: z.strictObject({
      dataset: z.string(),
      from: z.nullable(z.string()).check(about('the first month; null when there are no readings')),
      to: z.nullable(z.string()).check(about('the last month; null when there are no readings')),
      sensors: z.array(
        z.strictObject({
          sensorId: z.string(),
          name: z
            .optional(z.string())
            .check(about('of its station, as are the next ones: omitted where they are not known')),
          latitude: z.optional(z.number()).check(about('degrees of WGS 84, north')),
          longitude: z.optional(z.number()).check(about('degrees of WGS 84, east')),
          elevation: z.optional(z.number()).check(about('metres above sea level')),
          tags: z.optional(z.array(z.string())),
          firstDay: z
            .nullable(z.string())
            .check(
              about('YYYY-MM-DD, local: of the first reading in these months; null while it is being merged'),
            ),
          lastDay: z
            .nullable(z.string())
            .check(
              about('YYYY-MM-DD, local: of the last reading in these months; null while it is being merged'),
            ),
          count: z.int().check(z.gte(1), about('readings in these months')),
          completeness: z
            .optional(z.number().check(z.gte(0), z.lte(1)))
            .check(
              about(
                'share of the readings expected from the first day to the end of these months, or to now, that have arrived. Omitted if the dataset has no expected interval',
              ),
            ),
          silentDays: z
            .optional(z.int().check(z.gte(0)))
            .check(
              about(
                'days from the last day to today, by the calendar; only where no later month has readings',
              ),
            ),
        }),
      ),
      cursor: nextCursor,
    }),
    problems: ['not-found'],
  },
  queryStatistics: {
    ...common,
    path: '/datasets/{dataset}/statistics',
    summary:
      'Statistics by hour, day, month, year or span: of one sensor, of some or all of them merged, or a row a sensor',
    description:
      'Periods without readings are omitted. A page may have fewer rows than `limit`, or none, and still a `cursor`. In CSV the cursor is in the Link header.',
    parameters: z.strictObject({
      dataset,
      period: z
        ._default(periodKinds, 'month')
        .check(
          described(
            'hour, day, month or year, in the time zone of the dataset, or all: the days from `from` to `to` as one. Hours are computed from the readings, and have no alerts',
            'month',
          ),
        ),
      from: periodName,
      to: periodName,
      by: z
        .optional(z.enum(['sensor']))
        .check(
          described('sensor: a row a sensor and period; without it all sensors together, exactly', 'sensor'),
        ),
      sensor: sensors,
      tag,
      quantiles: z
        .optional(
          z.string().check(
            z.regex(/^[\d.,]+$/),
            z.refine((text) => readQuantiles(text) !== undefined),
          ),
        )
        .check(described(`${acceptedQuantiles}: computed from the readings`, '0.05,0.5,0.95')),
      limit,
      cursor,
    }),
    media: ['application/json', 'text/csv'],
    answer: z.strictObject({
      dataset: z.string(),
      timeZone: z.string(),
      period: periodKinds,
      from: period,
      to: period,
      units: byMeasure(z.string()),
      statistics: z.array(statisticsRow),
      cursor: nextCursor,
    }),
    problems: ['not-found', 'too-many-readings'],
  },
  listAlerts: {
    ...common,
    path: '/datasets/{dataset}/alerts',
    summary: 'Alerts by day: at most one for a sensor, a rule and a day',
    description:
      'A page may have fewer alerts than `limit`, or none, and still a `cursor`. In CSV the cursor is in the Link header.',
    parameters: z.strictObject({
      dataset,
      from: day,
      to: day,
      sensor: sensors,
      tag,
      rule: z
        .optional(z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/)))
        .check(described('name of a rule of the dataset; without it all rules', 'high-deviation')),
      state: z.optional(alertState).check(described('pending, sent or withdrawn; without it all', 'sent')),
      limit,
      cursor,
    }),
    media: ['application/json', 'text/csv'],
    answer: z.strictObject({
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
          count: z
            .int()
            .check(about('readings of the day beyond the threshold; a withdrawn alert keeps what it said')),
          worst: z.number(),
          worstAt: instant,
          state: alertState.check(
            about(
              'pending: nobody was told yet; sent: it was published; withdrawn: the readings that caused it have been corrected since',
            ),
          ),
          withdrawn: z.boolean().check(about('`state` is withdrawn')),
          createdAt: z.string(),
          sentAt: z.nullable(z.string()).check(about('when it was published; null until then')),
        }),
      ),
      cursor: nextCursor,
    }),
    problems: ['not-found'],
  },
} as const satisfies Routes;

export type StatisticsRow = z.infer<typeof statisticsRow>;
