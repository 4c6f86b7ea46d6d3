import * as z from 'zod/mini';
import { logPartitions, maxEntryCommits, pageEntries } from '../../../../core/streams/notification-log.ts';
import { idPattern, reservedStreamId, type Stream } from '../../../../core/streams/stream.ts';
import type { Problem } from '../../http/problem.ts';
import { about, cursor, described, instant, integer, limit, nextCursor } from '../fields.ts';
import type { Routes } from '../route.ts';

/** The kind of streams that the parameter names. `not-found` with the names that are known. */
export function streamNamed(streams: readonly Stream[], name: string): Stream | Problem {
  const found = streams.find((candidate) => candidate.name === name);
  if (found) return found;
  const accepted = streams.map((candidate) => candidate.name);
  const detail = `unknown stream ${JSON.stringify(name)}; accepted: ${accepted.join(', ')}`;
  return { problem: 'not-found', detail, parameter: 'stream', accepted };
}

const stream = z
  .string()
  .check(
    z.regex(/^[a-z][a-z0-9-]{0,39}$/),
    described('kind of a stream: reservations or firm-reservations', 'reservations'),
  );
const idText = '1 to 40 letters, digits, ".", "_" and "-", the first a letter or digit';
const id = z.string().check(
  z.regex(idPattern, `must be ${idText}`),
  z.refine(
    (text) => text !== reservedStreamId,
    `must not be ${reservedStreamId}, which a path of the API has`,
  ),
  described(`id of a stream: ${idText}, and not "${reservedStreamId}"`, 'salon-7'),
);

/** An instant as callers write it; its value is UTC ms. */
const moment = (says: string) =>
  z
    .pipe(z.iso.datetime({ offset: true }), z.transform(Date.parse))
    .check(described(`${says}, an instant such as 2026-05-02T10:00:00Z`, '2026-05-02T10:00:00Z'));

/** Position 1 to 999,999,999, or an instant. */
const positionOrTime = z
  .pipe(
    z.union([
      z.string().check(z.regex(/^[1-9]\d{0,8}$/)),
      z.iso.datetime({ offset: true, error: 'must be a position or an instant' }),
    ]),
    z.transform((text) =>
      /^\d+$/.test(text) ? { position: Number(text) } : { recordedMs: Date.parse(text) },
    ),
  )
  .check(
    described(
      'as of a position, such as 12, or of what was recorded by an instant, such as 2026-05-02T10:00:00Z',
      '1',
    ),
  );

const position = z.int().check(about('of a commit in its stream: from 1, without a gap'));
const named = z.strictObject({ name: z.string(), data: z.record(z.string(), z.unknown()) });
const commit = z.strictObject({
  position,
  commandId: z.string(),
  occurredAt: instant.check(about('when it happened, as the caller said')),
  recordedAt: instant,
  events: z.array(named),
});

/** Members of a command, alone or in a batch. */
const command = {
  commandId: z
    .string()
    .check(z.regex(idPattern, `must be ${idText}`))
    .check(about('chosen by the caller, such as a UUID: it makes a retry harmless')),
  name: z.string().check(z.minLength(1), z.maxLength(40)),
  data: z.record(z.string(), z.unknown()).check(about('by the schema of the command')),
  occurredAt: z
    .optional(z.iso.datetime({ offset: true, error: 'must be a time with its offset' }))
    .check(about('when it happened; now without it. It may not be ahead of now')),
};
const commandSchema = z.strictObject(command);
/** A command as callers send it. */
export type SentCommand = z.core.output<typeof commandSchema>;

/** Commands of one batch: were all of one stream, and 10 ms a put, they would take 5 s. */
const maxBatch = 500;
/** Positions have twelve digits at the most. */
const maxPosition = 999_999_999_999;

const count = (of: string) => z.int().check(about(`how many ${of}`));

