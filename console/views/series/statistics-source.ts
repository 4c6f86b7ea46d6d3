import type { AlignedData } from 'uplot';
import type { Answer } from '../../api/operations.ts';
import type { ChartLine, ChartSource } from '../../parts/chart.tsx';
import { aligned } from '../../parts/lines.ts';
import { addDays, dayOf, startOf } from '../../parts/time.ts';

export type Row = Answer<'queryStatistics'>['statistics'][number];

/** Rows of one line: of a sensor, or of all merged, perhaps of an earlier span that is drawn over this one. */
export interface Group {
  readonly label: string;
  readonly rows: readonly Row[];
  /** Days that its rows are moved by, to lie over the span that it is compared with; 0 where it is not compared. */
  readonly shiftDays: number;
}

interface Shown {
  readonly range: boolean;
  readonly deviation: boolean;
  readonly quantiles: boolean;
}

interface StatisticsOf {
  readonly groups: readonly Group[];
  readonly measure: string;
  readonly timeZone: string;
  readonly shown: Shown;
  /** After so many seconds without a row something is missing. */
  readonly gapSeconds: number;
  readonly span: readonly [number, number];
  readonly limits: ChartSource['limits'];
  readonly words: Readonly<Record<'mean' | 'min' | 'max' | 'deviation', string>>;
}

/** Statistics as lines and bands: mean; least to greatest; mean less and plus the standard deviation; quantiles. */
export function statisticsSource(given: StatisticsOf): ChartSource {
  const { groups, measure, timeZone, shown, words } = given;
  const lines: ChartLine[] = [];
  const bands: ChartSource['bands'][number][] = [];
  const values: Map<number, number>[] = [];
  const marks: { x: number; y: number }[] = [];
  const line = (
    entry: ChartLine,
    of: (row: NonNullable<Row['measures'][string]>) => number | undefined,
    group: Group,
  ) => {
    const byTime = new Map<number, number>();
    for (const row of group.rows) {
      const at = row.measures[measure];
      const value = at && of(at);
      if (value !== undefined) byTime.set(placeOf(row.period, group.shiftDays, timeZone), value);
    }
    lines.push(entry);
    values.push(byTime);
    return lines.length - 1;
  };
  groups.forEach((group, index) => {
    const isCompared = group.shiftDays !== 0;
    const of = (what: string): string => (groups.length === 1 ? what : `${group.label} ${what}`);
    const edge = (label: string) => ({ label: of(label), colour: index, kind: 'edge' }) as const;
    if (shown.range && !isCompared) {
      const upper = line(edge(words.max), ({ max }) => max, group);
      const lower = line(edge(words.min), ({ min }) => min, group);
      bands.push({ upper, lower, strength: 0.16 });
    }
    if (shown.deviation && !isCompared) {
      const name = words.deviation;
      const upper = line(edge(`+ ${name}`), ({ mean, standardDeviation }) => mean + standardDeviation, group);
      const lower = line(edge(`− ${name}`), ({ mean, standardDeviation }) => mean - standardDeviation, group);
      bands.push({ upper, lower, strength: 0.28 });
    }
    if (shown.quantiles && !isCompared)
      for (const quantile of ['0.05', '0.5', '0.95'])
        line(
          { label: of(`${Number(quantile) * 100} %`), colour: index, kind: 'thin' },
          ({ quantiles }) => quantiles?.[quantile],
          group,
        );
    line(
      { label: of(words.mean), colour: index, kind: isCompared ? 'dashed' : 'main' },
      ({ mean }) => mean,
      group,
    );
    for (const row of group.rows) {
      const value = row.measures[measure]?.mean;
      if (row.contested > 0 && value !== undefined)
        marks.push({ x: placeOf(row.period, group.shiftDays, timeZone), y: value });
    }
  });
  const data = aligned(values.map(inOrder), given.gapSeconds) as AlignedData;
  return { lines, bands, span: given.span, limits: given.limits, marks, dataFor: () => data };
}

/**
 * Where a row is drawn. Days of the calendar lie over days of the calendar, though the clock may have been put forward between them; an hour
 * is as far from the beginning of its day as it was.
 */
export function placeOf(period: string, shiftDays: number, timeZone: string): number {
  const at = startOf(period, timeZone);
  if (shiftDays === 0) return at;
  const day = dayOf(at * 1_000, timeZone);
  return startOf(addDays(day, shiftDays), timeZone) + (at - startOf(day, timeZone));
}

/** The values of a line as they follow each other in time. */
function inOrder(byTime: ReadonlyMap<number, number>) {
  const x = [...byTime.keys()].sort((a, b) => a - b);
  return { x, y: x.map((time) => byTime.get(time) ?? Number.NaN), first: 0, last: x.length };
}
