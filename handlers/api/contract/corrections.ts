import * as z from 'zod/mini';
import { about, dataset, instant, nothing, sensor } from './fields.ts';
import { rawKey } from './rejects.ts';
import type { Routes } from './route.ts';

/** Local days of a series that are withdrawn by one request. */
export const maxWithdrawnDays = 366;

const day = z.string().check(z.regex(/^(?:19|20|21)\d\d-\d\d-\d\d$/, 'must be a day, YYYY-MM-DD'));
const of = z
  .strictObject({
    count: z.int(),
    measures: z.record(
      z.string(),
      z.strictObject({ count: z.int(), mean: z.number(), min: z.number(), max: z.number() }),
    ),
  })
  .check(about('the month as a whole'));

const common = {
  tag: 'operations',
  method: 'POST',
  scope: 'operate',
  parameters: nothing,
  status: 202,
  repeatable: true,
} as const;
const body = { maxBytes: 16_384, types: ['application/json'] } as const;

export const corrections = {
  acceptRefusedFile: {
    ...common,
    path: '/refused-files/accept',
    summary: 'Takes an uploaded file that was refused for its lines as it is',
    description:
      'As `npm run caudal -- accept` does: writes the file again under its key, with the same time of upload, which starts its ingestion. Lines that can be read are taken, the others are rejected one by one. A file that takes longer than 20 s to read is answered with 422.',
    body: { ...body, schema: z.strictObject({ key: rawKey }) },
    answer: z.strictObject({
      key: z.string(),
      versionId: z.string().check(about('of the accepted version')),
      lines: z.int().check(about('`lines` = `valid` + `rejected`')),
      valid: z.int(),
      rejected: z.int(),
    }),
    problems: ['not-found', 'not-refused', 'nothing-to-take', 'file-too-large'],
  },
  withdrawReadings: {
    ...common,
    path: '/withdrawals',
    summary: 'Takes readings out of all statistics: one, a span of a series, or a file; and brings them back',
    description: `As \`npm run caudal -- withdraw\` does. Choose \`dataset\` and \`sensor\` with \`at\` or with \`from\` and \`to\` (local days, at most ${maxWithdrawnDays}), or \`key\`. Nothing is deleted: \`undo\` brings back what was withdrawn, with its values. With \`dryRun\` nothing is changed, and the answer, of status 200, is what would be. Done again when it is ingested, it changes nothing. What takes longer than 20 s to read is answered with 422.`,
    body: {
      ...body,
      schema: z.strictObject({
        dataset: z.optional(dataset),
        sensor: z.optional(sensor),
        at: z
          .optional(z.iso.datetime({ error: 'must be a time in UTC, such as 2026-03-01T10:00:00Z' }))
          .check(about('only the reading at this time')),
        from: z.optional(day),
        to: z.optional(day),
        key: z.optional(rawKey),
        vanished: z
          .optional(z.boolean())
          .check(about('of a file only what its newest version no longer holds')),
        undo: z.optional(z.boolean()),
        dryRun: z.optional(z.boolean()),
        digest: z
          .optional(z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')))
          .check(about('of a preview: with it only what was previewed is done')),
      }),
    },
    answer: z.strictObject({
      changes: z.int().check(about('`changes` = `withdrawn` + `restored`')),
      withdrawn: z.int(),
      restored: z
        .int()
        .check(about('brought back; of a file also those of which another object has a version')),
      months: z
        .array(
          z.strictObject({
            dataset: z.string(),
            sensorId: z.string(),
            month: z.string(),
            before: of,
            after: of,
          }),
        )
        .check(about('the first 200 months that change')),
      monthsInAll: z.int(),
      unchanged: z.int().check(about('readings that are already as they are to be')),
      heldByOthers: z.int().check(about('of a file: readings that other objects hold too, and that stay')),
      withoutValues: z.int().check(about('left withdrawn, since they were withdrawn without values')),
      rejected: z
        .strictObject({
          count: z.int(),
          first: z.array(z.strictObject({ reason: z.string(), detail: z.string() })),
        })
        .check(about('readings that stay as they are, since their dataset does not take them now')),
      ofOlderRules: z.int().check(about('of a file: readings that other rules than today’s took of it')),
      doubtful: z
        .record(z.string(), z.int())
        .check(about('readings that are left, by another object that they may be of')),
      untold: z.int(),
      digest: z.string().check(about('of what changes')),
      uploadedAt: instant,
      files: z
        .array(z.strictObject({ dataset: z.string(), key: z.string(), versionId: z.string() }))
        .check(about('what was uploaded to make the changes; none for a preview')),
    }),
    problems: ['not-found', 'refused', 'changed', 'too-many-readings'],
  },
} as const satisfies Routes;
