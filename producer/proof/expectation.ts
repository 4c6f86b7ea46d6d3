import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import {
  addValue,
  type ExactSums,
  lowestExponent,
  mean,
  mergeSums,
  noSums,
  scaled,
  standardDeviation,
} from './exact-sums.ts';
import { ExpectedRows } from './expectation-rows.ts';

/** What a measure's statistics must be. Times are ISO 8601 in UTC, of the first occurrence. */
export interface ExpectedMeasure {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly minAt: string;
  readonly max: number;
  readonly maxAt: string;
  /** Of the population. */
  readonly standardDeviation: number;
}

export interface ExpectedPeriod {
  /** Readings. */
  readonly count: number;
  /** The measures that occur at least once. */
  readonly measures: Readonly<Record<string, ExpectedMeasure>>;
}

/** lines = rejected + distinct + repeated. Repeated counts exact repeats and superseded versions. */
interface ExpectedTotals {
  readonly lines: number;
  readonly rejected: number;
  readonly distinct: number;
  readonly repeated: number;
}

/** The file that `--expect` writes. */
export interface Expectation {
  readonly format: 'caudal-expectation/1';
  /** All of the source was sent; otherwise the statistics are of more than what arrived. */
  readonly complete: boolean;
  readonly datasets: Readonly<Record<string, ExpectedDataset>>;
}

interface ExpectedDataset {
  readonly timeZone: string;
  readonly totals: ExpectedTotals;
  /** By sensor, then by local month `YYYY-MM` and local day `YYYY-MM-DD`. */
  readonly sensors: Readonly<
    Record<string, { months: Record<string, ExpectedPeriod>; days: Record<string, ExpectedPeriod> }>
  >;
}

/**
 * Computes what the pipeline must show for what was sent. It shares neither the statistics nor the calendar with
 * `core/`: exact rational arithmetic, days by Intl, so that a fault there shows as a difference.
 */
export class ExpectationBuilder {
  readonly #datasets = new Map<string, { dataset: Dataset; rows: ExpectedRows; rejected: number }>();

  /** A valid line was sent. */
  reading(dataset: Dataset, reading: Reading): void {
    this.#of(dataset).rows.add(reading);
  }

  /** A line was sent that must be rejected. */
  invalid(dataset: Dataset): void {
    this.#of(dataset).rejected += 1;
  }

  build(complete: boolean): Expectation {
    const datasets = [...this.#datasets].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      format: 'caudal-expectation/1',
      complete,
      datasets: Object.fromEntries(
        datasets.map(([name, { dataset, rows, rejected }]) => [
          name,
          expectedDataset(dataset, rows, rejected),
        ]),
      ),
    };
  }

  #of(dataset: Dataset) {
    const known = this.#datasets.get(dataset.name);
    if (known !== undefined) return known;
    const made = { dataset, rows: new ExpectedRows(dataset), rejected: 0 };
    this.#datasets.set(dataset.name, made);
    return made;
  }
}

function expectedDataset(dataset: Dataset, rows: ExpectedRows, rejected: number): ExpectedDataset {
  const dayOf = localDays(dataset.timeZone);
  const scale = dataset.measureNames.map(() => 0);
  let distinct = 0;
  for (const { values } of rows.distinct()) {
    distinct += 1;
    for (const [index, value] of values.entries()) {
      if (value !== null) scale[index] = Math.min(scale[index] ?? 0, lowestExponent(value));
    }
  }
  // Without a prototype: an id may be `__proto__`.
  const sensors: Record<string, Record<string, Period>> = Object.create(null);
  for (const { sensorId, timestampMs, values } of rows.distinct()) {
    sensors[sensorId] ??= {};
    const days = sensors[sensorId];
    const day = dayOf(timestampMs);
    days[day] ??= { count: 0, measures: dataset.measureNames.map(() => undefined) };
    addReading(days[day], timestampMs, values, scale);
  }
  const finished = Object.entries(sensors).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    timeZone: dataset.timeZone,
    totals: { lines: rows.length + rejected, rejected, distinct, repeated: rows.length - distinct },
    sensors: Object.fromEntries(
      finished.map(([sensorId, days]) => {
        const months: Record<string, Period> = {};
        for (const [day, period] of Object.entries(days)) {
          const month = day.slice(0, 7);
          const known = months[month];
          months[month] = known === undefined ? period : merged(known, period);
        }
        return [sensorId, { months: shown(months, dataset, scale), days: shown(days, dataset, scale) }];
      }),
    ),
  };
}

