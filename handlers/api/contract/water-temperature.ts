import * as z from 'zod/mini';
import { about, described, instant, integer, sensor } from './fields.ts';
import type { Routes } from './route.ts';

const parameters = z.strictObject({
  year: integer(1970, 2099).check(described('a year from 1970 to 2099', 2024)),
  month: integer(1, 12).check(described('a month from 1 to 12', 1)),
  sensor: z.optional(sensor).check(described('id of a sensor; without it all sensors together', 'aquasense')),
});

const oneMonth = {
  year: z.int(),
  month: z.int(),
  sensorId: z.optional(z.string()).check(about('only with `sensor`')),
  unit: z.string(),
  count: z.int().check(about('measurements that the value is computed from')),
};

const common = {
  method: 'GET',
  scope: 'read',
  tag: 'water temperature',
  parameters,
  status: 200,
  tagged: true,
  problems: ['not-found'],
} as const;

export const waterTemperature = {
  meanTemperature: {
    ...common,
    path: '/temp',
    summary: 'Mean temperature of a month',
    answer: z.strictObject({ ...oneMonth, mean: z.number() }),
  },
  maxDeviation: {
    ...common,
    path: '/sd',
    summary: 'Highest deviation of a month',
    answer: z.strictObject({ ...oneMonth, maxDeviation: z.number(), at: instant }),
  },
  maxDifference: {
    ...common,
    path: '/maxdiff',
    summary: 'Maximum of a month minus that of the month before',
    description:
      'The month before is the last earlier one that has readings, even if months are missing in between. For the first month the difference is 0.',
    answer: z.strictObject({
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
  },
} as const satisfies Routes;
