import * as z from 'zod';
import { jobIdPattern, maxToons, toonIdPattern, toonTypes } from '../../../core/toons/toon.ts';
import { nothing } from './fields.ts';
import { jobAnswer } from './jobs.ts';
import type { Routes } from './route.ts';

/** The least positive number that DynamoDB holds. */
const leastStored = 1e-130;
/** What the table gives back as it was given: the SDK refuses larger numbers, DynamoDB smaller ones. */
const labelNumber = z
  .number()
  .min(Number.MIN_SAFE_INTEGER)
  .max(Number.MAX_SAFE_INTEGER)
  .refine((value) => value === 0 || Math.abs(value) >= leastStored, `must be 0 or at least ${leastStored}`);

/** At most 20 labels of a job or toon; the values are short, because they are stored with each record. */
const metadataSchema = z
  .record(z.string().min(1).max(64), z.union([z.string().max(256), labelNumber, z.boolean()]))
  .refine((labels) => Object.keys(labels).length <= 20, 'at most 20 labels')
  .describe('Labels that are kept with it and never interpreted; at most 20');

const maxKeyBytes = 1024;
/** S3 bounds the bytes of a key, not its characters. */
const keySchema = z
  .string()
  .min(1)
  .max(maxKeyBytes)
  .refine((key) => Buffer.byteLength(key) <= maxKeyBytes, `at most ${maxKeyBytes} bytes of UTF-8`);

const sources = ['content', 'data', 'key'] as const;

/** One toon of a submission. Its bytes come from exactly one of `content`, `data` and `key`. */
const toonSchema = z
  .strictObject({
    id: z
      .string()
      .regex(
        toonIdPattern,
        'must be 1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first',
      )
      .optional()
      .describe('Unique in the job; without it the toon is named by its position, the first one toon-00001'),
    type: z.enum(toonTypes).describe('What the toon is claimed to be; its bytes have to agree'),
    content: z.string().min(1).optional().describe('The bytes, as base64'),
    data: z
      .union([z.record(z.string(), z.unknown()), z.array(z.unknown()).min(1)])
      .optional()
      .describe('The bytes of a message or of telemetry (one reading or a list of them), as JSON'),
    key: keySchema
      .optional()
      .describe("Key of an upload of the caller's own, as POST /jobs/uploads named it"),
    dataset: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe('For telemetry whose lines do not name their dataset'),
    metadata: metadataSchema.optional(),
  })
  .superRefine((toon, context) => {
    const given = sources.filter((name) => toon[name] !== undefined);
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (given.length !== 1) refuse('content', 'exactly one of content, data and key is needed');
    if (toon.data !== undefined && toon.type !== 'message' && toon.type !== 'telemetry') {
      refuse('data', `is for message and telemetry; ${toon.type} needs content or key`);
    }
    if (toon.dataset !== undefined && toon.type !== 'telemetry') refuse('dataset', 'is for telemetry');
    if (toon.content !== undefined && !isBase64(toon.content))
      refuse('content', 'must be base64 (RFC 4648, padded)');
  });
export type SubmittedToon = z.infer<typeof toonSchema>;

const toonsSchema = z.array(toonSchema).min(1).max(maxToons).superRefine(refuseRepeats);

/** One upload may be of so many toons of a job, as under two types: all of them are bytes to be read and decoded again. */
const maxUses = 3;

/** Body of `POST /submit-job` and `POST /jobs`. */
export const submissionSchema = z
  .strictObject({
    jobId: z
      .string()
      .regex(
        jobIdPattern,
        'must be 1 to 64 letters, digits, underscores and hyphens, a letter or digit first',
      )
      .describe('Chosen by the caller'),
    toons: toonsSchema.optional(),
    manifest: keySchema
      .optional()
      .describe('Key of an uploaded JSON document {"toons": […]}, for what is too large for a request'),
    metadata: metadataSchema.optional(),
  })
  .refine(({ toons, manifest }) => (toons === undefined) !== (manifest === undefined), {
    path: ['toons'],
    message: 'exactly one of toons and manifest is needed',
  });