export const commands = {
  handleCommands: {
    method: 'POST',
    path: '/streams/{stream}/commands',
    scope: 'write',
    tag: 'streams',
    summary: 'Decides commands against many streams of a kind, and commits their events',
    description: `1 to ${maxBatch} commands, each with the \`id\` of its stream, 1 MiB at most. Each is decided as if it had been sent alone: those of one stream one after the other, in the order of the body; what is refused keeps no other back. \`answers\` has one for each, in the same order. 503 (unavailable) says that some were not decided, and has the \`answers\` too: after the first one of a stream that was not, none of that stream is. Send the same batch again: what is committed already is answered with its position.`,
    parameters: z.strictObject({ stream }),
    body: {
      maxBytes: 1_048_576,
      larger: 'send several batches',
      types: ['application/json'],
      schema: z.strictObject({
        commands: z
          .array(
            z.strictObject({
              id,
              ...command,
              expected: z
                .optional(z.int().check(z.gte(0), z.lte(maxPosition)))
                .check(about('position that the stream must be at; 0 is before the first commit')),
            }),
          )
          .check(z.minLength(1), z.maxLength(maxBatch)),
      }),
    },
    status: 200,
    answer: z.strictObject({
      committed: count('were committed now'),
      repeated: count('had been committed before'),
      refused: count('have a problem'),
      answers: z.array(
        z.strictObject({
          id: z.string(),
          commandId: z.string(),
          status: z
            .int()
            .check(about('as of the command alone: 201, 200 where it had been committed before')),
          position: z.optional(position),
          recordedAt: z.optional(instant),
          problem: z
            .optional(z.record(z.string(), z.unknown()))
            .check(about('in place of position and time: the problem document of the command alone')),
        }),
      ),
    }),
    problems: ['not-found', 'unavailable'],
  },
  handleCommand: {
    method: 'POST',
    path: '/streams/{stream}/{id}/commands',
    scope: 'write',
    tag: 'streams',
    summary: 'Decides a command against a stream, and commits its events',
    description:
      'The same commandId with the same content answers with the commit that it came to (200), with other content 409 (command-reused). What the rules of the stream refuse is 409 (command-refused) with `reason`, and leaves nothing behind. With If-Match, the position as an entity tag such as "12", the stream must be at that position, else 412. The commit is durable when it is answered, and in the notification log soon after.',
    parameters: z.strictObject({ stream, id }),
    body: {
      maxBytes: 65_536,
      types: ['application/json'],
      schema: commandSchema,
    },
    status: 201,
    repeatable: true,
    answer: commit,
    problems: ['not-found', 'command-refused', 'command-reused', 'moved'],
  },
} as const satisfies Routes;

const common = { method: 'GET', scope: 'read', tag: 'streams', status: 200, tagged: true } as const;

export const streamQueries = {
  getStream: {
    ...common,
    tagged: false,
    path: '/streams/{stream}/{id}',
    summary: 'The state of a stream: as of now, of a position, of a time of recording, of a time of events',
    description: `The ETag is the position, for If-Match of a command. With both \`at\` and \`occurred\`: what was known then of what had happened by then. Without a snapshot, as with \`occurred\`, at most 20,000 commits are folded.`,
    parameters: z.strictObject({
      stream,
      id,
      at: z.optional(positionOrTime),
      occurred: z.optional(moment('only what had happened by then')),
    }),
    answer: z.strictObject({
      stream: z.string(),
      id: z.string(),
      position: position.check(about('that the state is of')),
      head: z.int().check(about('the last position')),
      recordedAt: instant.check(about('of the commit at `position`')),
      partition: z.int().check(about('the notification log that has the commits of the stream')),
      state: z.record(z.string(), z.unknown()),
    }),
    problems: ['not-found', 'too-many-commits'],
  },
  listEvents: {
    ...common,
    path: '/streams/{stream}/{id}/events',
    summary: 'The commits of a stream with their events, in their order',
    parameters: z.strictObject({ stream, id, limit, cursor }),
    answer: z.strictObject({ commits: z.array(commit), cursor: nextCursor }),
    problems: ['not-found'],
  },
  readLog: {
    ...common,
    path: '/log/{partition}',
    summary: 'A notification log: which commits there are, in one order for all readers',
    description: `Entries at positions without a gap, each of 1 to ${maxEntryCommits} commits; each commit is in one entry, those of a stream in their order. A page of ${pageEntries} entries is full and never changes: it may be kept for ever. The next page begins at \`next\`; ask for it again until it has entries.`,
    parameters: z.strictObject({
      partition: integer(0, logPartitions - 1).check(
        described(`number of a log, 0 to ${logPartitions - 1}`, 0),
      ),
      from: z
        ._default(integer(1, 999_999_999), 1)
        .check(described('position of the first entry, from 1; 1 without it', 1)),
    }),
    answer: z.strictObject({
      partition: z.int(),
      entries: z.array(
        z.strictObject({
          position: z.int(),
          commits: z.array(
            z.strictObject({
              stream: z.string(),
              id: z.string(),
              position,
              recordedAt: instant,
              events: z.array(z.string()).check(about('names')),
            }),
          ),
        }),
      ),
      isFull: z.boolean().check(about('the page never changes')),
      next: z.int().check(about('`from` of the next page')),
    }),
    problems: [],
  },
} as const satisfies Routes;
