import type { Dataset } from '../../core/dataset/dataset.ts';
import type { ReplayRequest } from '../../handlers/ingest/plan-ingest/input.ts';
import { listReplay } from '../../handlers/ingest/plan-ingest/replay.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import type { VersionLister } from '../../ports/objects.ts';
import type { LedgerReader } from '../../ports/queries.ts';

/** The raw objects of a replay, and what their ledgers say. */
export interface ReplayScope {
  readonly objects: number;
  /** As they are stored, compressed or not. */
  readonly bytes: number;
  readonly validated: number;
  readonly failed: number;
  /** Without any ledger. */
  readonly unseen: number;
  /** Of those that were validated. `lines = valid + rejected` */
  readonly lines: number;
  readonly valid: number;
  readonly rejected: number;
}

/** A page of the listing; its ledgers are ten calls. */
const objectsPerPage = 1_000;

/** Counts what PlanIngest would find, by the same listing, a page of objects in memory. */
export async function replayScope(
  ports: { versions: VersionLister; ledgers: LedgerReader },
  layout: { rawBucket: string; datasets: readonly Dataset[] },
  request: ReplayRequest,
  tell: (text: string) => void,
): Promise<ReplayScope> {
  const sum = { objects: 0, bytes: 0, validated: 0, failed: 0, unseen: 0, lines: 0, valid: 0, rejected: 0 };
  for await (const page of pagesOf(listReplay(ports, layout, request), objectsPerPage)) {
    const entries = await ports.ledgers.ledgers(page);
    for (const [index, entry] of entries.entries()) {
      sum.objects += 1;
      sum.bytes += page[index]?.size ?? 0;
      if (entry === undefined) sum.unseen += 1;
      else if (entry.state === 'Failed') sum.failed += 1;
      else {
        sum.validated += 1;
        sum.lines += entry.counts?.lines ?? 0;
        sum.valid += entry.counts?.valid ?? 0;
        sum.rejected += entry.counts?.rejected ?? 0;
      }
    }
    tell(`${sum.objects} raw objects counted`);
  }
  return sum;
}
