import type { RejectReason } from '../../core/dataset/reading.ts';
import { listArrived } from '../../handlers/ingest/plan-ingest/replay.ts';
import { datasetMeant, type RejectedLine } from '../../handlers/ingest/validate-segment/rejects-file.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import type { VersionLister } from '../../ports/objects.ts';
import type { LedgerReader } from '../../ports/queries.ts';

export interface RejectsPorts {
  readonly lister: VersionLister;
  readonly ledgers: LedgerReader;
  readonly rawBucket: string;
  /** The lines of an object of the curated bucket. */
  lines(key: string): AsyncIterable<string>;
}

export interface RejectsFilter {
  /** When the objects arrived: from inclusive, to exclusive, UTC ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly dataset?: string | undefined;
  readonly reason?: RejectReason | undefined;
}

/** A page of the listing; its ledgers are one call. */
const objectsPerPage = 100;

/** The rejected lines of a span, object by object in the order of arrival, as their files have them. One page in memory. */
export async function* rejectedLines(
  ports: RejectsPorts,
  filter: RejectsFilter,
): AsyncGenerator<RejectedLine> {
  const { fromMs, toMs, dataset, reason } = filter;
  const span = { fromMs, toMs, ...(dataset === undefined ? {} : { dataset }) };
  for await (const page of pagesOf(listArrived(ports.lister, ports.rawBucket, span), objectsPerPage)) {
    const ledgers = await ports.ledgers.ledgers(page);
    for (const ledger of ledgers) {
      if (ledger?.rejectsKey === undefined) continue;
      if (reason !== undefined && ledger.rejectedByReason[reason] === undefined) continue;
      for await (const text of ports.lines(ledger.rejectsKey)) {
        if (text === '') continue;
        const line = JSON.parse(text) as RejectedLine; // ValidateSegment wrote it
        if (reason !== undefined && line.reason !== reason) continue;
        if (dataset !== undefined && datasetMeant(line) !== dataset) continue;
        yield line;
      }
    }
  }
}
