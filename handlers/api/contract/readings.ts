import * as z from 'zod/mini';
import { dropReasons, rejectReasons } from '../../../core/dataset/reading.ts';
import { about, dataset } from './fields.ts';
import type { Routes } from './route.ts';

/** Readings of a JSON body. */
export const maxReadings = 500;
/** Below the highest revision of a file, so that an operator has the last word. */
export const maxSubmittedRevision = 1_000_000_000;
/** Lines of an NDJSON body, so that naming every rejected one stays within what a function may answer, 6 MB. */
export const maxLines = 14_000;

const jsonType = 'application/json';

export const readings = {
  submitReadings: {
    method: 'POST',
    path: '/datasets/{dataset}/readings',
    scope: 'write',
    tag: 'readings',
    summary: 'Accepts readings',
    description:
      '1 to 500 readings as JSON, or up to 14,000 as NDJSON, 1 MiB at most. A reading need not name its `dataset`. 202 says that all valid readings were acknowledged by the stream; a 503 names in `unacknowledged` the indexes of those to send again. Repeating a reading changes nothing. The readings are in the statistics a minute or two later.',
    parameters: z.strictObject({ dataset }),
    body: {
      maxBytes: 1_048_576, // larger amounts are for the delivery stream itself, or for the landing prefix
      types: [jsonType, 'application/x-ndjson', 'application/ndjson', 'application/jsonl'],
      schema: 'readings',
    },
    status: 202,
    answer: z.strictObject({
      accepted: z.int().check(about('readings that Firehose has acknowledged')),
      rejected: z.array(
        z.strictObject({
          index: z
            .int()
            .check(about('place among the readings of the body, from 0; blank lines do not count')),
          reason: z.enum([...rejectReasons]),
          detail: z.string(),
        }),
      ),
      dropped: z
        .optional(z.record(z.string(), z.partialRecord(z.enum([...dropReasons]), z.int())))
        .check(
          about(
            'how many values of optional measures are none, by measure and reason: each costs its measure, and the reading is accepted',
          ),
        ),
    }),
    problems: ['not-found', 'filled-by-streams', 'nothing-valid', 'unavailable'],
  },
} as const satisfies Routes;
