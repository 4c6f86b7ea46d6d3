import type { Dataset } from '../../core/dataset/dataset.ts';
import { type PartitionId, partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import type { Columns } from '../../core/set/columns.ts';
import type { LostAs } from '../../core/set/row-buffer.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { type Difference, withdrawCommand } from '../shared/differences.ts';
import { type Arrivals, type RefusedObject, recountedObjects } from './compare-objects.ts';
import { compareMonths, daysWithPages, StoredPages } from './compare-pages.ts';
import { comparePartition } from './compare-partition.ts';
import { type GoneReadings, goneReadings } from './gone-files.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';
import { type DayOfLines, recount } from './recount.ts';

/**
 * What valid lines are: the one that gives a reading is distinct, and each other one of it repeats it, is superseded by it, or
 * contests it.
 */
export interface LineCounts extends Readonly<Record<LostAs, number>> {
  readonly distinct: number;
}

/** One dataset's local day. `lines = distinct + repeated + superseded + contested`, of valid lines; rejected ones have no day. */
export interface ReconciledDay extends LineCounts {
  readonly dataset: string;
  readonly day: string;
  readonly lines: number;
  readonly differences: number;
}

/** lines = rejected + distinct + repeated + superseded + contested + outside, and everything that differs. */
export interface Reconciliation extends LineCounts {
  readonly objects: number;
  readonly lines: number;
  readonly rejected: number;
  /** Valid lines of other datasets and days than were asked for. */
  readonly outside: number;
  readonly partitions: number;
  readonly days: readonly ReconciledDay[];
  /** By the UTC day on which objects arrived. */
  readonly arrivals: Arrivals;
  /** Uploaded files of which nothing is taken: their lines are in none of these sums. */
  readonly refused: readonly RefusedObject[];
  /** Items of days and of months that were compared. */
  readonly seriesDays: number;
  readonly seriesMonths: number;
  readonly differences: readonly Difference[];
  /** Files whose newest version lacks readings that an older one gave, and that count. Someone has to say whether they should. */
  readonly vanished: readonly LeftOfFile[];
}

/** Readings that count although their file no longer has them. */
interface LeftOfFile {
  readonly key: string;
  readonly isDeleted: boolean;
  readonly readings: number;
}

export interface ReconcileOptions {
  readonly dataset?: string | undefined;
  /** Local days of the readings. */
  readonly span?: DaySpan | undefined;
  /** Valid lines in memory at most; default no bound. */
  readonly maxReadings?: number | undefined;
  /** Told how far it has come. */
  readonly progress?: ((text: string) => void) | undefined;
}

const lostAs = ['repeated', 'superseded', 'contested'] as const;

/** Partitions that are compared at once. */
const partitionsInFlight = 8;

/**
 * Builds everything again from the raw objects, in one process, and compares: each object with its ledger and its rejects,
 * every partition file byte by byte, every day's statistics and alerts value by value, every month with its days.
 * @throws {SpanTooLarge} when the valid lines of the span are more than `maxReadings`
 */
export async function reconcile(
  ports: ReconcilePorts,
  datasets: readonly Dataset[],
  options: ReconcileOptions = {},
): Promise<Reconciliation> {
  const { span = { from: undefined, to: undefined }, progress = () => {} } = options;
  const recounted = recountedObjects(ports, progress);
  const counted = await recount(recounted.sources(), datasets, options);
  const { differences, arrivals, refused } = await recounted.finish();
  const gone = await goneReadings(ports, datasets);
  const left = new Map<string, LeftOfFile>();
  const rejected = Object.values(counted.rejected).reduce((sum, count) => sum + count, 0);
  const days: ReconciledDay[] = [];
  const lost = { repeated: 0, superseded: 0, contested: 0 };
  const totals = { distinct: 0, partitions: 0, seriesDays: 0, seriesMonths: 0 };
  for (const dataset of datasets) {
    if (options.dataset !== undefined && dataset.name !== options.dataset) continue;
    const set = counted.sets.get(dataset.name);
    const expected = new Map(
      (set === undefined ? [] : splitByPartition(dataset, set))
        .filter(({ id }) => inSpan(id.day, span))
        .map(({ id, columns }) => [partitionKey(dataset, id), { id, columns }]),
    );
    const lines = counted.days.get(dataset.name) ?? new Map<string, DayOfLines>();
    const found = await compareDataset(ports, { dataset, span, expected, lines, gone, progress });
    for (const { columns } of expected.values()) totals.distinct += columns.length;
    totals.partitions += found.partitions;
    totals.seriesDays += found.seriesDays;
    totals.seriesMonths += found.seriesMonths;
    differences.push(...found.differences);
    for (const { key, isDeleted, readings } of found.left)
      left.set(key, { key, isDeleted, readings: readings + (left.get(key)?.readings ?? 0) });
    days.push(...found.days);
    for (const day of found.days) for (const as of lostAs) lost[as] += day[as];
  }
  const files = [...left.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  differences.push(...files.filter(({ isDeleted }) => isDeleted).map(deletedFile));
  return {
    vanished: files.filter(({ isDeleted }) => !isDeleted),
    objects: counted.objects,
    lines: counted.lines,
    rejected,
    distinct: totals.distinct,
    ...lost,
    outside: counted.outside,
    partitions: totals.partitions,
    days,
    arrivals,
    refused,
    seriesDays: totals.seriesDays,
    seriesMonths: totals.seriesMonths,
    differences,
  };
}

function deletedFile({ key, readings }: LeftOfFile): Difference {
  const are = readings === 1 ? 'reading of it counts' : 'readings of it count';
  const what = `it was deleted, and ${readings} ${are}`;
  return { kind: 'file', name: key, what, fix: withdrawCommand(key) };
}

interface DatasetWork {
  gone: ReadonlyMap<string, readonly GoneReadings[]>;
  dataset: Dataset;
  span: DaySpan;
  expected: ReadonlyMap<string, { id: PartitionId; columns: Columns }>;
  lines: ReadonlyMap<string, DayOfLines>;
  progress: (text: string) => void;
}

/** The partitions that should be there and those that are, then the months that they touch. */
async function compareDataset(ports: ReconcilePorts, work: DatasetWork) {
  const { dataset, span, expected, lines, gone, progress } = work;
  const left: LeftOfFile[] = [];
  const ids = new Map([...expected].map(([key, { id }]) => [key, id]));
  for await (const id of ports.partitions(dataset, span)) ids.set(partitionKey(dataset, id), id);
  const partitions = ids.size;
  const stored = await StoredPages.of(ports, dataset);
  for (const id of daysWithPages(dataset, stored, span)) ids.set(partitionKey(dataset, id), id);
  const differences: Difference[] = [];
  const byDay = new Map<string, { distinct: number; differences: number }>();
  let seriesDays = 0;
  let done = 0;
  await mapBounded([...ids], partitionsInFlight, async ([key, id]) => {
    const arrived = lines.get(id.day);
    const compared = await comparePartition(ports, stored, {
      dataset,
      id,
      expected: expected.get(key)?.columns,
      arrived,
      gone: gone.get(key) ?? [],
    });
    differences.push(...compared.differences);
    left.push(...compared.left);
    seriesDays += compared.series;
    const day = byDay.get(id.day) ?? { distinct: 0, differences: 0 };
    byDay.set(id.day, {
      distinct: day.distinct + (expected.get(key)?.columns.length ?? 0),
      differences: day.differences + compared.differences.length,
    });
    progress(`${dataset.name}: ${++done} of ${ids.size} partitions compared`);
  });
  progress(`${dataset.name}: comparing months`);
  const months = await compareMonths(ports, stored, { dataset, span, days: [...ids.values()] });
  differences.push(...months.differences);
  const days = [...byDay]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, { distinct, differences: found }]): ReconciledDay => {
      const { lines: of = 0, repeated = 0, superseded = 0, contested = 0 } = lines.get(day) ?? {};
      const counts = { lines: of, distinct, repeated, superseded, contested };
      return { dataset: dataset.name, day, ...counts, differences: found };
    });
  differences.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { partitions, seriesDays, seriesMonths: months.series, differences, days, left };
}
