import * as z from 'zod/mini';
import { refusalReasons } from '../../../core/lines/gate.ts';
import { parseTimestamp } from '../../../core/time/calendar.ts';
import { callerOf, mayOperate } from '../http/access.ts';
import type { HttpRequest } from '../http/messages.ts';
import { about, cursor, described, jobState, limit, nextCursor } from './fields.ts';
import type { Routes } from './route.ts';
import { scopeName } from './scopes.ts';

/** A job of either kind: what its own route answers with, and the submission of a job of toons. */
export const jobAnswer = z.strictObject({
  jobId: z.string(),
  kind: z.enum(['ingest', 'toons']),
  state: jobState,
  total: z.int().check(about('toons; segments (raw objects) of an ingest job')),
  processed: z.int().check(about('of `total`, those that have ended, the failed ones included')),
  failed: z.int(),
  progress: z.number().check(z.gte(0), z.lte(1), about('`processed` of `total`')),
  lines: z
    .optional(z.strictObject({ total: z.int(), valid: z.int(), rejected: z.int() }))
    .check(about('only of ingest jobs; complete when all segments have ended')),
  droppedValues: z
    .optional(z.int())
    .check(
      about(
        'only of ingest jobs: values of optional measures that are none and were left out of valid readings; empty ones are not counted',
      ),
    ),
  failures: z
    .optional(z.array(z.strictObject({ key: z.string(), error: z.string(), cause: z.string() })))
    .check(about('only of ingest jobs: up to 20 of the segments that failed')),
  refused: z
    .optional(z.int())
    .check(
      about('only of ingest jobs: uploaded files of which nothing was taken, among the processed segments'),
    ),
  unterminated: z
    .optional(z.int())
    .check(
      about(
        'only of ingest jobs: CSV files whose last row is kept although no newline ends it: they may have been cut',
      ),
    ),
  rejectedWithoutText: z
    .optional(z.int())
    .check(
      about(
        'only of ingest jobs, where there are any: rejected lines past the bound of one object (100,000 lines, 16 MiB of text), which are counted but not kept; the raw object has them',
      ),
    ),
  contested: z
    .optional(z.int())
    .check(
      about(
        'only of ingest jobs: its readings that are contested: others of the same rank say something else; as of their merge',
      ),
    ),
  refusals: z
    .optional(
      z.array(
        z.strictObject({
          key: z.string(),
          reason: z.enum([...refusalReasons]),
          detail: z.string(),
          cause: z.optional(z.string()),
        }),
      ),
    )
    .check(about('only of ingest jobs: up to 20 of the refused files, and why')),
  metadata: z.record(z.string(), z.unknown()),
  clientId: z
    .optional(z.string())
    .check(about('only of jobs of toons: the client that submitted it, or the user')),
  createdAt: z.string(),
  updatedAt: z.string(),
  error: z.optional(z.string()),
  cause: z.optional(z.string()),
});

/** What of a request says whose jobs it may see. */
export type Caller = Pick<HttpRequest, 'clientId' | 'user' | 'scopes'>;

/** The scope, beside `caudal/read`, whose tokens see the jobs of all clients. */
const allJobsScope = scopeName('jobs');

/** Whether the caller sees the jobs of everybody: by the scope, and of people only those who operate the installation. */
export const seesAllJobs = (caller: Caller): boolean =>
  caller.scopes.includes(allJobsScope) && mayOperate(caller);

/**
 * Whether the caller may know of a job. Ingestions are the installation's, like what they take in: whoever may read sees them. A job of toons is
 * its client's or user's alone, unless {@link seesAllJobs}.
 */
export function seesJob(
  caller: Caller,
  job: { readonly kind: 'ingest' | 'toons'; readonly clientId?: string },
): boolean {
  return job.kind === 'ingest' || seesAllJobs(caller) || job.clientId === callerOf(caller);
}

/** As the jobs have it: ISO 8601 in UTC, with milliseconds. */
const moment = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => {
      const ms = parseTimestamp(text);
      return ms === undefined ? null : new Date(ms).toISOString();
    }),
  ),
  z.string().check(described('an instant, as 2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z')),
);

const listedJob = z.strictObject({
  jobId: z.string(),
  kind: z.enum(['ingest', 'toons']),
  state: jobState,
  total: z.int().check(about('toons; segments (raw objects) of an ingest job')),
  metadata: z.record(z.string(), z.unknown()),
  clientId: z
    .optional(z.string())
    .check(about('only of jobs of toons: the client that submitted it, or the user')),
  createdAt: z.string(),
  updatedAt: z.string(),
  error: z.optional(z.string()).check(about('only of a job that failed')),
});

export const jobs = {
  listJobs: {
    method: 'GET',
    path: '/jobs',
    scope: 'read',
    tag: 'jobs',
    summary: 'Jobs, the newest first: ingestions, and the batches of toons of the caller',
    description:
      'With the scope caudal/jobs, and for a user in the group operator, the batches of all clients. A page may have fewer jobs than `limit`, or none, and still a `cursor`. GET /jobs/{jobId} tells of the progress of each.',
    parameters: z.strictObject({
      kind: z
        .optional(z.enum(['ingest', 'toons']))
        .check(described('ingest or toons; without it both', 'ingest')),
      state: z
        .optional(jobState)
        .check(described('Pending, Processing, Completed or Failed; without it all', 'Failed')),
      from: z
        .optional(moment)
        .check(
          described('the earliest creation, an instant such as 2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z'),
        ),
      to: z
        .optional(moment)
        .check(
          described('the latest creation, an instant such as 2026-12-01T00:00:00Z', '2026-12-01T00:00:00Z'),
        ),
      limit,
      cursor,
    }),
    status: 200,
    tagged: true,
    answer: z.strictObject({ jobs: z.array(listedJob), cursor: nextCursor }),
    problems: [],
  },
  getJob: {
    method: 'GET',
    path: '/jobs/{jobId}',
    scope: 'read',
    tag: 'jobs',
    summary: 'State and progress of a job: of an ingestion, or of a batch of toons',
    description:
      'A batch is shown to the client or the user that submitted it, and to tokens with the scope caudal/jobs, of users those in the group operator; to others there is none.',
    parameters: z.strictObject({
      jobId: z
        .string()
        .check(
          z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
          described('id of a job: 1 to 128 letters, digits, dots, underscores and hyphens', 'JOB001'),
        ),
    }),
    status: 200,
    tagged: true,
    answer: jobAnswer,
    problems: ['not-found'],
  },
} as const satisfies Routes;
