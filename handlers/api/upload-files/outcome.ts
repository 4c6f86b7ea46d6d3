import type { Dataset } from '../../../core/dataset/dataset.ts';
import { sumDropped } from '../../../core/lines/dropped-values.ts';
import { localDay, monthOf } from '../../../core/time/calendar.ts';
import type { LedgerEntry } from '../../../ports/queries.ts';
import type { JobView } from '../../../ports/toons.ts';
import { instant } from '../answers/statistics-row.ts';
import type { AnswerOf } from '../contract/routes.ts';

type Outcome = Omit<AnswerOf<'getUpload'>, 'uploadId' | 'name' | 'bytes' | 'landed'>;

const maxSensors = 100;
/** A cause is for people: enough to see what it was. */
const maxCause = 1_000;

/** What became of a file that has landed, by its ledger and the job that wrote it. */
export function outcomeOf({
  ledger,
  job,
  dataset,
}: {
  ledger: LedgerEntry | undefined;
  job: JobView | undefined;
  dataset: Dataset | undefined;
}): Outcome {
  if (ledger === undefined) return { state: 'waiting' };
  const { counts, refusal, error = job?.error, cause = job?.cause } = ledger;
  const dropped = sumDropped(ledger.dropped);
  const held = ledger.holds?.find((each) => each.dataset === dataset?.name);
  return {
    state: stateOf(ledger, job),
    jobId: ledger.jobId,
    ...(counts && { lines: { total: counts.lines, valid: counts.valid, rejected: counts.rejected } }),
    ...(Object.keys(ledger.rejectedByReason).length > 0 && {
      rejectedByReason: { ...ledger.rejectedByReason },
    }),
    ...(dropped > 0 && { droppedValues: dropped }),
    ...(refusal && { refusal: { ...refusal, lines: refusal.lines.map((line) => ({ ...line })) } }),
    ...(held && dataset && { holds: holdsOf(held, dataset) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause: cause.slice(0, maxCause) }),
  };
}

function stateOf(ledger: LedgerEntry, job: JobView | undefined): Outcome['state'] {
  if (ledger.state === 'Failed' || job?.state === 'Failed') return 'failed';
  if (ledger.state === 'Refused') return 'refused';
  return job?.state === 'Completed' ? 'completed' : 'running';
}

function holdsOf(
  { readings, fromMs, toMs, sensors }: NonNullable<LedgerEntry['holds']>[number],
  { timeZone }: Dataset,
): NonNullable<Outcome['holds']> {
  return {
    readings,
    ...{ first: instant(fromMs), last: instant(toMs) },
    firstMonth: monthOf(localDay(timeZone, fromMs)),
    lastMonth: monthOf(localDay(timeZone, toMs)),
    ...(sensors && { sensors: sensors.slice(0, maxSensors), sensorsInAll: sensors.length }),
  };
}
