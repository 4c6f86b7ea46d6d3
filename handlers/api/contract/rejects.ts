import * as z from 'zod/mini';
import { rejectReasons } from '../../../core/dataset/reading.ts';
import { refusalReasons } from '../../../core/lines/gate.ts';
import { parseDay } from '../../../core/time/calendar.ts';
import { about, cursor, dataset, described, instant, integer, nextCursor } from './fields.ts';
import type { Routes } from './route.ts';

/** Days of one question about rejected lines. */
export const maxRejectsDays = 93;

const day = z.string().check(
  z.regex(/^20\d\d-\d\d-\d\d$/),
  z.refine((text) => parseDay(text) !== undefined),
  described('a UTC day that exists, YYYY-MM-DD', '2026-11-20'),
);

const printable = '[^\\u0000-\\u001f\\u007f]';

/** 1 to 1,024 bytes of UTF-8 by S3; control characters are none of a line of a log or a page. */
export const rawKey = z
  .string()
  .check(
    z.regex(new RegExp(`^(?:raw|landing)/${printable}{1,1000}$`)),
    described('key of an object of the raw bucket', 'landing/water-temperature/2025-11.csv'),
  );
const versionId = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9._-]{1,1024}$/),
    described('id of a version of the object; without it the newest one', 'null'),
  );
const reason = z
  .optional(z.enum(rejectReasons))
  .check(described(`a reason: ${rejectReasons.join(', ')}; without it all`, 'out-of-range'));
const rejectReason = z.enum(rejectReasons);
const ofDataset = z
  .optional(dataset)
  .check(described('name of a dataset; without it all, and lines that name none', 'water-temperature'));
const file = z
  .optional(z.string().check(z.regex(new RegExp(`^${printable}{1,1024}$`))))
  .check(described('only of this file: its name, or its whole key', '2025-11.csv'));
const page = (most: number, usual: number) =>
  z._default(integer(1, most), usual).check(described(`how many a page has at most, 1 to ${most}`, usual));
const counts = z.record(z.string(), z.int());
const text = z.string().check(about('of the line, its first 4,096 characters'));

const ofObject = {
  key: rawKey,
  version: z
    .optional(versionId)
    .check(described('id of a version of the object; without it the newest one', 'null')),
};

const common = { tag: 'operations', method: 'GET', scope: 'read', status: 200, tagged: true } as const;

