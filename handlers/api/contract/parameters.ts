import * as z from 'zod/mini';
import { sensorIdPattern } from '../../../core/dataset/definition.ts';
import { parseDay } from '../../../core/time/calendar.ts';

/**
 * The parameters of each operation, of path and query. These schemas validate, type the code and describe the
 * parameters in the OpenAPI document. A description says what is accepted: errors quote it.
 */

const described = (description: string, example: string | number) =>
  z.meta({ description, examples: [example] });

/** A decimal integer in a query string. */
const integer = (min: number, max: number) =>
  z.pipe(
    z.pipe(z.string().check(z.regex(/^\d{1,9}$/)), z.transform(Number)),
    z.int().check(z.gte(min), z.lte(max)),
  );

const dataset = z
  .string()
  .check(
    z.regex(/^[a-z][a-z0-9-]{0,62}$/),
    described('name of a dataset, as /datasets lists them', 'water-temperature'),
  );

const sensor = z
  .string()
  .check(
    z.regex(sensorIdPattern),
    described('id of a sensor: 1 to 128 letters, digits, dots, underscores, colons and hyphens', 'aquasense'),
  );

const month = z
  .string()
  .check(z.regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/), described('a month, YYYY-MM', '2024-01'));

const day = z.string().check(
  z.regex(/^(19|20|21)\d\d-\d\d-\d\d$/),
  z.refine((text) => parseDay(text) !== undefined),
  described('a day that exists, YYYY-MM-DD', '2024-01-23'),
);

const monthOrDay = z
  .string()
  .check(
    z.regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])(-\d\d)?$/),
    described('a month YYYY-MM, or with period=day a day YYYY-MM-DD', '2024-01'),
  );

const limit = z
  ._default(integer(1, 1000), 100)
  .check(described('how many rows a page has at most, 1 to 1000', 100));

const cursor = z
  .optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,512}$/)))
  .check(z.meta({ description: 'the cursor of the page before, unchanged, with the same other parameters' }));

const yearMonth = z.strictObject({
  year: integer(1970, 2099).check(described('a year from 1970 to 2099', 2024)),
  month: integer(1, 12).check(described('a month from 1 to 12', 1)),
  sensor: z.optional(sensor).check(described('id of a sensor; without it all sensors together', 'aquasense')),
});

const nothing = z.strictObject({});

export const parameters = {
  health: nothing,
  openapi: nothing,
  meanTemperature: yearMonth,
  maxDeviation: yearMonth,
  maxDifference: yearMonth,
  listDatasets: nothing,
  getDataset: z.strictObject({ dataset }),
  listSensors: z.strictObject({
    dataset,
    month: z
      .optional(month)
      .check(described('a month, YYYY-MM; without it the newest one that has readings', '2024-01')),
    limit,
    cursor,
  }),
  queryStatistics: z.strictObject({
    dataset,
    period: z
      ._default(z.enum(['month', 'day']), 'month')
      .check(described('month or day, in the time zone of the dataset', 'month')),
    from: monthOrDay,
    to: monthOrDay,
    sensor: z
      .optional(sensor)
      .check(described('id of a sensor; without it all sensors together, exactly', 'aquasense')),
    limit,
    cursor,
  }),
  listAlerts: z.strictObject({ dataset, from: day, to: day, limit, cursor }),
  submitReadings: z.strictObject({ dataset }),
  getJob: z.strictObject({
    jobId: z
      .string()
      .check(
        z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
        described('id of a job: 1 to 128 letters, digits, dots, underscores and hyphens', 'JOB001'),
      ),
  }),
} as const;
