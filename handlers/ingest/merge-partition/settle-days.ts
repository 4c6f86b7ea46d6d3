import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { PartitionId } from '../../../core/partition/partition.ts';
import type { PageSeries } from '../../../core/statistics/page-bytes.ts';
import { maxPageDepth, pageAt, pageHash, seriesOnPage } from '../../../core/statistics/pages.ts';
import type { PeriodStatistics } from '../../../core/statistics/statistics.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Gate } from '../../../ports/concurrency.ts';
import type { PagePlace, PageStore, StatisticsPage } from '../../../ports/pages.ts';
import type { AlertBook } from '../../../ports/records.ts';
import { alertChanges, writeAlerts } from './alerts.ts';
import { bytesOrSplit, haveTooMuchText, inOrder, layOut } from './lay-out.ts';

export interface DayPorts {
  statistics: PageStore;
  alerts: AlertBook;
  clock: Clock;
  /** Bounds the writes of all partitions in work. */
  writes: Gate;
}

/** A partition's set as it is stored. */
export interface PartitionState {
  dataset: Dataset;
  id: PartitionId;
  /** All series of the set. */
  sensors: readonly string[];
  /** Those that share a page with what was merged, at least; in any case some of the set's. */
  computed: PageSeries;
  /** Of any other series of the set. */
  compute: (sensorIds: readonly string[]) => Promise<PageSeries>;
  version: number;
}

export type DaysSettled =
  /** Everything stored says what the set says; nothing was written. */
  | { kind: 'equal' }
  /** Something was written. `contended`: something else was not, since somebody else wrote meanwhile. */
  | { kind: 'wrote'; contended: boolean; newAlerts: number }
  /** Something stored differs, but has `version` or a higher one: nothing was written. */
  | { kind: 'outranked'; version: number };

/** A page as the set has it. */
export interface DayPage extends PagePlace {
  series: PageSeries;
  bytes: Uint8Array;
  stored: StatisticsPage | undefined;
}

/**
 * Makes the pages and alerts of the given sensors, and of those on the same pages, say what the partition's set says.
 *
 * What is stored is compared, not only what this run changed: an earlier run may have crashed between the partition
 * and its statistics. Alerts are compared beside the page, not deduced from it, for the same reason: a crash
 * between the two, with a correction in the set since, would leave an alert that no page remembers. Alerts go first:
 * once the page is there, readers may count on them.
 */
export async function settleDays(
  ports: DayPorts,
  state: PartitionState,
  sensorIds: readonly string[],
): Promise<DaysSettled> {
  const { dataset, id, version } = state;
  const day = { dataset: dataset.storageName, shard: id.shard, day: id.day };
  const [pages, storedAlerts] = await Promise.all([
    pagesOfDay(ports.statistics, state, sensorIds),
    Object.keys(dataset.alerts).length === 0 ? [] : ports.alerts.ofDay(day),
  ]);
  const due = pages.filter(differs);
  const series = new Map(pages.flatMap((page) => [...page.series]));
  const changes = alertChanges(dataset, day, series, storedAlerts);
  if (due.length === 0 && changes.length === 0) return { kind: 'equal' };
  const outrankedBy = Math.max(
    0,
    ...due.map(({ stored }) => stored?.version ?? 0),
    ...changes.map((change) => (change.kind === 'revise' ? change.read.version : 0)),
  );
  if (outrankedBy >= version) return { kind: 'outranked', version: outrankedBy };

  const createdAt = new Date(ports.clock.nowMs()).toISOString();
  const { newAlerts, contended } = await writeAlerts(ports, changes, { version, createdAt });
  if (contended) return { kind: 'wrote', contended, newAlerts };
  const of = { dataset: dataset.storageName, shard: id.shard, period: id.day };
  const written = await inOrder(due, ({ n, depth, bytes }) =>
    ports.writes(() => ports.statistics.write(of, { n, depth, version, bytes })),
  );
  return { kind: 'wrote', contended: written.includes('superseded'), newAlerts };
}

const differs = ({ depth, bytes, stored }: DayPage): boolean =>
  stored === undefined || stored.depth !== depth || !Buffer.from(stored.bytes).equals(bytes);

