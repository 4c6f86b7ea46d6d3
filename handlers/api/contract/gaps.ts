import * as z from 'zod/mini';
import { parseDay } from '../../../core/time/calendar.ts';
import { about, dataset, described, instant, sensor } from './fields.ts';
import type { Routes } from './route.ts';

const counts = z.record(z.string(), z.int());

export const gaps = {
  explainGaps: {
    method: 'GET',
    path: '/datasets/{dataset}/gaps',
    scope: 'read',
    tag: 'readings',
    summary: 'Why readings of a sensor are missing on a day',
    description:
      'What the set has of the day is counted exactly. Why others are missing is told by what arrived since the day began: up to 10,000 objects of the stream, 10,000 uploaded files and 300,000 rejected lines; `looked.isAll` is false where there is more, and `missing.neverSent` is then the most that it can be.',
    parameters: z.strictObject({
      dataset,
      sensor,
      day: z.string().check(
        z.regex(/^(19|20)\d\d-\d\d-\d\d$/),
        z.refine((text) => parseDay(text) !== undefined),
        described('a day that exists, YYYY-MM-DD, in the time zone of the dataset', '2024-01-31'),
      ),
    }),
    status: 200,
    tagged: true,
    answer: z.strictObject({
      dataset: z.string(),
      sensorId: z.string(),
      day: z.string(),
      timeZone: z.string(),
      expected: z
        .nullable(z.int())
        .check(
          about(
            'readings, of a day that is not over until now; 0 where one is not due each day; null where the dataset expects nothing',
          ),
        ),
      readings: z.int().check(about('that count')),
      missing: z
        .nullable(
          z.strictObject({
            count: z.int(),
            rejected: z.int().check(about('of these, lines came, and none was taken')),
            withdrawn: z.int().check(about('these were taken, and withdrawn since')),
            neverSent: z.int().check(about('of these nothing is known: count - rejected - withdrawn')),
          }),
        )
        .check(about('null where the dataset expects nothing')),
      withdrawn: z.int(),
      withoutValue: counts.check(about('by measure, readings of the day that have no value of it')),
      rejected: z.strictObject({
        lines: z.int().check(about('that name the sensor and a time of the day')),
        byReason: counts,
        mended: z.int().check(about('times of such lines of which there is a reading all the same')),
        examples: z
          .array(
            z.strictObject({
              key: z.string(),
              line: z.int(),
              reason: z.string(),
              detail: z.string(),
              text: z.string(),
            }),
          )
          .check(about('up to five')),
      }),
      dropped: z
        .record(z.string(), counts)
        .check(
          about(
            'by measure and reason, values that were left out in the objects that hold readings of the sensor over this day, those of other sensors and days in them included',
          ),
        ),
      late: z
        .nullable(z.strictObject({ objects: z.int(), first: instant, last: instant }))
        .check(
          about('objects that hold readings of the sensor over this day, and arrived after it was over'),
        ),
      refused: z
        .array(
          z.strictObject({ key: z.string(), arrivedAt: instant, reason: z.string(), detail: z.string() }),
        )
        .check(about('files that may hold readings of the sensor, and of which nothing is taken; up to ten')),
      waiting: z.int().check(about('objects that have arrived since, and are not read yet')),
      looked: z.strictObject({
        objects: z.int(),
        from: instant,
        until: instant,
        isAll: z.boolean(),
      }),
    }),
    problems: ['not-found'],
  },
} as const satisfies Routes;
