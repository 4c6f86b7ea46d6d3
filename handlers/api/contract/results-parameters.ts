import * as z from 'zod/mini';
import { jobIdPattern } from '../../../core/toons/toon.ts';

const jobId = z.string().check(
  z.regex(jobIdPattern),
  z.meta({
    description: 'id of a job of toons: 1 to 64 letters, digits, underscores and hyphens',
    examples: ['JOB001'],
  }),
);

const limit = z
  ._default(
    z.pipe(
      z.pipe(z.string().check(z.regex(/^\d{1,9}$/)), z.transform(Number)),
      z.int().check(z.gte(1), z.lte(1000)),
    ),
    100,
  )
  .check(z.meta({ description: 'how many results a page has at most, 1 to 1000', examples: [100] }));

const cursor = z
  .optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,512}$/)))
  .check(z.meta({ description: 'the cursor of the page before, unchanged, with the same jobId' }));

/** Of the path or of the query, as the route has it. */
export const resultsParameters = z.strictObject({ jobId, limit, cursor });