interface Period {
  count: number;
  /** By measure; `undefined` where none occurred. */
  measures: ((Extremes & { sums: ExactSums }) | undefined)[];
}

interface Extremes {
  min: number;
  minAtMs: number;
  max: number;
  maxAtMs: number;
}

function addReading(
  period: Period,
  atMs: number,
  values: readonly (number | null)[],
  scale: readonly number[],
): void {
  period.count += 1;
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const single = {
      sums: addValue(noSums, scaled(value, scale[index] ?? 0)),
      min: value + 0, // -0 + 0 is 0
      minAtMs: atMs,
      max: value + 0,
      maxAtMs: atMs,
    };
    const known = period.measures[index];
    period.measures[index] = known === undefined ? single : both(known, single);
  }
}

/** Of two that follow each other in time. */
function both(a: Extremes & { sums: ExactSums }, b: Extremes & { sums: ExactSums }) {
  return {
    sums: mergeSums(a.sums, b.sums),
    ...(b.min < a.min ? { min: b.min, minAtMs: b.minAtMs } : { min: a.min, minAtMs: a.minAtMs }),
    ...(b.max > a.max ? { max: b.max, maxAtMs: b.maxAtMs } : { max: a.max, maxAtMs: a.maxAtMs }),
  };
}

function merged(a: Period, b: Period): Period {
  return {
    count: a.count + b.count,
    measures: a.measures.map((known, index) => {
      const other = b.measures[index];
      return known === undefined || other === undefined ? (known ?? other) : both(known, other);
    }),
  };
}

function shown(
  periods: Record<string, Period>,
  dataset: Dataset,
  scale: readonly number[],
): Record<string, ExpectedPeriod> {
  const entries = Object.entries(periods).map(([key, { count, measures }]) => {
    const present = measures.flatMap((measure, index) => {
      if (measure === undefined || dataset.measures[dataset.measureNames[index] ?? '']?.type !== undefined)
        return [];
      const exponent = scale[index] ?? 0;
      const statistics: ExpectedMeasure = {
        count: measure.sums.count,
        mean: mean(measure.sums, exponent),
        min: measure.min,
        minAt: new Date(measure.minAtMs).toISOString(),
        max: measure.max,
        maxAt: new Date(measure.maxAtMs).toISOString(),
        standardDeviation: standardDeviation(measure.sums, exponent),
      };
      return [[dataset.measureNames[index] ?? '', statistics] as const];
    });
    return [key, { count, measures: Object.fromEntries(present) }] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const quarterHourMs = 900_000;

/**
 * A function from UTC ms to the local day, `YYYY-MM-DD`, by Intl alone. It remembers quarters of an hour that begin
 * and end on one day; in the others, as where a clock goes back over midnight, each instant is asked for.
 */
export function localDays(timeZone: string): (timestampMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const days = new Map<string, string>();
  const quarters = new Map<number, string | undefined>();
  const ask = (timestampMs: number): string => {
    const day = format.format(timestampMs);
    // One string a day, however many quarters share it.
    if (!days.has(day)) days.set(day, day);
    return days.get(day) ?? day;
  };
  return (timestampMs) => {
    const quarter = Math.floor(timestampMs / quarterHourMs);
    if (!quarters.has(quarter)) {
      const first = ask(quarter * quarterHourMs);
      quarters.set(quarter, first === ask((quarter + 1) * quarterHourMs - 1) ? first : undefined);
    }
    return quarters.get(quarter) ?? ask(timestampMs);
  };
}
