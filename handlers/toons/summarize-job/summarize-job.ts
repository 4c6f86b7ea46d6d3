import type { ToonRecord } from '../../../core/toons/record.ts';
import { ToonsUnrecorded } from '../../../ports/faults.ts';
import type { RecordLister } from '../../../ports/toons.ts';

/** Failed toons named in the summary, and so in the event: the state and an event have their limits. */
const maxNamed = 20;

/** Records of one page: at most about 1 MB, DynamoDB's own bound of a page. */
const pageSize = 1000;

/** Counts are text, because a number travels to DynamoDB as text. */
export interface JobSummary {
  readonly jobId: string;
  readonly total: string;
  readonly processed: string;
  readonly failed: string;
  readonly failures: readonly { readonly toonId: string; readonly reason: string; readonly detail: string }[];
}

/**
 * Counts what is recorded, read strongly consistent: the records are the truth, the progress before was a view of
 * them. Throws `ToonsUnrecorded` when some toon has none.
 */
export function createSummarizeJob(ports: {
  readonly records: RecordLister;
}): (input: { jobId: string; total: number }) => Promise<JobSummary> {
  return async ({ jobId, total }) => {
    const failures: ToonRecord[] = [];
    let processed = 0;
    let failed = 0;
    let after: string | undefined;
    do {
      const page = await ports.records.list({ jobId, after, limit: pageSize, consistent: true });
      for (const record of page.records) {
        processed += 1;
        if (record.state !== 'Failed') continue;
        failed += 1;
        if (failures.length < maxNamed) failures.push(record);
      }
      after = page.next;
    } while (after !== undefined);
    if (processed < total) throw new ToonsUnrecorded(`${total - processed} of ${total} toons have no record`);
    return {
      jobId,
      total: String(total),
      processed: String(processed),
      failed: String(failed),
      failures: failures.map(({ toonId, reason, detail }) => ({
        toonId,
        reason: reason ?? 'internal-error',
        detail: (detail ?? '').slice(0, 200),
      })),
    };
  };
}
