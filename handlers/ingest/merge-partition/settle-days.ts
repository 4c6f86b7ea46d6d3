import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { PartitionId } from '../../../core/partition/partition.ts';
import type { PeriodStatistics } from '../../../core/statistics/statistics.ts';
import type { Clock } from '../../../ports/clock.ts';
import { type Gate, mapBounded } from '../../../ports/concurrency.ts';
import type { AlertBook, StatisticsStore, StoredAlert, StoredStatistics } from '../../../ports/records.ts';
import { type AlertChange, alertChange, alertKeysOf, writeAlert } from './alerts.ts';
import { sameStatistics } from './day-statistics.ts';

/** Series of one partition that queue for a write at once. */
const seriesInFlight = 32;

export interface DayPorts {
  statistics: StatisticsStore;
  alerts: AlertBook;
  clock: Clock;
  /** Bounds the writes of all partitions in work. */
  writes: Gate;
}

/** A partition's set as it is stored. */
export interface PartitionState {
  dataset: Dataset;
  id: PartitionId;
  /** Of the set, by sensor. */
  computed: ReadonlyMap<string, PeriodStatistics>;
  version: number;
}

export type DaysSettled =
  /** Everything stored says what the set says; nothing was written. */
  | { kind: 'equal' }
  /** Something was written. `contended`: something else was not, since somebody else wrote meanwhile. */
  | { kind: 'wrote'; contended: boolean; sensors: string[]; newAlerts: number }
  /** Something stored differs, but has `version` or a higher one: nothing was written. */
  | { kind: 'outranked'; version: number };

/** What is stored of one series on the partition's day, and what has to be written. */
interface SeriesDay {
  sensorId: string;
  computed: PeriodStatistics;
  dayDiffers: boolean;
  changes: AlertChange[];
}

/**
 * Makes the day items and alerts of the given sensors say what the partition's set says.
 *
 * What is stored is compared, not only what this run changed: an earlier run may have crashed between the partition
 * and its statistics. Alerts are compared beside the day item, not deduced from it, for the same reason: a crash
 * between the two, with a correction in the set since, would leave an alert that no day item remembers. Alerts go first:
 * once the day item is there, readers may count on them.
 */
export async function settleDays(
  ports: DayPorts,
  state: PartitionState,
  sensorIds: readonly string[],
): Promise<DaysSettled> {
  const { dataset, id, version } = state;
  const { due, outrankedBy } = await compare(ports, state, sensorIds);
  if (due.length === 0) return { kind: 'equal' };
  if (outrankedBy >= version) return { kind: 'outranked', version: outrankedBy };

  const createdAt = new Date(ports.clock.nowMs()).toISOString();
  const writeSeries = async ({ sensorId, computed, dayDiffers, changes }: SeriesDay) => {
    let newAlerts = 0;
    for (const change of changes) {
      if ((await writeAlert(ports.alerts, change, { version, createdAt })) === 'conflict') {
        return { sensorId, wroteDay: false, newAlerts, contended: true };
      }
      if (change.kind === 'create') newAlerts++;
    }
    if (!dayDiffers) return { sensorId, wroteDay: false, newAlerts, contended: false };
    const key = { dataset: dataset.storageName, sensorId, period: id.day, shard: id.shard };
    const written = await ports.statistics.write(key, { version, statistics: computed });
    return { sensorId, wroteDay: written === 'written', newAlerts, contended: written === 'superseded' };
  };
  const outcomes = await mapBounded(due, seriesInFlight, (series) => ports.writes(() => writeSeries(series)));
  return {
    kind: 'wrote',
    contended: outcomes.some((outcome) => outcome.contended),
    sensors: outcomes.filter((outcome) => outcome.wroteDay).map((outcome) => outcome.sensorId),
    newAlerts: outcomes.reduce((sum, outcome) => sum + outcome.newAlerts, 0),
  };
}

/** The series that differ from what is stored, and the highest version among the stored things that differ (0: none). */
async function compare(
  { statistics, alerts }: DayPorts,
  { dataset, id, computed: computedBySensor }: PartitionState,
  sensorIds: readonly string[],
): Promise<{ due: SeriesDay[]; outrankedBy: number }> {
  const keys = sensorIds.map((sensorId) => alertKeysOf(dataset, sensorId, id.day));
  const rules = Object.keys(dataset.alerts).length;
  const [storedDays, storedAlerts] = await Promise.all([
    statistics.read(
      sensorIds.map((sensorId) => ({ dataset: dataset.storageName, sensorId, period: id.day })),
    ),
    rules === 0 ? Promise.resolve<(StoredAlert | undefined)[]>([]) : alerts.read(keys.flat()),
  ]);
  let outrankedBy = 0;
  const due: SeriesDay[] = [];
  sensorIds.forEach((sensorId, index) => {
    const computed = computedBySensor.get(sensorId);
    if (computed === undefined) return; // only a sensor without a reading in the set, and then there is nothing to say
    const changes = (keys[index] ?? []).flatMap((key, rule) => {
      return alertChange(dataset, key, computed, storedAlerts[index * rules + rule]) ?? [];
    });
    const stored: StoredStatistics | undefined = storedDays[index];
    const dayDiffers = stored === undefined || !sameStatistics(stored.statistics, computed);
    if (!dayDiffers && changes.length === 0) return;
    due.push({ sensorId, computed, dayDiffers, changes });
    const versions = changes.map((change) => (change.kind === 'revise' ? change.read.version : 0));
    outrankedBy = Math.max(outrankedBy, dayDiffers ? (stored?.version ?? 0) : 0, ...versions);
  });
  return { due, outrankedBy };
}
