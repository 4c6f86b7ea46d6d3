import * as z from 'zod/mini';
import { type ShownMetricName, shownMetrics } from '../../../../core/shown-metrics.ts';
import { about, described, nothing } from '../fields.ts';
import type { Routes } from '../route.ts';

const moment = z.iso.datetime({ precision: 3 });
const common = { tag: 'operations' } as const;

const statusState = z
  .enum(['ok', 'attention', 'fault', 'unknown'])
  .check(about('attention: somebody should look; fault: somebody is needed'));

export const installation = {
  getStatus: {
    ...common,
    method: 'GET',
    path: '/status',
    scope: 'read',
    summary: 'What flows, what waits, what failed, and what to do about it',
    description:
      'As `npm run caudal -- status` judges it with its usual bounds, what is wrong first. Lines about readings are `unknown` where they take longer than 15 s to tell.',
    parameters: nothing,
    status: 200,
    answer: z.strictObject({
      at: moment,
      state: statusState.check(about('the worst of its lines')),
      lines: z.array(
        z.strictObject({
          name: z.enum([
            'delivery',
            'undeliverable',
            'queue',
            'pipe',
            'dead-letters',
            'executions',
            'objects',
            'gone',
            'refused',
            'alerts',
            'jobs',
            'relay',
            'rejected',
            'dropped',
            'contested',
            'ahead',
            'silent',
            'projections',
          ]),
          state: statusState,
          figures: z
            .record(z.string(), z.union([z.number(), z.string()]))
            .check(about('what it is judged by; units are in the names, shares are from 0 to 1')),
          about: z.array(z.string()).check(about('the first objects, executions or series that it is about')),
          aboutInAll: z.int(),
          command: z.optional(z.string()).check(about('the way out of what is not `ok`: what to run')),
          see: z.optional(z.string()).check(about('where it is described')),
        }),
      ),
    }),
    problems: [],
  },
  getMetrics: {
    ...common,
    method: 'GET',
    path: '/metrics',
    scope: 'read',
    summary: 'What the dashboard shows: metrics of the last hour, or day, in periods',
    description:
      'Metrics of the functions and of the services around them; those of freshness are by dataset, none is by sensor. They are for watching: a repeated call of a function counts twice, and CloudWatch lags by minutes. CloudWatch is asked at most once a minute.',
    parameters: z.strictObject({
      span: z
        ._default(z.enum(['hour', 'day']), 'hour')
        .check(described('hour, in periods of a minute, or day, of 15 minutes', 'day')),
    }),
    status: 200,
    answer: z.strictObject({
      from: moment,
      to: moment.check(about('the end of the period that has begun')),
      periodSeconds: z.int(),
      metrics: z.array(
        z.strictObject({
          name: z.enum(Object.keys(shownMetrics) as [ShownMetricName, ...ShownMetricName[]]),
          group: z.enum(['flow', 'freshness', 'rejects', 'api']),
          unit: z.enum(['Count', 'Bytes', 'Seconds', 'Milliseconds']),
          dataset: z.optional(z.string()).check(about('of a metric that is by dataset')),
          value: z
            .nullable(z.number())
            .check(
              about(
                'of the whole span: counts and bytes together, the newest of `readingAge`, `waitingObjects` and `sourceBehind`, else the greatest; null where nothing was measured',
              ),
            ),
          values: z.array(z.nullable(z.number())).check(about('by period, the oldest first')),
        }),
      ),
    }),
    problems: [],
  },
} as const satisfies Routes;
