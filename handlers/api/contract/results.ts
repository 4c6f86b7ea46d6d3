import * as z from 'zod/mini';
import { failureReasons } from '../../../core/toons/record.ts';
import { jobIdPattern, toonTypes } from '../../../core/toons/toon.ts';
import { about, cursor, described, jobState, limit, nextCursor } from './fields.ts';
import type { Routes } from './route.ts';

const jobId = z
  .string()
  .check(
    z.regex(jobIdPattern),
    described('id of a job of toons: 1 to 64 letters, digits, underscores and hyphens', 'JOB001'),
  );

const answer = z.strictObject({
  jobId: z.string(),
  state: jobState.check(about('of the job')),
  results: z
    .array(
      z.strictObject({
        toonId: z.string(),
        type: z.enum(toonTypes).check(about('as the caller claimed it')),
        state: z.enum(['Completed', 'Failed']),
        sha256: z
          .optional(z.string())
          .check(about('of its bytes, in hex; omitted if they could not be read')),
        bytes: z.optional(z.int()),
        result: z
          .optional(z.record(z.string(), z.unknown()))
          .check(about('by type; an image has a thumbnail, with a link that is valid for an hour')),
        reason: z.optional(z.enum(failureReasons)).check(about('only of a failed toon')),
        detail: z.optional(z.string()).check(about('only of a failed toon')),
        durationMs: z.int().check(about('of the processing')),
        processedAt: z.string(),
        metadata: z.optional(z.record(z.string(), z.unknown())),
      }),
    )
    .check(about('by toonId')),
  cursor: nextCursor,
});

const common = {
  method: 'GET',
  scope: 'read',
  tag: 'jobs',
  parameters: z.strictObject({ jobId, limit, cursor }),
  status: 200,
  answer,
  problems: ['not-found'],
} as const;

export const results = {
  listResults: { ...common, path: '/results', summary: 'The results of a job of toons, by toon' },
  listJobResults: { ...common, path: '/jobs/{jobId}/results', summary: 'The same as GET /results' },
} as const satisfies Routes;