/** The pages of a partition's day on which the sensors are, as its set has them, beside what is stored of them. */
export async function pagesOfDay(
  statistics: Pick<PageStore, 'read'>,
  { dataset, id, sensors, computed, compute }: Omit<PartitionState, 'version'>,
  sensorIds: readonly string[],
): Promise<DayPage[]> {
  const most = seriesOnPage(dataset);
  const hashed = sensors.map((sensorId) => ({ sensorId, hash: pageHash(sensorId) }));
  const of = { dataset: dataset.storageName, shard: id.shard, period: id.day };
  const hashes = sensorIds.map(pageHash);
  const isTooLarge = (members: readonly HashedSeries[]) =>
    members.length > most || haveTooMuchText(members.flatMap(({ sensorId }) => computed.get(sensorId) ?? []));
  const numbers = new Set(numbersOnTheWay(hashed, hashes, isTooLarge));
  const together = statistics.read(of, [...numbers]);
  const further = new Map<number, Promise<StatisticsPage | undefined>>();
  return layOut<DayPage>(
    {
      async stored(n) {
        if (numbers.has(n)) return (await together).get(n);
        const known = further.get(n) ?? statistics.read(of, [n]).then((pages) => pages.get(n));
        further.set(n, known);
        return known;
      },
      async pageOf({ n, depth }, stored) {
        const ids = hashed.filter(({ hash }) => pageAt(hash, depth) === n).map(({ sensorId }) => sensorId);
        if (ids.length > most && depth < maxPageDepth) return 'split';
        const missing = ids.filter((sensorId) => !computed.has(sensorId));
        const rest = missing.length === 0 ? undefined : await compute(missing);
        const series = new Map<string, PeriodStatistics>();
        for (const sensorId of ids) {
          const found = computed.get(sensorId) ?? rest?.get(sensorId);
          if (found !== undefined) series.set(sensorId, found);
        }
        const bytes = bytesOrSplit(series, { n, depth }, most);
        return bytes === 'split' ? 'split' : { n, depth, series, bytes, stored };
      },
    },
    hashes,
  );
}

interface HashedSeries {
  readonly sensorId: string;
  readonly hash: number;
}

/** The series that share a page with some of these, if nothing is stored yet that is cut further. */
export function besideOnPages(
  dataset: Dataset,
  sensors: readonly string[],
  sensorIds: readonly string[],
): string[] {
  const most = seriesOnPage(dataset);
  if (sensors.length <= most) return [...sensors];
  const found: string[] = [];
  const touched = new Set(sensorIds);
  eachPage(
    sensors.map((sensorId) => ({ sensorId, hash: pageHash(sensorId) })),
    ({ length }) => length > most,
    (_, members) => {
      if (members.some(({ sensorId }) => touched.has(sensorId)))
        for (const { sensorId } of members) found.push(sensorId);
    },
  );
  return found;
}

/** Numbers of the pages on which series with these hashes are, and of those that lead there, if nothing is stored yet that is cut further. */
function numbersOnTheWay(
  series: readonly HashedSeries[],
  hashes: readonly number[],
  isTooLarge: IsTooLarge,
): number[] {
  const numbers = new Set([0]);
  eachPage(series, isTooLarge, ({ n, depth }) => {
    if (!hashes.some((hash) => pageAt(hash, depth) === n)) return;
    for (let bits = 1; bits <= depth; bits++) numbers.add(pageAt(n, bits));
  });
  return [...numbers];
}

/** Whether series are too many or too much for one page, as far as is known without encoding them. */
type IsTooLarge = (series: readonly HashedSeries[]) => boolean;

/** The pages into which series are cut. */
function eachPage(
  series: readonly HashedSeries[],
  isTooLarge: IsTooLarge,
  found: (place: PagePlace, members: readonly HashedSeries[]) => void,
  { n, depth }: PagePlace = { n: 0, depth: 0 },
): void {
  if (series.length <= 1 || depth >= maxPageDepth || !isTooLarge(series)) {
    found({ n, depth }, series);
    return;
  }
  for (const half of [n, n + 2 ** depth]) {
    const members = series.filter(({ hash }) => pageAt(hash, depth + 1) === half);
    eachPage(members, isTooLarge, found, { n: half, depth: depth + 1 });
  }
}
