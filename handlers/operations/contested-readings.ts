import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionKey, shardOf } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import { dayExtentMs, monthOf } from '../../core/time/calendar.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import type { ObjectReader } from '../../ports/objects.ts';
import type { SeriesRow, StatisticsQueries } from '../../ports/queries.ts';
import type { Holding } from '../../ports/records.ts';

export interface ContestedPorts {
  readonly statistics: Pick<StatisticsQueries, 'ofPeriod' | 'ofSeries'>;
  readonly curated: ObjectReader;
  readonly curatedBucket: string;
}

/**
 * Contested readings of one dataset on the days of what arrived lately, as they stand now: what was settled since is in none of the
 * counts, and a file that contradicts what came years ago is.
 */
export interface ContestedReadings {
  readonly dataset: string;
  readonly lastHour: ContestedCounts;
  readonly lastDay: ContestedCounts;
  /** Series with contested readings, the highest share first, {@link namedSeries} at the most. */
  readonly series: readonly ContestedSeries[];
  /** How many there are. */
  readonly seriesCount: number;
}

export interface ContestedCounts {
  readings: number;
  contested: number;
}

interface ContestedSeries extends ContestedCounts {
  readonly sensorId: string;
  /** The first contested one, UTC ms; of the first {@link datedSeries}. */
  readonly firstMs?: number;
}

const namedSeries = 10;
const datedSeries = 3;
/** Of more days than these the months are asked for instead, with all of their days. */
const maxDays = 62;
const queriesInFlight = 8;

/** From when to when the readings of the objects are that arrived lately, by dataset. */
export class ArrivedSpans {
  readonly #spans = new Map<string, { fromMs: number; toMs: number; isLastHour: boolean }[]>();

  add({ dataset, fromMs, toMs }: Holding, { isLastHour }: { isLastHour: boolean }): void {
    const spans = this.#spans.get(dataset) ?? [];
    this.#spans.set(dataset, spans);
    spans.push({ fromMs, toMs, isLastHour });
  }

  /** Which of these local days the objects may have readings of. */
  daysOf({ name, timeZone }: Dataset, days: readonly string[]): { lastHour: string[]; lastDay: string[] } {
    const spans = this.#spans.get(name) ?? [];
    const bounds = days.map((day) => ({ day, ...dayExtentMs(timeZone, day) }));
    const among = (of: typeof spans) =>
      bounds
        .filter(({ startMs, endMs }) => of.some(({ fromMs, toMs }) => fromMs < endMs && toMs >= startMs))
        .map(({ day }) => day);
    return { lastHour: among(spans.filter(({ isLastHour }) => isLastHour)), lastDay: among(spans) };
  }
}

/** Reads the statistics of the days, and for a few series the partition of their first contested reading. */
export async function contestedReadings(
  ports: ContestedPorts,
  dataset: Dataset,
  days: { lastHour: readonly string[]; lastDay: readonly string[] },
): Promise<ContestedReadings> {
  const periodOf = days.lastDay.length > maxDays ? monthOf : (day: string) => day;
  const ofLastHour = new Set(days.lastHour.map(periodOf));
  const lastHour = { readings: 0, contested: 0 };
  const lastDay = { readings: 0, contested: 0 };
  const series = new Map<string, ContestedCounts & { period: string }>();
  const note = ({ sensorId, period, statistics: { count, contested } }: SeriesRow): void => {
    for (const sum of ofLastHour.has(period) ? [lastHour, lastDay] : [lastDay]) {
      sum.readings += count;
      sum.contested += contested;
    }
    const known = series.get(sensorId) ?? { readings: 0, contested: 0, period: '' };
    const isFirst = contested > 0 && (known.contested === 0 || period < known.period);
    series.set(sensorId, {
      readings: known.readings + count,
      contested: known.contested + contested,
      period: isFirst ? period : known.period,
    });
  };
  const queries = [...new Set(days.lastDay.map(periodOf))].flatMap((period) =>
    Array.from({ length: dataset.shards }, (_, shard) => ({ period, shard })),
  );
  await mapBounded(queries, queriesInFlight, async ({ period, shard }) => {
    for await (const rows of ports.statistics.ofPeriod({ dataset, period, shard })) rows.forEach(note);
  });
  const share = ({ readings, contested }: ContestedCounts) => contested / readings;
  const found = Array.from(series, ([sensorId, counts]) => ({ sensorId, ...counts }))
    .filter(({ contested }) => contested > 0)
    .sort((a, b) => share(b) - share(a) || (a.sensorId < b.sensorId ? -1 : 1));
  const named: ContestedSeries[] = [];
  for (const { period, ...of } of found.slice(0, namedSeries)) {
    const place = { sensorId: of.sensorId, period };
    const firstMs = named.length < datedSeries ? await firstContested(ports, dataset, place) : undefined;
    named.push(firstMs === undefined ? of : { ...of, firstMs });
  }
  return { dataset: dataset.name, lastHour, lastDay, series: named, seriesCount: found.length };
}

/** The first contested reading of a series in a day or month; `undefined` when it was settled meanwhile. */
async function firstContested(
  { statistics, curated, curatedBucket: bucket }: ContestedPorts,
  dataset: Dataset,
  { sensorId, period }: { sensorId: string; period: string },
): Promise<number | undefined> {
  const [from, to] = period.length === 7 ? [`${period}-01`, `${period}-31`] : [period, period];
  const query = { dataset, sensorId, from, to, limit: 31 };
  const day = (await statistics.ofSeries(query)).rows.find((row) => row.statistics.contested > 0)?.period;
  if (day === undefined) return undefined;
  const id = { dataset: dataset.name, day, shard: shardOf(sensorId, dataset.shards) };
  const key = partitionKey(dataset, id);
  const file = await curated.read({ bucket, key });
  if (file === undefined) return undefined;
  const { columns } = await decodePartition(dataset, file.bytes);
  const sensor = columns.sensors.indexOf(sensorId);
  const row = columns.contested.findIndex(
    (flag, at) => flag === 1 && columns.sensor[at] === sensor && columns.withdrawn[at] === 0,
  );
  return row === -1 ? undefined : columns.timestampMs[row];
}
