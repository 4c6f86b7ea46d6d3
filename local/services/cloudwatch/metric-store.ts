import { Journal } from '../../engine/journal.ts';

/** What a metric is called: CloudWatch tells metrics apart by all three. */
export interface MetricId {
  namespace: string;
  name: string;
  /** By name. */
  dimensions: Readonly<Record<string, string>>;
}

export interface Datum extends MetricId {
  value: number;
  /** UTC ms; now unless it is given. */
  atMs?: number;
}

/** A minute of a metric. */
interface Bucket {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** How often each value came, for percentiles; beyond `maxValues` they are rounded to two digits, of which there are few. */
  values: Map<number, number>;
}

interface Series {
  id: MetricId;
  /** By minute since the epoch, oldest first. */
  buckets: Map<number, Bucket>;
}

/** A minute as it is kept on disk; a later line of the same metric and minute replaces it. */
type Line = [
  MetricId,
  minute: number,
  stat: [count: number, sum: number, min: number, max: number],
  [number, number][],
];

export const minuteMs = 60_000;
/** Three days of minutes, as CloudWatch lets one list metrics that had data in the last weeks; it keeps months. */
const maxMinutes = 3 * 1_440;
/** What is beyond is not kept: a dimension of many values would fill the memory, and on AWS cost $0.30 a month each. */
const maxSeries = 1_000;
const maxValues = 100;
/** Lines of the journal, above which it is written anew. */
const maxLines = 100_000;

/** The data of metrics, by minute, bounded; what a minute had is on disk once it is over. */
export class MetricStore {
  readonly #series = new Map<string, Series>();
  readonly #journal: Journal<Line>;
  /** Keys and minutes that are not on disk. */
  readonly #unsaved = new Map<string, Set<number>>();

  constructor(file: string) {
    this.#journal = new Journal(file);
    for (const [id, minute, [count, sum, min, max], values] of this.#journal.load())
      this.#find(id)?.buckets.set(minute, { count, sum, min, max, values: new Map(values) });
    for (const { buckets } of this.#series.values()) trim(buckets);
  }

  add({ value, atMs = Date.now(), ...id }: Datum): void {
    if (!Number.isFinite(value)) return;
    const series = this.#find(id);
    if (series === undefined) return;
    const minute = Math.floor(Math.min(atMs, Date.now()) / minuteMs); // a clock that is ahead of ours tells of now
    const bucket = series.buckets.get(minute) ?? emptyBucket();
    bucket.count++;
    bucket.sum += value;
    bucket.min = Math.min(bucket.min, value);
    bucket.max = Math.max(bucket.max, value);
    const kept = bucket.values.size < maxValues ? value : Number(value.toPrecision(2));
    bucket.values.set(kept, (bucket.values.get(kept) ?? 0) + 1);
    if (!series.buckets.has(minute)) {
      series.buckets.set(minute, bucket);
      trim(series.buckets);
    }
    const key = keyOf(id);
    this.#unsaved.set(key, (this.#unsaved.get(key) ?? new Set()).add(minute));
  }

  list(): readonly MetricId[] {
    return [...this.#series.values()].map(({ id }) => id);
  }

  /**
   * One value of the time from `fromMs` up to, not including, `toMs`; undefined where there is no data.
   * @param statistic `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` or a percentile, `p99`
   */
  read(
    id: MetricId,
    statistic: string,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): number | undefined {
    const buckets: Bucket[] = [];
    const series = this.#series.get(keyOf(id));
    for (let minute = Math.floor(fromMs / minuteMs); minute * minuteMs < toMs; minute++) {
      const bucket = series?.buckets.get(minute);
      if (bucket !== undefined) buckets.push(bucket);
    }
    return buckets.length === 0 ? undefined : statisticOf(buckets, statistic);
  }

  /** Writes the minutes that are over; all of them when the cloud ends. */
  save(untilMs: number): void {
    const lines: Line[] = [];
    for (const [key, minutes] of this.#unsaved) {
      const series = this.#series.get(key);
      for (const minute of minutes) {
        if ((minute + 1) * minuteMs > untilMs) continue;
        minutes.delete(minute);
        const bucket = series?.buckets.get(minute);
        if (series !== undefined && bucket !== undefined) lines.push(lineOf(series.id, minute, bucket));
      }
      if (minutes.size === 0) this.#unsaved.delete(key);
    }
    if (lines.length > 0) this.#journal.append(...lines);
    if (this.#journal.lines > maxLines) this.#journal.rewrite(this.#all());
  }

  close(): void {
    this.save(Number.POSITIVE_INFINITY);
    this.#journal.close();
  }

  #all(): Line[] {
    return [...this.#series.values()].flatMap(({ id, buckets }) =>
      [...buckets].map(([minute, bucket]) => lineOf(id, minute, bucket)),
    );
  }

  #find(id: MetricId): Series | undefined {
    const key = keyOf(id);
    const known = this.#series.get(key);
    if (known !== undefined || this.#series.size >= maxSeries) return known;
    const series = { id, buckets: new Map<number, Bucket>() };
    this.#series.set(key, series);
    return series;
  }
}

const emptyBucket = (): Bucket => ({
  ...{ count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
  values: new Map(),
});

const lineOf = (id: MetricId, minute: number, { count, sum, min, max, values }: Bucket): Line => [
  id,
  minute,
  [count, sum, min, max],
  [...values],
];

function trim(buckets: Map<number, Bucket>): void {
  for (const minute of buckets.keys()) {
    if (buckets.size <= maxMinutes) return;
    buckets.delete(minute);
  }
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

const percentile = /^p(\d{1,2}(?:\.\d+)?|100)$/;

/** Whether CloudWatch has the statistic, and this one too. */
export const isStatistic = (name: string): boolean => name in statistics || percentile.test(name);

const statistics: Readonly<Record<string, (buckets: readonly Bucket[]) => number>> = {
  Sum: (buckets) => buckets.reduce((total, { sum }) => total + sum, 0),
  SampleCount: (buckets) => buckets.reduce((total, { count }) => total + count, 0),
  Minimum: (buckets) => Math.min(...buckets.map(({ min }) => min)),
  Maximum: (buckets) => Math.max(...buckets.map(({ max }) => max)),
  Average: (buckets) => (statistics.Sum?.(buckets) ?? 0) / (statistics.SampleCount?.(buckets) ?? 1),
};

function statisticOf(buckets: readonly Bucket[], name: string): number | undefined {
  const plain = statistics[name];
  if (plain !== undefined) return plain(buckets);
  const share = Number(percentile.exec(name)?.[1] ?? Number.NaN) / 100;
  const values = buckets.flatMap((bucket) => [...bucket.values]).sort(([a], [b]) => a - b);
  const wanted = share * values.reduce((total, [, count]) => total + count, 0);
  let passed = 0;
  for (const [value, count] of values) {
    passed += count;
    if (passed >= wanted) return value;
  }
  return undefined;
}
