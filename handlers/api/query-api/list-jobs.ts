import type { JobLister, JobPosition, JobView, ListedJob } from '../../../ports/toons.ts';
import { type Caller, seesAllJobs } from '../contract/jobs.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { callerOf } from '../http/access.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';

export interface JobsQuery {
  readonly kind?: JobView['kind'] | undefined;
  readonly state?: JobView['state'] | undefined;
  /** ISO 8601 in UTC with milliseconds, as the jobs have it; both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Reads of the index in one request, of 1 MB at the most: 5,000 jobs that the filters leave out are passed over in a page. */
const maxReads = 10;

/** The jobs of one kind, as they are read. */
interface Stream {
  readonly kind: JobView['kind'];
  /** Where the next page of the answer begins: behind what was shown, or behind what was read where nothing of it waits. */
  after: JobPosition | undefined;
  /** Where the last read ended; `undefined` where nothing is left to read. */
  read: JobPosition | undefined;
  over: boolean;
  readonly waiting: ListedJob[];
}

/** `GET /jobs`: both kinds in one order, the newest first. A job of toons is listed to its client, and to tokens that see all. */
export async function listJobs(
  lister: JobLister,
  query: JobsQuery,
  caller: Caller,
): Promise<Outcome<AnswerOf<'listJobs'>>> {
  const { state, from, to, limit } = query;
  if (from !== undefined && to !== undefined && from > to) return disordered(from, to);
  const owner = seesAllJobs(caller) ? undefined : callerOf(caller);
  const identity = ['jobs', query.kind ?? '', state ?? '', from ?? '', to ?? '', owner ?? ''];
  const position = readCursor(identity, query.cursor, (parts) => isPosition(parts, query));
  if ('problem' in position) return position;
  const streams = (['ingest', 'toons'] as const)
    .map((kind, index) => streamAt(kind, position.slice(2 * index, 2 * index + 2)))
    .filter(({ kind }) => query.kind === undefined || query.kind === kind);

  const shown: ListedJob[] = [];
  for (let reads = 0; shown.length < limit; ) {
    const dry = streams.find(({ waiting, over }) => waiting.length === 0 && !over);
    if (dry !== undefined) {
      if (reads === maxReads) break;
      reads += 1;
      const clientId = dry.kind === 'toons' ? owner : undefined;
      const page = await lister.list({ kind: dry.kind, from, to, state, clientId, after: dry.after, limit });
      dry.waiting.push(...page.jobs);
      dry.read = page.last;
      dry.over = page.last === undefined;
      if (page.jobs.length === 0) dry.after = page.last;
      continue;
    }
    const next = newestOf(streams);
    const job = next?.waiting.shift();
    if (next === undefined || job === undefined) break;
    const isLast = next.waiting.length === 0 && next.read !== undefined;
    next.after = isLast ? next.read : { jobId: job.jobId, createdAt: job.createdAt };
    shown.push(job);
  }
  const more = streams.some(({ waiting, over }) => waiting.length > 0 || !over);
  const cursor = more ? encodeCursor(identity, placesOf(streams)) : null;
  return { value: { jobs: shown, cursor }, next: cursor };
}

function newestOf(streams: readonly Stream[]): Stream | undefined {
  const [first, second] = streams.filter(({ waiting }) => waiting.length > 0);
  const created = (stream: Stream) => stream.waiting[0]?.createdAt ?? '';
  return first !== undefined && second !== undefined && created(second) > created(first) ? second : first;
}

/** In the place of a stream that is over. */
const over = '-';

const placesOf = (streams: readonly Stream[]): string[] =>
  (['ingest', 'toons'] as const).flatMap((kind) => {
    const stream = streams.find((candidate) => candidate.kind === kind);
    if (stream === undefined || (stream.over && stream.waiting.length === 0)) return [over, ''];
    return [stream.after?.createdAt ?? '', stream.after?.jobId ?? ''];
  });

function streamAt(kind: JobView['kind'], [createdAt = '', jobId = '']: readonly string[]): Stream {
  const isOver = createdAt === over;
  const after = isOver || jobId === '' ? undefined : { createdAt, jobId };
  return { kind, after, read: undefined, over: isOver, waiting: [] };
}

/** DynamoDB takes no place of a list that is incomplete, or that is outside of what is asked for. */
const isPosition = (position: readonly string[], query: Pick<JobsQuery, 'from' | 'to'>): boolean =>
  position.length === 0 ||
  (position.length === 4 &&
    [position.slice(0, 2), position.slice(2)].every((place) => isPlace(place, query)));

function isPlace(
  [createdAt = '', jobId = '']: readonly string[],
  { from = '', to }: Pick<JobsQuery, 'from' | 'to'>,
) {
  if (jobId === '') return createdAt === '' || createdAt === over;
  const isWithin = createdAt >= from && (to === undefined || createdAt <= to);
  return instantPattern.test(createdAt) && isWithin && /^[\w.-]{1,128}$/.test(jobId);
}

/** ISO 8601 in UTC with milliseconds, as the jobs have it. */
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const disordered = (from: string, to: string): Problem =>
  problemOf('invalid-parameter', {
    parameter: 'from',
    found: `from (${from}) is after to (${to})`,
    accepted: 'from before or equal to to',
  });
