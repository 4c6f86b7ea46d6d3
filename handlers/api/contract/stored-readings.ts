import * as z from 'zod/mini';
import { parseDay, parseTimestamp } from '../../../core/time/calendar.ts';
import { about, cursor, dataset, described, instant, integer, nextCursor, sensor } from './fields.ts';
import type { Routes } from './route.ts';

const accepted =
  'a day that exists, YYYY-MM-DD, in the time zone of the dataset, or an instant, ISO 8601 with Z or an offset (write its + as %2B)';

const dayOrInstant = (description: string, example: string) =>
  z.string().check(
    z.regex(/^(19|20|21)\d\d-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/),
    z.refine((text) => parseDay(text) !== undefined || parseTimestamp(text) !== undefined),
    described(`${description}: ${accepted}`, example),
  );

const storedReading = z
  .catchall(
    z.object({
      sensorId: z.string(),
      timestamp: instant,
      revision: z.int().check(z.gte(0)),
      contested: z.boolean().check(about('others of the same rank say something else')),
      withdrawn: z.optional(z.boolean()).check(about('only with `withdrawn=true`')),
    }),
    z.union([z.number(), z.string(), z.boolean(), z.null()]),
  )
  .check(
    about(
      'and a member for each measure and attribute of the dataset, which is null where the reading has none',
    ),
  );

export const storedReadings = {
  listReadings: {
    method: 'GET',
    path: '/datasets/{dataset}/readings',
    scope: 'read',
    tag: 'readings',
    summary: 'The readings of one sensor, in order of time',
    description:
      'Both ends are included, `to` as a day until its end. A page may have fewer rows than `limit`, or none, and still a `cursor`. In CSV and NDJSON the cursor is in the Link header.',
    parameters: z.strictObject({
      dataset,
      sensor,
      from: dayOrInstant('the first', '2024-01-01'),
      to: dayOrInstant('the last', '2024-01-31'),
      order: z
        ._default(z.enum(['oldest', 'newest']), 'oldest')
        .check(described('oldest or newest: which readings come first', 'oldest')),
      withdrawn: z
        ._default(z.enum(['true', 'false']), 'false')
        .check(described('true or false: whether withdrawn readings are among them', 'false')),
      limit: z
        ._default(integer(1, 10_000), 1_000)
        .check(described('how many rows a page has at most, 1 to 10000', 1_000)),
      cursor,
    }),
    status: 200,
    tagged: true,
    media: ['application/json', 'application/x-ndjson', 'text/csv'],
    answer: z.strictObject({
      dataset: z.string(),
      timeZone: z.string(),
      from: instant,
      to: instant,
      order: z.enum(['oldest', 'newest']),
      units: z.record(z.string(), z.string()),
      readings: z.array(storedReading),
      cursor: nextCursor,
    }),
    problems: ['not-found'],
  },
} as const satisfies Routes;

export type StoredReading = z.infer<typeof storedReading>;
