import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mergeStatistics, type PeriodStatistics } from '../../../core/statistics/statistics.ts';
import { dayName, monthOf } from '../../../core/time/calendar.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { PeriodOfShard, SeriesRow, StatisticsQueries } from '../../../ports/queries.ts';
import { daysOf, kindOf, lengthOf, shift } from '../answers/span.ts';

/** Parts of a period of a shard that are read at once; as many shards may be read beside it. */
const partsInFlight = 4;
/** Months that are asked for at once, of one series. */
const monthsAtOnce = 240;

/**
 * Years, and spans of days as one, by the days and months that statistics are kept of: of whole months their pages, of what is left the days.
 * The sums of a longer period are those of its parts, so nothing is less exact. Of a shard it holds all series that have readings in
 * the period.
 */
export function withLongerPeriods(kept: StatisticsQueries): StatisticsQueries {
  async function* partsOf(query: PeriodOfShard): AsyncGenerator<readonly SeriesRow[]> {
    const parts = partNames(query.period);
    for (let at = 0; at < parts.length; at += partsInFlight) {
      const some = parts.slice(at, at + partsInFlight);
      const found = await mapBounded(some, partsInFlight, async (period) =>
        (await Array.fromAsync(kept.ofPeriod({ ...query, period }))).flat(),
      );
      yield* found;
    }
  }

  async function mergedRows(query: PeriodOfShard): Promise<SeriesRow[]> {
    const { dataset, period } = query;
    const rows = new Map<string, SeriesRow>();
    for await (const part of partsOf(query)) {
      for (const row of part) {
        const before = rows.get(row.sensorId);
        rows.set(row.sensorId, { ...merged(dataset, [...(before ? [before] : []), row]), period });
      }
    }
    return [...rows.values()];
  }

  return {
    monthBefore: (query) => kept.monthBefore(query),
    hasSeries: (query) => kept.hasSeries(query),
    hasPeriod: (query) => kept.hasPeriod(query), // is asked of months

    async ofSeries(query) {
      const { dataset, sensorId, from, to, limit } = query;
      const kind = kindOf(from);
      if (kind === 'day' || kind === 'month') return kept.ofSeries(query);
      if (kind === 'all') {
        const found: SeriesRow[] = [];
        for (const [first, last] of stretchesOf(partNames(from))) {
          for (let next: string | undefined = first; next !== undefined; ) {
            const page = await kept.ofSeries({ ...query, from: next, to: last, limit: monthsAtOnce });
            found.push(...page.rows);
            next = page.more ? shift(kindOf(first), page.rows.at(-1)?.period ?? last, 1) : undefined;
          }
        }
        return { rows: found.length === 0 ? [] : [{ ...merged(dataset, found), period: from }], more: false };
      }
      const years: SeriesRow[] = [];
      let next: string | undefined = `${from}-01`;
      let months: SeriesRow[] = [];
      while (next !== undefined && years.length <= limit) {
        const page = await kept.ofSeries({
          ...{ dataset, sensorId, from: next, to: `${to}-12` },
          limit: Math.min(monthsAtOnce, 12 * (limit + 1)),
        });
        months.push(...page.rows);
        next = page.more ? shift('month', page.rows.at(-1)?.period ?? next, 1) : undefined;
        // The months of the last year may go on in what comes next.
        const isOpen = ({ period }: SeriesRow) =>
          next !== undefined && period.slice(0, 4) === next.slice(0, 4);
        for (const [year, of] of Map.groupBy(months, ({ period }) => period.slice(0, 4)))
          if (!of.some(isOpen)) years.push({ ...merged(dataset, of), period: year });
        months = months.filter(isOpen);
      }
      return { rows: years.slice(0, limit), more: years.length > limit };
    },

    async *ofPeriod(query) {
      const kind = kindOf(query.period);
      if (kind === 'day' || kind === 'month') yield* kept.ofPeriod(query);
      else yield await mergedRows(query);
    },

    async countsOf(query) {
      const kind = kindOf(query.period);
      if (kind === 'day' || kind === 'month') return kept.countsOf(query);
      const counts = new Map<string, number>();
      const parts = await mapBounded(partNames(query.period), partsInFlight, (period) =>
        kept.countsOf({ ...query, period }),
      );
      for (const part of parts)
        for (const [sensorId, count] of part) counts.set(sensorId, (counts.get(sensorId) ?? 0) + count);
      return counts;
    },
  };
}

function merged(dataset: Dataset, rows: readonly SeriesRow[]): SeriesRow {
  const [first] = rows;
  const statistics: PeriodStatistics = mergeStatistics(
    dataset,
    rows.map((row) => row.statistics),
  );
  return { ...(first as SeriesRow), statistics }; // there is one at the least
}

/** The names of whole months within a year or a span of days, and of the days beside them, in order. */
export function partNames(period: string): string[] {
  const days = daysOf(period);
  if (days === undefined) return [];
  const names: string[] = [];
  for (let day = days.first; day <= days.last; ) {
    const month = monthOf(dayName(day));
    const whole = daysOf(month);
    if (whole?.first === day && whole.last <= days.last) {
      names.push(month);
      day = whole.last + 1;
    } else names.push(dayName(day++));
  }
  return names;
}

/** The first and the last of each run of names of one kind. */
function stretchesOf(names: readonly string[]): [first: string, last: string][] {
  const stretches: [string, string][] = [];
  for (const name of names) {
    const last = stretches.at(-1);
    if (last !== undefined && last[1].length === name.length && follows(name, last[1])) last[1] = name;
    else stretches.push([name, name]);
  }
  return stretches;
}

const follows = (name: string, before: string): boolean =>
  lengthOf({ period: kindOf(name), from: before, to: name }) === 2;
