import { isDeepStrictEqual } from 'node:util';
import type { Dataset } from '../core/dataset.ts';
import { encodePartition, partitionKey, splitByPartition } from '../core/partition.ts';
import { statisticsByDay } from '../core/statistics.ts';
import type { Segment } from '../handlers/layout.ts';
import type { ObjectReader, SegmentOpener } from '../handlers/ports.ts';
import type { StatisticsStore } from '../handlers/record-ports.ts';
import { type RecountSource, recount } from './recount.ts';

/** What a segment's ledger says, or `undefined` where the segment was never validated. */
export interface LedgerReader {
  ledger(segment: Segment): Promise<{ lines: number; valid: number; rejected: number } | undefined>;
}

export interface ReconcilePorts {
  /** Every version of every raw object. */
  objects(): AsyncIterable<Segment>;
  readonly segments: SegmentOpener;
  readonly ledgers: LedgerReader;
  readonly curated: ObjectReader;
  readonly curatedBucket: string;
  readonly statistics: StatisticsStore;
}

/** lines = rejected + distinct + repeated, and everything in which the stores differ from the raw objects. */
export interface Reconciliation {
  readonly objects: number;
  readonly lines: number;
  readonly rejected: number;
  readonly distinct: number;
  readonly repeated: number;
  readonly partitions: number;
  /** Each in words, with the thing's name; empty when all agrees. */
  readonly differences: readonly string[];
}

/**
 * Builds everything again from the raw objects, in one process, and compares: the ledgers' counts, every partition file
 * byte by byte, every day's statistics value by value.
 */
export async function reconcile(
  ports: ReconcilePorts,
  datasets: readonly Dataset[],
): Promise<Reconciliation> {
  const differences: string[] = [];
  const ledgers = { lines: 0, rejected: 0 };
  async function* sources(): AsyncGenerator<RecountSource> {
    for await (const segment of ports.objects()) {
      const ledger = await ports.ledgers.ledger(segment);
      if (ledger === undefined) differences.push(`${segment.key}: not validated yet`);
      ledgers.lines += ledger?.lines ?? 0;
      ledgers.rejected += ledger?.rejected ?? 0;
      yield { key: segment.key, bytes: await ports.segments.open(segment) };
    }
  }
  const counted = await recount(sources(), datasets);
  const rejected = Object.values(counted.rejected).reduce((sum, count) => sum + count, 0);
  let distinct = 0;
  let partitions = 0;
  for (const dataset of datasets) {
    const set = counted.sets.get(dataset.name);
    if (set === undefined) continue;
    distinct += set.length;
    for (const { id, columns } of splitByPartition(dataset, set)) {
      partitions += 1;
      const key = partitionKey(dataset, id);
      const stored = await ports.curated.read({ bucket: ports.curatedBucket, key });
      const expected = encodePartition(dataset, id, columns);
      if (stored === undefined) differences.push(`${key}: missing, ${columns.length} readings`);
      else if (!Buffer.from(expected).equals(stored.bytes)) differences.push(`${key}: holds another set`);
      const days = [...statisticsByDay(dataset, columns)];
      const items = await ports.statistics.read(
        days.map(([sensorId]) => ({ dataset: dataset.storageName, sensorId, period: id.day })),
      );
      days.forEach(([sensorId, expectedDay], index) => {
        if (!isDeepStrictEqual(items[index]?.statistics, expectedDay)) {
          differences.push(`statistics of ${dataset.storageName} ${sensorId} ${id.day}: differ`);
        }
      });
    }
  }
  if (ledgers.lines !== counted.lines)
    differences.push(`ledgers: ${ledgers.lines} lines, the objects have ${counted.lines}`);
  if (ledgers.rejected !== rejected)
    differences.push(`ledgers: ${ledgers.rejected} rejected, counted again ${rejected}`);
  return {
    objects: counted.objects,
    lines: counted.lines,
    rejected,
    distinct,
    repeated: counted.lines - rejected - distinct,
    partitions,
    differences,
  };
}