/** What the object behind `manifest` holds. */
export const manifestSchema = z.strictObject({ toons: toonsSchema });

/** Files of one request for upload links. */
const maxUploads = 500;
/** Bytes of them together: 2 GiB, the least that `caudal:uploadGiBPerDay` lets a client have. */
const maxUploadBytes = 2 * 1024 * 1024 * 1024;

/** Body of `POST /jobs/uploads`. */
const uploadsSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(
            /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
            'must be 1 to 128 letters, digits, dots, hyphens or underscores',
          )
          .describe('Last part of the key'),
        bytes: z
          .int()
          .min(1)
          .max(40 * 1024 * 1024)
          .describe('Exact length: the link accepts no other'),
        contentType: z
          .string()
          .regex(/^[a-z]+\/[A-Za-z0-9.+-]{1,100}$/, 'must be a media type without parameters')
          .describe('Exact media type: the link accepts no other'),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case, as sha256sum prints them')
          .optional()
          .describe('SHA-256 of the bytes: with it the link accepts no others'),
      }),
    )
    .min(1)
    .max(maxUploads)
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, 'names must differ')
    .refine(
      (files) => files.reduce((sum, { bytes }) => sum + bytes, 0) <= maxUploadBytes,
      `the files have more than ${maxUploadBytes} bytes together; ask for the links of some of them at a time`,
    ),
});

/** Name of a toon that has none, by its place from 0. */
export function defaultToonId(index: number): string {
  return `toon-${String(index + 1).padStart(5, '0')}`;
}

function refuseRepeats(
  toons: readonly { id?: string | undefined; key?: string | undefined }[],
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  const uses = new Map<string, number>();
  toons.forEach(({ id, key }, index) => {
    const name = id ?? defaultToonId(index);
    if (seen.has(name))
      context.addIssue({
        code: 'custom',
        path: [index, 'id'],
        message: `'${name}' occurs twice; accepted: each id once`,
      });
    seen.add(name);
    if (key === undefined) return;
    const times = (uses.get(key) ?? 0) + 1;
    uses.set(key, times);
    if (times === maxUses + 1)
      context.addIssue({
        code: 'custom',
        path: [index, 'key'],
        message: `names an upload for the ${times}th time; at most ${maxUses} toons of a job have one`,
      });
  });
}

/** Two flat tests: the usual pattern of groups backtracks through megabytes. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

const common = { method: 'POST', scope: 'write', tag: 'jobs', parameters: nothing } as const;
const body = {
  maxBytes: 5 * 1024 * 1024, // Lambda takes 6 MiB a request, envelope and escapes included
  larger: 'upload larger jobs by POST /jobs/uploads and send a manifest',
  types: ['application/json'],
} as const;

const submit = {
  ...common,
  description:
    'The same jobId with the same content answers the same job (200), with other content 409. What is too large for a request is uploaded first, and the job names a manifest.',
  body: { ...body, schema: submissionSchema },
  status: 202,
  repeatable: true,
  answer: jobAnswer,
  problems: ['conflict', 'too-many-jobs'],
} as const;

export const submission = {
  submitJob: { ...submit, path: '/submit-job', summary: 'Submits a job of 1 to 10,000 toons' },
  createJob: { ...submit, path: '/jobs', summary: 'The same as POST /submit-job' },
  createUploads: {
    ...common,
    path: '/jobs/uploads',
    summary: 'Links for uploading toons or a manifest',
    description:
      'Within 24 hours a client gets links for so many bytes as the installation lets it have; above that the answer is 429, with the time when so many more may be linked.',
    body: { ...body, schema: uploadsSchema },
    status: 201,
    answer: z.strictObject({
      uploads: z.array(
        z.strictObject({
          name: z.string(),
          key: z.string().describe('to name in a job'),
          method: z.literal('PUT'),
          url: z.string(),
          headers: z.record(z.string(), z.string()).describe('to send with the bytes'),
          expiresAt: z.string(),
        }),
      ),
    }),
    problems: ['too-many-uploads'],
  },
} as const satisfies Routes;
