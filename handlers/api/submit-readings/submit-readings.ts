import type { Dataset } from '../../../core/dataset/dataset.ts';
import { encodeReading } from '../../../core/dataset/reading.ts';
import { type PackedRecord, packLines } from '../../../core/lines/packing.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ReadingStream } from '../../../ports/stream.ts';
import type { AnswerOf } from '../contract/answers.ts';
import { parameters } from '../contract/parameters.ts';
import { type OperationOf, routes } from '../contract/routes.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http/http.ts';
import { createRouter, type Endpoint, endpoint, type Outcome } from '../http/router.ts';
import { knownDataset } from '../query-api/known.ts';
import { deliver, retryMs } from './deliver.ts';
import { readBody } from './read-body.ts';

export interface SubmitReadingsPorts {
  readonly datasets: readonly Dataset[];
  readonly stream: ReadingStream;
  readonly clock: Clock;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

type Rejected = AnswerOf<'submitReadings'>['rejected'][number];

/** The write side of the API. */
export function createSubmitReadings(
  ports: SubmitReadingsPorts,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const endpoints: Record<OperationOf<'submit-readings'>, Endpoint> = {
    submitReadings: endpoint(parameters.submitReadings, ({ dataset }, request) => {
      const known = knownDataset(ports.datasets, dataset);
      return 'kind' in known ? known : submit(ports, known, request);
    }),
  };
  return createRouter({ routes, endpoints, onFault: ports.onFault });
}

/**
 * Validates the readings and puts the valid ones to the stream, packed as the producer packs them, in their canonical
 * encoding. The answer comes when all of them are acknowledged: 202; else 503 with the indexes of the others, which
 * may be sent again without harm, as a repeated reading changes nothing.
 */
async function submit(ports: SubmitReadingsPorts, dataset: Dataset, request: HttpRequest): Promise<Outcome> {
  const deadlineMs = ports.clock.nowMs() + retryMs;
  const body = readBody(request, dataset, ports.datasets);
  if (body.kind === 'problem') return body.problem;
  const rejected: Rejected[] = [];
  const lines: string[] = [];
  const indexes: number[] = [];
  body.readings.forEach((line, index) => {
    if (line.kind === 'rejected') {
      rejected.push({ index, reason: line.reason, detail: line.detail });
      return;
    }
    lines.push(encodeReading(dataset, line.reading));
    indexes.push(index);
  });
  // A body of 1 MiB holds no reading that is too large for a record, so that packing refuses none.
  const packed = packLines(lines);
  for (const line of packed.tooLarge) {
    const index = indexes[line] ?? -1;
    rejected.push({
      index,
      reason: 'line-too-long',
      detail: 'longer than a record of the stream; accepted: 1,000 KiB',
    });
  }
  const taken = indexes.filter((_, line) => !packed.tooLarge.includes(line));
  if (taken.length === 0) {
    const detail = `none of the ${body.readings.length} readings is valid`;
    return { kind: 'nothing-valid', detail, members: { accepted: 0, rejected } };
  }
  const indexesOf = indexesByRecord(packed.batches.flat(), taken);
  const missing: number[] = [];
  let code = '';
  for (const batch of packed.batches) {
    const outcome = await deliver(ports, batch, deadlineMs);
    missing.push(...outcome.unacknowledged.flatMap((record) => indexesOf.get(record) ?? []));
    code ||= outcome.code;
  }
  const accepted = taken.length - missing.length;
  if (missing.length === 0)
    return jsonAnswer({ accepted, rejected } satisfies AnswerOf<'submitReadings'>, { status: 202 });
  return {
    kind: 'unavailable',
    detail: `${missing.length} of ${taken.length} valid readings were not acknowledged (${code}); send those of \`unacknowledged\` again`,
    members: { accepted, rejected, unacknowledged: missing },
    headers: { 'retry-after': '5' },
  };
}

/** Records hold the lines in order: the indexes of the readings in each. */
function indexesByRecord(
  records: readonly PackedRecord[],
  indexes: readonly number[],
): Map<PackedRecord, number[]> {
  let start = 0;
  return new Map(
    records.map((record) => {
      const of = indexes.slice(start, start + record.lines);
      start += record.lines;
      return [record, of];
    }),
  );
}
