import { sumDropped } from '../../core/lines/dropped-values.ts';
import type { Refusal } from '../../core/lines/gate.ts';
import type { ParseTotals } from '../../core/lines/parse-totals.ts';
import { arrivedOn, type RawObject } from '../../handlers/operations/raw-objects.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import { shortCause } from '../../ports/faults.ts';
import type { LedgerEntry } from '../../ports/queries.ts';
import { type Difference, fixOf } from '../shared/differences.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';
import type { RecountSource } from './recount.ts';

/** What arrived on each UTC day, in the order of the days. `lines = valid + rejected`. */
export type Arrivals = ReadonlyMap<string, ArrivalDay>;

export interface ArrivalDay {
  objects: number;
  lines: number;
  valid: number;
  rejected: number;
}

/** An uploaded file of whose newest version nothing is taken. */
export interface RefusedObject {
  readonly key: string;
  readonly refusal: Refusal;
}

/** DynamoDB takes 100 keys a call. */
const objectsPerPage = 100;

/** Of an object without a ledger: it may be on its way, and a replay of it does no harm. */
export const notYet = 'if it arrived over a quarter of an hour ago';

/**
 * The raw objects as a recount reads them; on the way each is compared with its ledger and with its file of rejects.
 * Once the sources are read to the end, `finish` tells what was found.
 */
export function recountedObjects(ports: ReconcilePorts, progress: (text: string) => void) {
  const differences: Difference[] = [];
  const arrivals = new Map<string, ArrivalDay>();
  const refused: RefusedObject[] = [];
  const totalsOf: { object: RawObject; ledger: LedgerEntry | undefined; totals: ParseTotals }[] = [];

  async function* sources(): AsyncGenerator<RecountSource> {
    let objects = 0;
    for await (const page of pagesOf(ports.objects(), objectsPerPage)) {
      const ledgers = await ports.ledgers.ledgers(page);
      for (const [index, object] of page.entries()) {
        yield {
          key: object.key,
          ...(await ports.segments.open(object)),
          arrived: arrivedOn(object),
          counted: (totals) => void totalsOf.push({ object, ledger: ledgers[index], totals }),
        };
        progress(`${++objects} raw objects read`);
      }
      await compare();
    }
  }

  /** Those that have been counted since the last time. */
  async function compare(): Promise<void> {
    for (const { object, ledger, totals } of totalsOf.splice(0)) {
      const day = arrivedOn(object);
      // What was accepted or replaced since is refused no more.
      if (totals.refusal !== undefined && object.isCurrent)
        refused.push({ key: object.key, refusal: totals.refusal });
      const sum = arrivals.get(day) ?? { objects: 0, lines: 0, valid: 0, rejected: 0 };
      arrivals.set(day, {
        objects: sum.objects + 1,
        lines: sum.lines + totals.lines,
        valid: sum.valid + totals.valid,
        rejected: sum.rejected + totals.lines - totals.valid,
      });
      const replay = [{ kind: 'replay-arrived', from: day, to: day }] as const;
      const unlike = ledgerDifference(ledger, totals);
      if (ledger === undefined) {
        differences.push({
          kind: 'object',
          name: object.key,
          what: unlike ?? '',
          ...fixOf(replay, { when: notYet }),
        });
      } else if (unlike !== undefined)
        differences.push({ kind: 'ledger', name: object.key, what: unlike, ...fixOf(replay) });
      else {
        const what = await rejectsDifference(ports, ledger);
        if (what !== undefined)
          differences.push({
            kind: 'rejects',
            name: ledger.rejectsKey ?? object.key,
            what,
            ...fixOf(replay),
          });
      }
    }
  }

  return {
    sources,
    async finish(): Promise<{ differences: Difference[]; arrivals: Arrivals; refused: RefusedObject[] }> {
      await compare();
      return { differences, refused, arrivals: new Map([...arrivals].sort(([a], [b]) => (a < b ? -1 : 1))) };
    },
  };
}

/** In words, what a ledger does not say as the object's bytes do. */
function ledgerDifference(ledger: LedgerEntry | undefined, totals: ParseTotals): string | undefined {
  if (ledger === undefined) return 'not validated yet: there is no ledger of it';
  if (ledger.state === 'Failed') {
    return `validation failed after ${ledger.attempts} attempts: ${ledger.error ?? '?'}: ${shortCause(ledger.cause, 200)}`;
  }
  const [told, found] = [ledger.refusal?.reason, totals.refusal?.reason];
  if (told !== found) {
    const says = (reason: string | undefined) => (reason === undefined ? 'taken' : `refused as ${reason}`);
    return `the ledger says ${says(told)}; the object is ${says(found)}`;
  }
  const { lines = 0, valid = 0 } = ledger.counts ?? {};
  if (lines !== totals.lines || valid !== totals.valid) {
    return `the ledger says ${lines} lines, ${valid} valid; the object has ${totals.lines}, ${totals.valid} valid`;
  }
  const reasons = new Set([...Object.keys(ledger.rejectedByReason), ...Object.keys(totals.rejected)]);
  const unlike = [...reasons]
    .filter((reason) => (ledger.rejectedByReason[reason] ?? 0) !== (totals.rejected[reason as never] ?? 0))
    .map(
      (reason) =>
        `${ledger.rejectedByReason[reason] ?? 0} ${reason} where there are ${totals.rejected[reason as never] ?? 0}`,
    );
  const [dropped, counted] = [sumDropped(ledger.dropped), sumDropped(totals.dropped)];
  if (dropped !== counted) unlike.push(`${dropped} dropped values where there are ${counted}`);
  return unlike.length === 0 ? undefined : `the ledger says ${unlike.join(', ')}`;
}

/** In words, what is wrong with the file of a segment's rejects: each rejected line whose text is kept is a line of it. */
export async function rejectsDifference(
  ports: ReconcilePorts,
  ledger: LedgerEntry,
): Promise<string | undefined> {
  const rejected = (ledger.counts?.rejected ?? 0) - (ledger.notes?.withoutText ?? 0);
  if (rejected === 0) return undefined;
  if (ledger.rejectsKey === undefined) return `the ledger names no file of its ${rejected} rejected lines`;
  const stored = await ports.curated.read({ bucket: ports.curatedBucket, key: ledger.rejectsKey });
  if (stored === undefined) return `missing, ${rejected} rejected lines`;
  let lines = 0;
  for (let at = stored.bytes.indexOf(10); at !== -1; at = stored.bytes.indexOf(10, at + 1)) lines++;
  return lines === rejected ? undefined : `holds ${lines} lines, the ledger says ${rejected}`;
}
