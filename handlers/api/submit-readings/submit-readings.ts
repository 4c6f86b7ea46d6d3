import type { Dataset } from '../../../core/dataset/dataset.ts';
import { type DroppedCounts, encodeLine } from '../../../core/dataset/reading.ts';
import { countDropped } from '../../../core/lines/dropped-values.ts';
import { type PackedRecord, packLines } from '../../../core/lines/packing.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ReadingStream } from '../../../ports/stream.ts';
import { datasetToSend } from '../contract/fields.ts';
import { maxSubmittedRevision, readings } from '../contract/readings.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { createRouter, type Outcome } from '../http/router.ts';
import { readReadings } from './readings.ts';

export interface SubmitReadingsPorts {
  readonly datasets: readonly Dataset[];
  readonly stream: ReadingStream;
  readonly clock: Clock;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

type Submitted = AnswerOf<'submitReadings'>;

/** The write side of the API. */
export function createSubmitReadings(
  ports: SubmitReadingsPorts,
): (request: HttpRequest) => Promise<HttpAnswer> {
  return createRouter<RoutesOf<'submit-readings'>>({
    routes: readings,
    endpoints: {
      submitReadings: ({ dataset }, request) => {
        const known = datasetToSend(ports.datasets, dataset);
        return 'problem' in known ? known : submit(ports, known, request);
      },
    },
    onFault: ports.onFault,
  });
}

/**
 * Validates the readings and puts the valid ones to the stream, packed as the producer packs them, in their canonical
 * encoding. The answer comes when all of them are acknowledged: 202; else 503 with the indexes of the others, which
 * may be sent again without harm, as a repeated reading changes nothing.
 */
async function submit(
  ports: SubmitReadingsPorts,
  dataset: Dataset,
  request: HttpRequest,
): Promise<Outcome<Submitted>> {
  const nowMs = ports.clock.nowMs();
  const deadlineMs = nowMs + retryMs;
  // In whole seconds, as S3 tells when the stream's object arrived: what is accepted here isn't too far ahead there.
  const arrivedMs = nowMs - (nowMs % 1_000);
  const read = readReadings(request, { dataset, arrivedMs }, ports.datasets);
  if ('problem' in read) return read;
  const rejected: Submitted['rejected'] = [];
  const lines: string[] = [];
  const indexes: number[] = [];
  const counts: DroppedCounts = {};
  read.forEach((line, index) => {
    if (line.kind === 'rejected') {
      rejected.push({ index, reason: line.reason, detail: line.detail });
      return;
    }
    const { revision } = line.reading;
    if (revision > maxSubmittedRevision) {
      const detail = `revision is ${revision}; accepted here: an integer from 0 to ${maxSubmittedRevision}, so that an uploaded file can correct it`;
      rejected.push({ index, reason: 'invalid-revision', detail });
      return;
    }
    lines.push(encodeLine(dataset, line.reading, line.dropped));
    countDropped(counts, dataset, line.dropped);
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
    const detail = `none of the ${read.length} readings is valid`;
    return { problem: 'nothing-valid', detail, members: { accepted: 0, rejected } };
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
  const dropped = counts[dataset.name];
  if (missing.length === 0) return { value: { accepted, rejected, ...(dropped && { dropped }) } };
  return {
    problem: 'unavailable',
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

/** First wait, doubled up to the cap, each with full jitter (a random share of it), in ms. */
const baseMs = 50;
const capMs = 3_200;
/** API Gateway waits 29 s. After 20 s nothing is tried again; the last attempt may then take 5 s: 25 s at the most. */
export const retryMs = 20_000;
export const attemptMs = 5_000;

/**
 * Sends a batch until all of it is acknowledged or the time is over. Only what failed is sent again.
 * @returns the records that nobody acknowledged, in order, and the last reason
 */
async function deliver(
  ports: { readonly stream: ReadingStream; readonly clock: Clock },
  batch: readonly PackedRecord[],
  deadlineMs: number,
): Promise<{ unacknowledged: readonly PackedRecord[]; code: string }> {
  let pending = batch;
  for (let attempt = 0; ; attempt += 1) {
    const { failed, code } = await ports.stream.put(pending, attemptMs);
    pending = failed.flatMap((index) => pending[index] ?? []);
    if (pending.length === 0) return { unacknowledged: [], code: '' };
    const waitMs = ports.clock.random() * Math.min(capMs, baseMs * 2 ** attempt);
    if (ports.clock.nowMs() + waitMs > deadlineMs) return { unacknowledged: pending, code };
    await ports.clock.pause(waitMs);
  }
}
