import type { ToonRecord } from '../../../core/toons/record.ts';
import { toonIdPattern } from '../../../core/toons/toon.ts';
import type { JobViewer, LinkSigner, RecordLister } from '../../../ports/toons.ts';
import { seesJob } from '../contract/jobs.ts';
import { results } from '../contract/results.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { createRouter, type Outcome } from '../http/router.ts';

export interface QueryJobsPorts {
  readonly jobs: JobViewer;
  readonly records: RecordLister;
  readonly links: Pick<LinkSigner, 'readLink'>;
  readonly bucket: string;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

type Results = AnswerOf<'listResults'>;

/** The results of a job of toons, page by page, under both of its paths, to whoever may know of the job. A cursor of one is good for the other. */
export function createQueryJobs(ports: QueryJobsPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const list = (query: ResultsQuery, request: HttpRequest) => listResults(ports, query, request);
  return createRouter<RoutesOf<'query-jobs'>>({
    routes: results,
    endpoints: { listResults: list, listJobResults: list },
    onFault: ports.onFault,
  });
}

interface ResultsQuery {
  readonly jobId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

async function listResults(
  ports: QueryJobsPorts,
  { jobId, limit, cursor }: ResultsQuery,
  caller: HttpRequest,
): Promise<Outcome<Results>> {
  const query = ['results', jobId];
  const position = readCursor(query, cursor, ([id]) => id === undefined || toonIdPattern.test(id));
  if ('problem' in position) return position;
  const [after] = position;
  const job = await ports.jobs.view(jobId);
  if (job?.kind !== 'toons' || !seesJob(caller, job)) {
    const detail =
      job?.kind !== 'ingest'
        ? `unknown job ${JSON.stringify(jobId)}`
        : `${JSON.stringify(jobId)} is an ingest job: it has no toons`;
    return { problem: 'not-found', detail, parameter: 'jobId' };
  }
  const page = await ports.records.list({ jobId, after, limit });
  return {
    value: {
      jobId,
      state: job.state,
      results: await Promise.all(page.records.map((record) => resultOf(record, ports))),
      cursor: page.next === undefined ? null : encodeCursor(query, [page.next]),
    },
  };
}

/** One record as an answer shows it. Members are named one by one: what else the table holds stays there. */
async function resultOf(
  record: ToonRecord,
  { links, bucket }: { links: Pick<LinkSigner, 'readLink'>; bucket: string },
): Promise<Results['results'][number]> {
  const { toonId, type, state, sha256, bytes, result, reason, detail, durationMs, processedAt, metadata } =
    record;
  let shown: Record<string, unknown> | undefined = result && { ...result };
  if (result !== undefined && 'thumbnail' in result) {
    const { key, ...size } = result.thumbnail;
    shown = { ...result, thumbnail: { ...size, ...(await links.readLink({ bucket, key })) } };
  }
  return {
    toonId,
    type,
    state,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(shown === undefined ? {} : { result: shown }),
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
    durationMs: Math.round(durationMs),
    processedAt,
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
}
