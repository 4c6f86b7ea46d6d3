import { logPartitionOf, pageEntries } from '../../../core/streams/notification-log.ts';
import type { Stream } from '../../../core/streams/stream.ts';
import type { CommitStore, NotificationLog } from '../../../ports/streams.ts';
import { maxFolded, type ReadPorts, readStream } from '../../streams/read-stream.ts';
import { commitOf } from '../answers/commit.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { streamNamed, streamQueries } from '../contract/streams/streams.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';
import { createRouter, type Endpoints, type Outcome } from '../http/router.ts';

export interface QueryStreamsPorts extends ReadPorts {
  readonly streams: readonly Stream[];
  readonly log: Pick<NotificationLog, 'from'>;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

type Parameters<Name extends keyof RoutesOf<'query-streams'>> = globalThis.Parameters<
  Endpoints<RoutesOf<'query-streams'>>[Name]
>[0];

/** The side of the streams that reads. */
export function createQueryStreams(ports: QueryStreamsPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  return createRouter<RoutesOf<'query-streams'>>({
    routes: streamQueries,
    endpoints: {
      getStream: (parameters) => getStream(ports, parameters),
      listEvents: (parameters) => listEvents(ports, parameters),
      readLog: (parameters) => readLog(ports, parameters),
    },
    onFault: ports.onFault,
  });
}

async function getStream(
  ports: QueryStreamsPorts,
  { stream: name, id, at, occurred }: Parameters<'getStream'>,
): Promise<Outcome<AnswerOf<'getStream'>>> {
  const stream = streamNamed(ports.streams, name);
  if ('problem' in stream) return stream;
  const key = { stream: name, id };
  const read = await readStream(ports, stream, key, { ...at, occurredMs: occurred });
  if (read.kind === 'absent') return absent(name, id, read.head);
  if (read.kind === 'too-many')
    return {
      problem: 'too-many-commits',
      detail: `${read.position} commits would have to be folded for the answer; accepted: at most ${maxFolded}, by an earlier \`at\``,
      parameter: 'occurred',
    };
  const { position, recordedMs, state } = read.folded;
  return {
    value: {
      ...{ stream: name, id, position, head: read.head },
      recordedAt: new Date(recordedMs).toISOString(),
      partition: logPartitionOf(key),
      state: state as Record<string, unknown>, // as the stream's rules have it: an object
    },
    headers: { etag: `"${position}"` },
  };
}

const absent = (stream: string, id: string, head: number): Problem => ({
  problem: 'not-found',
  detail:
    head === 0
      ? `${stream} ${JSON.stringify(id)} has no commits; a command makes the first one`
      : `${stream} ${JSON.stringify(id)} has nothing as of then; accepted: a position from 1 to ${head}, or a time after its first commit`,
  parameter: head === 0 ? 'id' : 'at',
});

async function listEvents(
  { streams, commits }: { readonly streams: readonly Stream[]; readonly commits: CommitStore },
  { stream: name, id, limit, cursor }: Parameters<'listEvents'>,
): Promise<Outcome<AnswerOf<'listEvents'>>> {
  const stream = streamNamed(streams, name);
  if ('problem' in stream) return stream;
  const query = ['events', name, id];
  const place = readCursor(query, cursor, ([position = '', ...more]) =>
    more.length === 0 ? /^[1-9]\d{0,11}$/.test(position) : false,
  );
  if ('problem' in place) return place;
  const after = Number(place[0] ?? 0);
  const found = await commits.after({ stream: name, id }, after, limit + 1);
  if (found.length === 0 && after === 0) return absent(name, id, 0);
  const page = found.slice(0, limit);
  const next = found.length > limit ? encodeCursor(query, [String(page.at(-1)?.position)]) : null;
  return { value: { commits: page.map(commitOf), cursor: next }, next };
}

/** A full page: entries never change, so that a year is as good as for ever. */
const forEver = 'private, max-age=31536000, immutable';

async function readLog(
  { log }: Pick<QueryStreamsPorts, 'log'>,
  { partition, from }: Parameters<'readLog'>,
): Promise<Outcome<AnswerOf<'readLog'>>> {
  const entries = await log.from(partition, from, pageEntries);
  const isFull = entries.length === pageEntries;
  return {
    value: {
      partition,
      entries: entries.map(({ position, commits }) => ({ position, commits: [...commits.map(plain)] })),
      isFull,
      next: from + entries.length,
    },
    ...(isFull ? { headers: { 'cache-control': forEver } } : {}),
  };
}

const plain = <Told extends { readonly events: readonly string[] }>(told: Told) => ({
  ...told,
  events: [...told.events],
});
