import * as z from 'zod/mini';
import { parseTimestamp } from '../../../../core/time/calendar.ts';
import { about, dataset, described, instant, sensor } from '../fields.ts';
import type { Routes } from '../route.ts';

export const projections = {
  getProjection: {
    method: 'GET',
    path: '/datasets/{dataset}/projections/{projection}',
    scope: 'read',
    tag: 'datasets',
    summary: 'What the events of an entity come to, as of a moment of the events',
    description:
      'Of the events in the local months of the projection, up to and including the moment. It is kept by the merge, a minute or two behind what was accepted. 503 where its pages are behind those of the statistics: a merge is under way, or the projection is newer than its events.',
    parameters: z.strictObject({
      dataset,
      projection: z
        .string()
        .check(
          z.regex(/^[a-z][a-z0-9-]{0,39}$/),
          described('name of a projection, as GET /datasets/{dataset} lists them', 'bookings'),
        ),
      entity: sensor.check(described('id of an entity, such as a salon', '7')),
      asOf: z
        .optional(
          z.string().check(
            z.regex(/^(19|20)\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/),
            z.refine((text) => parseTimestamp(text) !== undefined),
          ),
        )
        .check(
          described(
            'an instant, ISO 8601 with Z or an offset (write its + as %2B): events that happened up to then; by default now',
            '2026-05-04T12:00:00Z',
          ),
        ),
    }),
    status: 200,
    tagged: true,
    media: ['application/json'],
    answer: z.strictObject({
      dataset: z.string(),
      projection: z.string(),
      entity: z.string(),
      timeZone: z.string(),
      from: z.string().check(about('YYYY-MM-DD, local: the first day of which events are in it')),
      asOf: instant,
      events: z.int().check(about('how many are in it')),
      state: z.record(z.string(), z.unknown()).check(about('as the projection shows it')),
    }),
    problems: ['not-found', 'too-many-readings', 'unavailable'],
  },
} as const satisfies Routes;