export const rejects = {
  listRejects: {
    ...common,
    path: '/rejects',
    summary: 'Rejected lines in sums: by file and reason, the newest file first',
    description: `Of files that arrived on the days from \`from\` to \`to\`, both included: at most ${maxRejectsDays} days, by default the last 30. A page may have fewer files than \`limit\`, or none, and still a \`cursor\`. In CSV, a line for each reason of a file, and the cursor in the Link header.`,
    parameters: z.strictObject({
      dataset: ofDataset,
      from: z.optional(day).check(described('the first UTC day, YYYY-MM-DD', '2026-11-01')),
      to: z.optional(day).check(described('the last UTC day, YYYY-MM-DD', '2026-11-27')),
      reason,
      file,
      limit: page(200, 50),
      cursor,
    }),
    media: ['application/json', 'text/csv'],
    answer: z.strictObject({
      from: z.string(),
      to: z.string(),
      files: z.array(
        z.strictObject({
          key: z.string(),
          versionId: z.string(),
          arrivedAt: instant,
          lines: z.int().check(about('of the file, whatever dataset they are meant for')),
          rejected: z.int().check(about('of these lines; with `dataset` those that are meant for it')),
          byReason: counts.check(about('the most frequent first')),
          withoutText: z.int().check(about('rejected lines that are counted, and whose text was not kept')),
        }),
      ),
      cursor: nextCursor,
    }),
    problems: ['not-found'],
  },
  listRejectedLines: {
    ...common,
    path: '/rejects/lines',
    summary: 'The rejected lines of one file with their reasons, in their order',
    description:
      'Of a file with more than 100,000 of them the first; `withoutText` says how many more there are.',
    parameters: z.strictObject({ ...ofObject, reason, limit: page(200, 50), cursor }),
    media: ['application/json', 'text/csv'],
    answer: z.strictObject({
      key: z.string(),
      versionId: z.string(),
      lines: z.array(
        z.strictObject({
          line: z.int().check(about('of the file, from 1')),
          reason: rejectReason,
          detail: z.string(),
          text,
          textTruncated: z.optional(z.literal(true)).check(about('the line has more than `text`')),
        }),
      ),
      withoutText: z.int(),
      cursor: nextCursor,
    }),
    problems: ['not-found'],
  },
  getMendable: {
    ...common,
    path: '/rejects/mendable',
    summary: 'The rejected lines of one file byte for byte, as files to be mended and uploaded again',
    description:
      'As `npm run caudal -- rejects --out` writes them: rows of a table come under its header. The first 1,000 lines, up to 1 MiB; `more` says that there are others. A file that takes longer than 20 s to read is answered with 422.',
    parameters: z.strictObject({ ...ofObject, reason }),
    answer: z.strictObject({
      key: z.string(),
      versionId: z.string(),
      files: z.array(
        z.strictObject({
          name: z.string().check(about('by its content, so that a second upload of the same is a repeat')),
          folder: z.string().check(about('where it lands: landing/ for lines that name their dataset')),
          encoding: z
            .enum(['utf-8', 'base64'])
            .check(about('of `content`: base64 where the bytes are no UTF-8')),
          content: z.string(),
          lines: z.array(
            z.strictObject({
              line: z.int().check(about('of this file, from 1')),
              of: z.int().check(about('of the file that it comes from')),
              reason: rejectReason,
              detail: z.string(),
            }),
          ),
        }),
      ),
      others: z
        .array(z.strictObject({ line: z.int(), reason: rejectReason, detail: z.string() }))
        .check(about('what no edit of a line mends: upload the whole file again as it should be')),
      more: z.boolean(),
    }),
    problems: ['not-found', 'file-too-large'],
  },
  listRefusedFiles: {
    ...common,
    path: '/refused-files',
    summary:
      'Uploaded files of which nothing was taken, with their first lines, the likely cause and ways out',
    description:
      'Of each key the newest version, in the order of the keys. A page may have fewer files than `limit`, or none, and still a `cursor`.',
    parameters: z.strictObject({
      dataset: ofDataset,
      from: z.optional(day).check(described('uploaded on this UTC day or later, YYYY-MM-DD', '2026-11-01')),
      to: z.optional(day).check(described('uploaded on this UTC day or earlier, YYYY-MM-DD', '2026-11-27')),
      limit: page(100, 20),
      cursor: z
        .optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,2048}$/)))
        .check(about('the cursor of the previous page, unchanged, with the same other parameters')),
    }),
    answer: z.strictObject({
      files: z.array(
        z.strictObject({
          key: z.string(),
          versionId: z.string(),
          arrivedAt: instant,
          reason: z.enum([...refusalReasons]),
          detail: z.string().check(about('what was found and what is accepted')),
          cause: z.optional(z.string()).check(about('what the file probably is')),
          lines: z
            .array(
              z.strictObject({
                line: z.int(),
                text: z.string(),
                reason: z.optional(rejectReason),
                detail: z.optional(z.string()),
              }),
            )
            .check(about('up to five: the first that can not be read, or the first of the file')),
          hasEarlier: z
            .boolean()
            .check(about('what an earlier version of the file has given stays, and counts')),
          waysOut: z
            .array(z.enum(['replace', 'accept']))
            .check(
              about(
                'replace: upload it again as it should be, under the same key; accept: POST /refused-files/accept takes the lines that can be read',
              ),
            ),
        }),
      ),
      cursor: nextCursor,
    }),
    problems: [],
  },
} as const satisfies Routes;
