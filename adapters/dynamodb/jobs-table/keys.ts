import type { MergeUnit } from '../../../ports/inbox.ts';
import type { ItemKey } from '../items.ts';

/*
 * The jobs table. The state machines write to it as well, under the same keys: `state-machines/*.asl.json`.
 *
 * | `pk`                  | `sk`                  | The item                                                          |
 * | --------------------- | --------------------- | ----------------------------------------------------------------- |
 * | `<jobId>`             | `job`                 | an ingest job: its state and its counts                           |
 * | `<jobId>`             | `segment#<segmentId>` | what became of a segment in an ingest job                         |
 * | `<jobId>`             | `merge#<part>`        | contested readings of the job after this merge; only where there are any |
 * | `toons#<jobId>`       | `job`                 | a job of toons: its state and its counts                          |
 * | `toons#<jobId>`       | `toon#<toonId>`       | the record of a toon                                              |
 * | `toons#<jobId>`       | `progress#<number>`   | positions of up to 100 toons that have ended, as sets             |
 * | `client#<clientId>`   | `open`                | the jobs of toons of a client that have not ended                 |
 * | `client#<clientId>`   | `uploads`             | bytes that a client got links to upload, by the hour; it expires   |
 * | `segment#<segmentId>` | `ledger`              | the account of a segment, whatever job validated it last          |
 * | `unit#<dataset>#<shard>#<month>` | `parts#<jobId>` | parts of a job that wait for this unit of the merge            |
 * | `unit#<dataset>#<shard>#<month>` | `lease`         | who merges the unit, until when, and how long it last took      |
 * | `to-come`             | `<jobId>`             | the announcement of a job whose parts are to come                 |
 *
 * The index `by-kind` has the jobs alone: `kind` (`ingest`, `toons`) and `createdAt`, which no other item has.
 *
 * Job ids, segment ids, toon ids, client ids and the storage names of datasets have no `#`. The id of a job of toons is its client's choice:
 * under a prefix of its own it is the key of nothing else, whatever a client chooses.
 */

export const jobKey = (jobId: string): ItemKey => ({ pk: jobId, sk: 'job' });

/** What the sort keys of a job's segments begin with. */
export const segmentPrefix = 'segment#';
export const jobSegmentKey = (jobId: string, segmentId: string): ItemKey => ({
  pk: jobId,
  sk: segmentPrefix + segmentId,
});

/** What the sort keys of a job's merges begin with. */
export const mergePrefix = 'merge#';
export const mergeKey = (jobId: string, part: string): ItemKey => ({ pk: jobId, sk: mergePrefix + part });

const toonsPrefix = 'toons#';
export const toonsPartition = (jobId: string): string => toonsPrefix + jobId;
/** The id of the job, of either kind, whose item has this key. */
export const jobIdOf = ({ pk }: { readonly pk?: unknown }): string => {
  const partition = String(pk);
  return partition.startsWith(toonsPrefix) ? partition.slice(toonsPrefix.length) : partition;
};
export const toonJobKey = (jobId: string): ItemKey => ({ pk: toonsPartition(jobId), sk: 'job' });

/** What the sort keys of a job's toons begin with. */
export const toonPrefix = 'toon#';
export const toonKey = (jobId: string, toonId: string): ItemKey => ({
  pk: toonsPartition(jobId),
  sk: toonPrefix + toonId,
});
export const progressKey = (jobId: string, sk: string): ItemKey => ({ pk: toonsPartition(jobId), sk });
export const openJobsKey = (clientId: string): ItemKey => ({ pk: `client#${clientId}`, sk: 'open' });
export const uploadsKey = (clientId: string): ItemKey => ({ pk: `client#${clientId}`, sk: 'uploads' });

/** What the sort keys of a job's progress begin with; the whole key is the plan's, `progressKey` of a toon. */
export const progressPrefix = 'progress#';

export const ledgerKey = (segmentId: string): ItemKey => ({ pk: `segment#${segmentId}`, sk: 'ledger' });

export const unitPartition = ({ dataset, shard, month }: MergeUnit): string =>
  `unit#${dataset}#${shard}#${month}`;
/** What the sort keys of waiting parts begin with. */
export const partsPrefix = 'parts#';
export const waitingPartsKey = (unit: MergeUnit, jobId: string): ItemKey => ({
  pk: unitPartition(unit),
  sk: partsPrefix + jobId,
});
export const leaseKey = (unit: MergeUnit): ItemKey => ({ pk: unitPartition(unit), sk: 'lease' });

export const announcementPartition = 'to-come';
export const announcementKey = (jobId: string): ItemKey => ({ pk: announcementPartition, sk: jobId });
