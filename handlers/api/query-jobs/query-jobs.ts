import { toonIdPattern } from '../../../core/toons/toon.ts';
import type { JobViewer, LinkSigner, RecordLister } from '../../../ports/toons.ts';
import { resultsParameters } from '../contract/results-parameters.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { jsonAnswer } from '../http/http.ts';
import type { Problem } from '../http/problem.ts';
import { type Endpoint, endpoint } from '../http/router.ts';
import { type ResultsAnswer, resultOf } from './results-answer.ts';

export interface QueryJobsPorts {
  readonly jobs: JobViewer;
  readonly records: RecordLister;
  readonly links: Pick<LinkSigner, 'readLink'>;
  readonly bucket: string;
}

/** The results of a job of toons, page by page, under both of its paths. A cursor of one is good for the other. */
export function createQueryJobs(ports: QueryJobsPorts): Record<string, Endpoint> {
  const results = endpoint(resultsParameters, async ({ jobId, limit, cursor }) => {
    const query = ['results', jobId];
    const position = cursor === undefined ? [] : decodeCursor(query, cursor);
    const after = position?.[0];
    if (position === undefined || (after !== undefined && !toonIdPattern.test(after))) return strangeCursor();
    const job = await ports.jobs.view(jobId);
    if (job?.kind !== 'toons') {
      return {
        kind: 'not-found',
        detail:
          job === undefined ? `there is no job '${jobId}'` : `'${jobId}' is an ingest job: it has no toons`,
        parameter: 'jobId',
      };
    }
    const page = await ports.records.list({ jobId, after, limit });
    const answer: ResultsAnswer = {
      jobId,
      state: job.state,
      results: await Promise.all(page.records.map((record) => resultOf(record, ports))),
      cursor: page.next === undefined ? null : encodeCursor(query, [page.next]),
    };
    return jsonAnswer(answer);
  });
  return { listResults: results, listJobResults: results };
}

function strangeCursor(): Problem {
  return {
    kind: 'invalid-parameter',
    detail: 'cursor does not belong to this job',
    parameter: 'cursor',
    accepted: 'the cursor of the page before, unchanged, with the same jobId',
  };
}
