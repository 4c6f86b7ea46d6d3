import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from '../set/columns.ts';
import { mergeStatistics, type PeriodStatistics, seriesStatistics } from '../statistics/statistics.ts';
import { monthOf } from '../time/calendar.ts';

/** A day or month of one series, or of all. */
export interface PeriodPreview {
  /** Local, `YYYY-MM-DD` or `YYYY-MM`. */
  readonly period: string;
  readonly statistics: PeriodStatistics;
  /** The readings of each series that has some. */
  readonly counts: readonly number[];
}

/** The days and months of a set, added up from its partitions as the merge does. */
export class PeriodTotals {
  readonly #dataset: Dataset;
  readonly #days: Totals = new Map();
  /** By sensor, then month. */
  readonly #series = new Map<string, Map<string, PeriodStatistics>>();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  /** Adds a partition: each series of a day once. */
  add(day: string, partition: Columns): void {
    for (const [sensorId, statistics] of seriesStatistics(this.#dataset, partition))
      if (statistics.count > 0) this.#addDay(day, sensorId, statistics); // a day of withdrawn readings is none
  }

  /** In their order. */
  get days(): PeriodPreview[] {
    return inOrder(this.#days);
  }

  get months(): PeriodPreview[] {
    const months: Totals = new Map();
    for (const ofSensor of this.#series.values())
      for (const [month, statistics] of ofSensor) this.#addTo(months, month, statistics);
    return inOrder(months);
  }

  monthsOf(sensorId: string): PeriodPreview[] {
    return [...(this.#series.get(sensorId) ?? [])]
      .map(([period, statistics]) => ({ period, statistics, counts: [statistics.count] }))
      .sort(byPeriod);
  }

  #addDay(day: string, sensorId: string, statistics: PeriodStatistics): void {
    this.#addTo(this.#days, day, statistics);
    const months = this.#series.get(sensorId) ?? new Map<string, PeriodStatistics>();
    this.#series.set(sensorId, months);
    const known = months.get(monthOf(day));
    months.set(monthOf(day), known ? mergeStatistics(this.#dataset, [known, statistics]) : statistics);
  }

  #addTo(totals: Totals, period: string, statistics: PeriodStatistics): void {
    const known = totals.get(period);
    if (known === undefined) totals.set(period, { statistics, counts: [statistics.count] });
    else {
      known.statistics = mergeStatistics(this.#dataset, [known.statistics, statistics]);
      known.counts.push(statistics.count);
    }
  }
}

/** By period, over all sensors. */
type Totals = Map<string, { statistics: PeriodStatistics; counts: number[] }>;

const inOrder = (totals: Totals): PeriodPreview[] =>
  [...totals].map(([period, of]) => ({ period, ...of })).sort(byPeriod);

const byPeriod = (a: PeriodPreview, b: PeriodPreview): number => (a.period < b.period ? -1 : 1);
