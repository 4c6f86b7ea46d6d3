import type { Dataset } from '../../core/dataset/dataset.ts';
import type { PartitionId } from '../../core/partition/partition.ts';
import { projectionsOf } from '../../core/projections/states.ts';
import type { Columns } from '../../core/set/columns.ts';
import { decodePage, type PageSeries } from '../../core/statistics/page-bytes.ts';
import { type PeriodStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';
import { daysOfMonth } from '../../core/time/calendar.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import { alertChanges } from '../../handlers/ingest/merge-partition/alerts.ts';
import { pagesOfDay } from '../../handlers/ingest/merge-partition/settle-days.ts';
import { pagesOfMonth } from '../../handlers/ingest/merge-partition/settle-months.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { StatisticsUnreadable } from '../../ports/faults.ts';
import type { ShardPeriod, StatisticsPage } from '../../ports/pages.ts';
import { type Difference, fixOf, type Repair, statisticsDifference } from '../shared/differences.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';

/** Each has the pages of its days in memory. */
const monthsInFlight = 8;

export interface PagesCompared {
  readonly differences: readonly Difference[];
  /** Series on the pages, stored or not. */
  readonly series: number;
}

/** Numbers of the pages that are stored of a dataset, by shard and period. */
export class StoredPages {
  readonly #numbers = new Map<string, ShardPeriod & { numbers: number[] }>();
  /** Those of the dataset's projections, where it has some. */
  #projections: StoredPages | undefined;

  static async of(ports: Pick<ReconcilePorts, 'pages'>, dataset: Dataset): Promise<StoredPages> {
    const found = new StoredPages();
    for await (const { n, ...of } of ports.pages(dataset)) {
      const known = found.#numbers.get(nameOf(of)) ?? { ...of, numbers: [] };
      found.#numbers.set(nameOf(of), known);
      known.numbers.push(n);
    }
    const projections = projectionsOf(dataset);
    if (projections !== undefined) found.#projections = await StoredPages.of(ports, projections);
    return found;
  }

  get projections(): StoredPages | undefined {
    return this.#projections;
  }

  numbers(of: Pick<ShardPeriod, 'shard' | 'period'>): readonly number[] {
    return this.#numbers.get(nameOf(of))?.numbers ?? [];
  }

  /** Periods of one kind, in their order, that have pages. */
  periods(kind: 'day' | 'month'): ShardPeriod[] {
    return [...this.#numbers.values()]
      .filter(({ period }) => (period.length === 7) === (kind === 'month'))
      .map(({ dataset, shard, period }) => ({ dataset, shard, period }))
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }
}

const nameOf = ({ shard, period }: Pick<ShardPeriod, 'shard' | 'period'>): string => `${period}#${shard}`;

/**
 * Compares the pages and alerts of a partition's day with the set that the partition should hold, and the pages of its projections.
 * @param of.columns `undefined` for the empty set
 * @param of.isRebuilt the partition's file is not there, or may have to go
 */
export async function compareDay(
  ports: ReconcilePorts,
  stored: StoredPages,
  work: DayWork,
): Promise<PagesCompared> {
  const found = await comparePages(ports, stored, work);
  const projections = projectionsOf(work.dataset);
  if (projections === undefined || stored.projections === undefined) return found;
  const { differences } = await comparePages(ports, stored.projections, { ...work, dataset: projections });
  return { ...found, differences: [...found.differences, ...differences] };
}

interface DayWork {
  readonly dataset: Dataset;
  readonly id: PartitionId;
  readonly columns: Columns | undefined;
  readonly replay: Repair;
  readonly isRebuilt?: boolean;
}

async function comparePages(
  ports: ReconcilePorts,
  stored: StoredPages,
  { dataset, id, columns, replay, isRebuilt = false }: DayWork,
): Promise<PagesCompared> {
  const of = { dataset: dataset.storageName, shard: id.shard, period: id.day };
  const computed: PageSeries = columns === undefined ? new Map() : statisticsByDay(dataset, columns);
  const sensors = [...computed.keys()];
  return unlessUnreadable(ports, { of, replay }, async () => {
    const pages =
      sensors.length === 0
        ? []
        : await pagesOfDay(
            ports.statistics,
            { dataset, id, sensors, computed, compute: async () => computed },
            sensors,
          );
    const month = { ...of, period: id.day.slice(0, 7) };
    const clearingMonth = stored.numbers(month).map((n) => removal(ports, month, n));
    // A merge without a file takes a page of more readings for a proof that the file was lost, and stops.
    const clearing = [...stored.numbers(of).map((n) => removal(ports, of, n)), ...clearingMonth];
    const found = await foreignPages(ports, stored, {
      of,
      expected: pages.map(({ n }) => n),
      // Its month has it too, and is only written again by a merge of it, which may be of other days.
      next: [...clearingMonth, replayOfMonth(dataset, month)],
    });
    const differences = [...found.differences];
    for (const page of pages) {
      differences.push(
        ...pageDifferences({ of, n: page.n, expected: page.series, stored: page.stored }, (isMore) =>
          isRebuilt && isMore ? [...clearing, replay] : [replay],
        ),
      );
    }
    differences.push(...(await alertDifferences(ports, { dataset, id, computed, replay })));
    return { differences, series: computed.size + found.series };
  });
}

/** The partitions of days in the span that have pages, whether or not they have a file. */
export function daysWithPages(dataset: Dataset, stored: StoredPages, span: DaySpan): PartitionId[] {
  const days = [...stored.periods('day'), ...(stored.projections?.periods('day') ?? [])];
  return days
    .filter(({ period }) => inSpan(period, span))
    .map(({ shard, period }) => ({ dataset: dataset.name, day: period, shard }));
}

/** Compares the months that the span touches, of which there are pages or some of these days, and those of the dataset's projections. */
export async function compareMonths(
  ports: ReconcilePorts,
  stored: StoredPages,
  work: MonthsWork,
): Promise<PagesCompared> {
  const found = await comparePagesOfMonths(ports, stored, work);
  const projections = projectionsOf(work.dataset);
  if (projections === undefined || stored.projections === undefined) return found;
  const of = { ...work, dataset: projections };
  const { differences } = await comparePagesOfMonths(ports, stored.projections, of);
  return { ...found, differences: [...found.differences, ...differences] };
}

interface MonthsWork {
  readonly dataset: Dataset;
  readonly span: DaySpan;
  readonly days: readonly PartitionId[];
}

async function comparePagesOfMonths(
  ports: ReconcilePorts,
  stored: StoredPages,
  { dataset, span, days }: MonthsWork,
): Promise<PagesCompared> {
  const ofSpan = { from: span.from?.slice(0, 7), to: span.to?.slice(0, 7) };
  const months = new Map<string, ShardPeriod>();
  for (const month of stored.periods('month'))
    if (inSpan(month.period, ofSpan)) months.set(nameOf(month), month);
  for (const { shard, day } of days) {
    const month = { dataset: dataset.storageName, shard, period: day.slice(0, 7) };
    months.set(nameOf(month), month);
  }
  const found = await mapBounded([...months.values()], monthsInFlight, (month) =>
    compareMonth(ports, stored, dataset, month),
  );
  return {
    differences: found.flatMap(({ differences }) => differences),
    series: found.reduce((sum, { series }) => sum + series, 0),
  };
}

/** Compares the pages of a month with what the pages of its days come to. */
async function compareMonth(
  ports: ReconcilePorts,
  stored: StoredPages,
  dataset: Dataset,
  month: ShardPeriod,
): Promise<PagesCompared> {
  const replay = replayOfMonth(dataset, month);
  const days = stored
    .periods('day')
    .filter(({ shard, period }) => shard === month.shard && period.startsWith(`${month.period}-`));
  // A page's number is what the hashes of its series end in.
  const hashes = new Set([month, ...days].flatMap((period) => stored.numbers(period)));
  return unlessUnreadable(ports, { of: month, replay }, async () => {
    const pages =
      days.length === 0 ? [] : await pagesOfMonth(ports.statistics, { dataset, month, hashes: [...hashes] });
    const found = await foreignPages(ports, stored, {
      ...{ of: month, next: [replay], expected: pages.map(({ n }) => n) },
    });
    const differences = [...found.differences];
    let series = found.series;
    for (const { n, bytes, stored: page } of pages) {
      const expected = decodePage(bytes as Uint8Array); // each is folded
      series += expected.size;
      // A month that names the versions of its days is taken for right: only when it is gone it is written again.
      differences.push(
        ...pageDifferences({ of: month, n, expected, stored: page }, () =>
          page === undefined ? [replay] : [removal(ports, month, n), replay],
        ),
      );
    }
    return { differences, series };
  });
}

function replayOfMonth(dataset: Dataset, { period }: ShardPeriod): Repair {
  const days = daysOfMonth(period);
  const [from, to] = [days[0] as string, days.at(-1) as string]; // a month has days
  return { kind: 'replay-readings', dataset: dataset.name, from, to };
}

/** What can't be read is a difference too. */
async function unlessUnreadable(
  ports: ReconcilePorts,
  { of, replay }: { of: ShardPeriod; replay: Repair },
  compare: () => Promise<PagesCompared>,
): Promise<PagesCompared> {
  try {
    return await compare();
  } catch (fault) {
    if (!(fault instanceof StatisticsUnreadable)) throw fault;
    const { page } = fault;
    if (page.of.period !== of.period) return { differences: [], series: 0 }; // a day that a month lacks has been named
    const what = `can't be read: ${fault.message}`;
    const fix = fixOf([removal(ports, page.of, page.n), replay]);
    return { differences: [{ kind: kindOf(of), name: pageName(page.of, page.n), what, ...fix }], series: 0 };
  }
}

/**
 * Pages that are stored of a period where none should be.
 * @param next what is to be done when they are gone
 */
async function foreignPages(
  ports: ReconcilePorts,
  stored: StoredPages,
  { of, expected, next }: { of: ShardPeriod; expected: readonly number[]; next: readonly Repair[] },
): Promise<PagesCompared> {
  const foreign = stored.numbers(of).filter((n) => !expected.includes(n));
  const pages = foreign.length === 0 ? [] : [...(await ports.statistics.read(of, foreign)).values()];
  const counts = pages.map(({ bytes }) => decodePage(bytes));
  const differences = pages.map(({ n }, index): Difference => {
    const series = counts[index] as PageSeries; // one for each
    const nothing = kindOf(of) === 'day' ? 'no reading' : 'no day';
    const what = `there is a page of ${inWords(series)}, and ${nothing} that belongs on it`;
    return { kind: kindOf(of), name: pageName(of, n), what, ...fixOf([removal(ports, of, n), ...next]) };
  });
  return { differences, series: counts.reduce((sum, { size }) => sum + size, 0) };
}

/** How a stored page differs from what it should be: as a whole, or by series. */
function pageDifferences(
  {
    of,
    n,
    expected,
    stored,
  }: { of: ShardPeriod; n: number; expected: PageSeries; stored: StatisticsPage | undefined },
  repairs: (isMore: boolean) => readonly Repair[],
): Difference[] {
  const kind = kindOf(of);
  if (stored === undefined) {
    const what = `missing, ${inWords(expected)}`;
    return [{ kind, name: pageName(of, n), what, ...fixOf(repairs(false)) }];
  }
  const found = decodePage(stored.bytes);
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((sensorId) => {
    const [is, should] = [found.get(sensorId), expected.get(sensorId)];
    const what = seriesDifference(is, should);
    if (what === undefined) return [];
    const name = `statistics of ${of.dataset} ${sensorId} ${of.period}`;
    return [{ kind, name, what, ...fixOf(repairs((is?.count ?? 0) > (should?.count ?? 0))) }];
  });
}

function seriesDifference(
  is: PeriodStatistics | undefined,
  should: PeriodStatistics | undefined,
): string | undefined {
  if (should === undefined) return `its page has ${is?.count} readings of it, and there is none`;
  if (is === undefined) return `missing, ${should.count} readings`;
  return statisticsDifference(is, should);
}

async function alertDifferences(
  ports: ReconcilePorts,
  {
    dataset,
    id,
    computed,
    replay,
  }: { dataset: Dataset; id: PartitionId; computed: PageSeries; replay: Repair },
): Promise<Difference[]> {
  if (ports.alerts === undefined || Object.keys(dataset.alerts).length === 0) return [];
  const day = { dataset: dataset.storageName, shard: id.shard, day: id.day };
  const stored = await ports.alerts.ofDay(day);
  return alertChanges(dataset, day, computed, stored).map((change): Difference => {
    const { sensorId, rule } = change.key;
    const what =
      change.kind === 'create'
        ? 'missing'
        : change.content.withdrawn
          ? 'should be withdrawn: no reading breaks the rule'
          : `says ${change.read.content.count} readings, worst ${change.read.content.worst}; there are ${change.content.count}, worst ${change.content.worst}`;
    const name = `alert ${rule} of ${dataset.storageName} ${sensorId} ${id.day}`;
    return { kind: 'alert', name, what, ...fixOf([replay]) };
  });
}

const kindOf = ({ period }: ShardPeriod): 'day' | 'month' => (period.length === 7 ? 'month' : 'day');

const pageName = ({ dataset, shard, period }: ShardPeriod, n: number): string =>
  `statistics of ${dataset} ${period}, shard ${shard}, page ${n}`;

const removal = (ports: ReconcilePorts, of: ShardPeriod, n: number): Repair => ({
  ...{ kind: 'remove-statistics', table: ports.statisticsTable },
  page: { of, n },
});

function inWords(series: PageSeries): string {
  let readings = 0;
  for (const { count } of series.values()) readings += count;
  return `${series.size} series, ${readings} readings`;
}
