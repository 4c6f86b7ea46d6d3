import * as z from 'zod/mini';
import { resultsAnswer } from '../query-jobs/results-answer.ts';
import { answers } from './answers.ts';
import type { Operation } from './operations.ts';
import { resultsParameters } from './results-parameters.ts';
import { submissionSchema, uploadsSchema } from './submission.ts';

const nothing = z.strictObject({});
const refusals = ['invalid-body', 'body-too-large', 'unsupported-media-type'] as const;

const submission = {
  tag: 'jobs',
  description:
    'The same jobId with the same content answers the same job (200), with other content 409. What is too large for a request is uploaded first, and the job names a manifest.',
  parameters: nothing,
  status: 202,
  repeatable: true,
  answer: answers.getJob,
  body: submissionSchema,
  problems: [...refusals, 'conflict'],
} as const;

const results = {
  tag: 'jobs',
  parameters: resultsParameters,
  status: 200,
  answer: resultsAnswer,
  problems: ['not-found'],
} as const;

const uploadsAnswer = z.strictObject({
  uploads: z.array(
    z.strictObject({
      name: z.string(),
      key: z.string().check(z.meta({ description: 'to name in a job' })),
      method: z.literal('PUT'),
      url: z.string(),
      headers: z.record(z.string(), z.string()).check(z.meta({ description: 'to send with the bytes' })),
      expiresAt: z.string(),
    }),
  ),
});

/** The operations on jobs of toons, by the schemas of the functions that answer them. */
export const toonOperations = {
  submitJob: { ...submission, summary: 'Submits a job of 1 to 10,000 toons' },
  createJob: { ...submission, summary: 'The same as POST /submit-job' },
  createUploads: {
    tag: 'jobs',
    summary: 'Links to upload toons or a manifest by',
    parameters: nothing,
    status: 201,
    answer: uploadsAnswer,
    body: uploadsSchema,
    problems: refusals,
  },
  listResults: { ...results, summary: 'The results of a job of toons, by toon' },
  listJobResults: { ...results, summary: 'The same as GET /results' },
} as const satisfies Record<string, Operation>;
