import type { ChartSource } from '../../parts/chart.tsx';
import { addDays, startOf } from '../../parts/time.ts';
import type { Period } from './span.ts';
import type { Row } from './statistics-source.ts';

interface CountsOf {
  readonly rows: readonly Row[];
  readonly sensors: readonly string[];
  readonly period: Exclude<Period, 'raw'>;
  readonly timeZone: string;
  readonly span: readonly [number, number];
  /** What all events together are called. */
  readonly all: string;
}

/** How many events of a row have each text of the attributes that have only a few: `status created`. */
const countsOf = (row: Pick<Row, 'counts'>): [kind: string, events: number][] =>
  Object.entries(row.counts ?? {}).flatMap(([attribute, texts]) =>
    Object.entries(texts).map(([text, events]): [string, number] => [`${attribute} ${text}`, events]),
  );

/** What is counted apart in any of the rows. */
export const kindsOf = (rows: readonly Pick<Row, 'counts'>[]): string[] => [
  ...new Set(rows.flatMap((row) => countsOf(row).map(([kind]) => kind))),
];

/** How many events of a row are of a kind. */
export const eventsOf = (row: Pick<Row, 'counts'>, kind: string): number =>
  new Map(countsOf(row)).get(kind) ?? 0;

/**
 * Counts of events as lines: of several entities a line each; else of all events, and a thinner one for each text. Where no event was there
 * were none, from the first period that has some to the last: a line at 0, not a gap.
 */
export function countsSource({ rows, sensors, period, timeZone, span, all }: CountsOf): ChartSource {
  const times = timesOf(rows, period, timeZone);
  const column = (of: readonly Row[], value: (row: Row) => number): number[] => {
    const byTime = new Map(of.map((row) => [startOf(row.period, timeZone), value(row)]));
    return times.map((time) => byTime.get(time) ?? 0);
  };
  const lines =
    sensors.length > 1
      ? sensors.map((sensor) => ({
          label: sensor,
          values: column(
            rows.filter(({ sensorId }) => sensorId === sensor),
            (row) => row.count,
          ),
        }))
      : [
          { label: all, values: column(rows, (row) => row.count) },
          ...kindsOf(rows).map((kind) => ({
            label: kind,
            values: column(rows, (row) => eventsOf(row, kind)),
          })),
        ];
  const data = [times, ...lines.map(({ values }) => values)] as ReturnType<ChartSource['dataFor']>;
  return {
    lines: lines.map(({ label }, colour) => ({
      label,
      colour,
      kind: colour === 0 || sensors.length > 1 ? 'main' : 'thin',
    })),
    bands: [],
    span,
    limits: [],
    marks: [],
    dataFor: () => data,
  };
}

/** When each period begins, from the first row to the last, in seconds since 1970. */
function timesOf(rows: readonly Row[], period: CountsOf['period'], timeZone: string): number[] {
  const periods = rows.map((row) => row.period).sort((a, b) => startOf(a, timeZone) - startOf(b, timeZone));
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = startOf(last, timeZone);
  const times: number[] = [];
  if (period === 'hour') for (let at = startOf(first, timeZone); at <= end; at += 3_600) times.push(at);
  else
    for (let day = first.padEnd(10, '-01'); startOf(day, timeZone) <= end; day = following(day, period))
      times.push(startOf(day, timeZone));
  return times;
}

const following = (day: string, period: 'day' | 'month'): string =>
  period === 'day' ? addDays(day, 1) : `${addDays(day, 31).slice(0, 7)}-01`;
