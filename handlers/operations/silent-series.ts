import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionKey } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import { dayName, localDay, parseDay } from '../../core/time/calendar.ts';
import { dayMs } from '../../core/time/duration.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import type { ObjectReader } from '../../ports/objects.ts';
import type { StatisticsQueries } from '../../ports/queries.ts';

export interface SilencePorts {
  readonly statistics: Pick<StatisticsQueries, 'countsOf' | 'ofSeries'>;
  readonly curated: ObjectReader;
  readonly curatedBucket: string;
  /** The local days of a dataset that have partitions, in order. */
  storedDays(dataset: Dataset): Promise<readonly string[]>;
}

/** Series of one dataset that used to report. */
export interface SilentSeries {
  readonly dataset: string;
  /** In the order of their ids. */
  readonly sensors: readonly {
    readonly sensorId: string;
    /** Local, `YYYY-MM-DD`. */
    readonly lastDay: string;
  }[];
}

/** A series that has been away for longer than this, and for more than ten of its intervals, has ended. */
const endedMs = 30 * dayMs;
/** Three intervals without a reading: one that is late, one that is lost, and no third excuse. */
const silentIntervals = 3;
const endedIntervals = 10;
const daysAtOnce = 100;
const queriesInFlight = 8;
/** Each may have a partition in memory. */
const datasetsAtOnce = 2;

/**
 * The series without a reading for three times `expectedEvery`, of each dataset that declares it. Series are expected while they have
 * had a reading in the last 30 days, or ten of their intervals. Reads the partitions of the days since, and the months before.
 */
export async function silentSeries(
  ports: SilencePorts,
  datasets: readonly Dataset[],
  nowMs: number,
): Promise<SilentSeries[]> {
  const found = await mapBounded(datasets, datasetsAtOnce, async (dataset): Promise<SilentSeries[]> => {
    const { expectedEveryMs } = dataset;
    if (expectedEveryMs === undefined) return [];
    const sinceMs = nowMs - silentIntervals * expectedEveryMs;
    const expectedSinceMs = nowMs - Math.max(endedMs, endedIntervals * expectedEveryMs);
    const expected = await seriesOf(ports, dataset, { fromMs: expectedSinceMs, toMs: nowMs });
    if (expected.size === 0) return [];
    const reported = await reportedSince(ports, dataset, { sinceMs, nowMs });
    const missed = [...expected].filter((id) => !reported.has(id)).sort();
    const span = { fromMs: expectedSinceMs, toMs: nowMs };
    const sensors = await mapBounded(missed, queriesInFlight, async (sensorId) => {
      const lastDay = await lastDayOf(ports, dataset, { sensorId, ...span });
      return lastDay === undefined ? [] : [{ sensorId, lastDay }];
    });
    return [{ dataset: dataset.name, sensors: sensors.flat() }];
  });
  return found.flat();
}

/** Series that have statistics of any month that the span touches. */
async function seriesOf(
  { statistics }: SilencePorts,
  dataset: Dataset,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Set<string>> {
  const sensors = new Set<string>();
  const months = new Set(daysOf(dataset, fromMs, toMs).map((day) => day.slice(0, 7)));
  const shards = [...months].flatMap((period) =>
    Array.from({ length: dataset.shards }, (_, shard) => ({ dataset, period, shard })),
  );
  await mapBounded(shards, queriesInFlight, async (of) => {
    for (const sensorId of (await statistics.countsOf(of)).keys()) sensors.add(sensorId);
  });
  return sensors;
}

/** Series with a reading since then, by their partitions; those of one day are in memory. */
async function reportedSince(
  { curated, curatedBucket: bucket, storedDays }: SilencePorts,
  dataset: Dataset,
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): Promise<Set<string>> {
  const reported = new Set<string>();
  const stored = new Set(await storedDays(dataset));
  // A reading that is ahead of now, by a clock that is, is one all the same.
  for (const day of daysOf(dataset, sinceMs, nowMs + dayMs)) {
    if (!stored.has(day)) continue; // a request a shard for nothing
    for (let shard = 0; shard < dataset.shards; shard++) {
      const key = partitionKey(dataset, { dataset: dataset.name, day, shard });
      const file = await curated.read({ bucket, key });
      if (file === undefined) continue;
      const { columns } = await decodePartition(dataset, file.bytes);
      for (let row = 0; row < columns.length; row++) {
        const sensorId = columns.sensors[columns.sensor[row] ?? -1];
        if (sensorId !== undefined && (columns.timestampMs[row] ?? 0) >= sinceMs) reported.add(sensorId);
      }
    }
  }
  return reported;
}

/** The last day with readings of a series in the span; `undefined` when it has none there. */
async function lastDayOf(
  { statistics }: SilencePorts,
  dataset: Dataset,
  { sensorId, fromMs, toMs }: { sensorId: string; fromMs: number; toMs: number },
): Promise<string | undefined> {
  const { timeZone } = dataset;
  const to = localDay(timeZone, toMs);
  let from = localDay(timeZone, fromMs);
  let last: string | undefined;
  for (let more = true; more && from <= to; ) {
    const page = await statistics.ofSeries({
      dataset,
      sensorId,
      from,
      to,
      limit: daysAtOnce,
    });
    last = page.rows.at(-1)?.period ?? last;
    more = page.more && last !== undefined;
    from = dayName((parseDay(last ?? from) ?? 0) + 1); // behind the last one
  }
  return last;
}

/** The local days from one instant to another, both included. */
function daysOf({ timeZone }: Dataset, fromMs: number, toMs: number): string[] {
  const days = new Set<string>();
  // A local day has at least 23 hours: half a day at a time passes over none.
  for (let atMs = fromMs; atMs < toMs; atMs += dayMs / 2) days.add(localDay(timeZone, atMs));
  return [...days.add(localDay(timeZone, toMs))];
}
