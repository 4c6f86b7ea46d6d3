import type { ItemKey } from '../items.ts';

/*
 * The jobs table. The state machines write to it as well, under the same keys: `state-machines/*.asl.json`.
 *
 * | `pk`                  | `sk`                  | The item                                                          |
 * | --------------------- | --------------------- | ----------------------------------------------------------------- |
 * | `<jobId>`             | `job`                 | a job of either kind: its state and its counts                    |
 * | `<jobId>`             | `segment#<segmentId>` | what became of a segment in an ingest job                         |
 * | `<jobId>`             | `merge#<unit>`        | contested readings of the job after this unit; only where there are any |
 * | `<jobId>`             | `toon#<toonId>`       | the record of a toon                                              |
 * | `<jobId>`             | `progress#<number>`   | positions of up to 100 toons that have ended, as sets             |
 * | `segment#<segmentId>` | `ledger`              | the account of a segment, whatever job validated it last          |
 *
 * Job ids, segment ids and toon ids have no `#`.
 */

export const jobKey = (jobId: string): ItemKey => ({ pk: jobId, sk: 'job' });

/** What the sort keys of a job's segments begin with. */
export const segmentPrefix = 'segment#';
export const jobSegmentKey = (jobId: string, segmentId: string): ItemKey => ({
  pk: jobId,
  sk: segmentPrefix + segmentId,
});

/** What the sort keys of the units of a job's merge begin with. */
export const mergePrefix = 'merge#';
export const mergeKey = (jobId: string, unit: number): ItemKey => ({
  pk: jobId,
  sk: mergePrefix + String(unit).padStart(5, '0'),
});

/** What the sort keys of a job's toons begin with. */
export const toonPrefix = 'toon#';
export const toonKey = (jobId: string, toonId: string): ItemKey => ({ pk: jobId, sk: toonPrefix + toonId });

/** What the sort keys of a job's progress begin with; the whole key is the plan's, `progressKey` of a toon. */
export const progressPrefix = 'progress#';

export const ledgerKey = (segmentId: string): ItemKey => ({ pk: `segment#${segmentId}`, sk: 'ledger' });
