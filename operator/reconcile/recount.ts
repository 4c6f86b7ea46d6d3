import type { Dataset } from '../../core/dataset/dataset.ts';
import type { RejectReason } from '../../core/dataset/reading.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import type { ParseTotals } from '../../core/lines/parse-totals.ts';
import { uploadedMsOf } from '../../core/lines/segment-origin.ts';
import type { Columns } from '../../core/set/columns.ts';
import { ColumnsBuilder, type LostAs } from '../../core/set/row-buffer.ts';
import { dayName, localDayNumber } from '../../core/time/calendar.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import { timeZoneNamed } from '../../core/time/time-zone.ts';
import { mapBounded } from '../../ports/concurrency.ts';

/** One raw object, read again. */
export interface RecountSource {
  readonly key: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** UTC ms; of an upload, what decides between versions of one revision. */
  readonly arrivedMs: number;
  /** A person has accepted it as it is. */
  readonly accepted?: boolean;
  /** UTC day on which it arrived, `YYYY-MM-DD`. */
  readonly arrived?: string;
  /** Told of what the object alone holds. */
  counted?(totals: ParseTotals): void;
}

/** Valid lines of one dataset and local day; each that is not the one that gives the reading is counted as what it is beside it. */
export interface DayOfLines extends Record<LostAs, number> {
  lines: number;
  /** First and last UTC day on which an object with lines of this day arrived; empty where that is not known. */
  firstArrived: string;
  lastArrived: string;
}

/** What the raw objects hold, counted from their bytes and from nothing else. */
export interface Recount {
  readonly objects: number;
  readonly lines: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  readonly valid: number;
  /** Valid lines of other datasets and days than asked for: counted and not kept. */
  readonly outside: number;
  /** The set of readings of each dataset that occurs, by the dataset's name. */
  readonly sets: ReadonlyMap<string, Columns>;
  /** By the dataset's name, then the local day. */
  readonly days: ReadonlyMap<string, ReadonlyMap<string, DayOfLines>>;
}

export interface RecountOptions {
  /** Only this dataset's readings are kept. */
  readonly dataset?: string | undefined;
  /** Only readings of these local days are kept. Default: all. */
  readonly span?: DaySpan | undefined;
  /** Valid lines that are kept at most. Default: no bound. */
  readonly maxReadings?: number | undefined;
}

/** More valid lines than may be kept in memory; `lines` were counted by day until then. */
export class SpanTooLarge extends Error {
  override readonly name = 'SpanTooLarge';
}

/** Objects that are read at once: while one waits for S3 another is parsed. */
const objectsInFlight = 4;

/**
 * Counts raw objects again, from the first byte, in one process: what the pipeline must have come to.
 * Memory: the columns of all valid lines that are kept, some 40 to 100 bytes each with two measures.
 * @throws {SpanTooLarge} at `maxReadings`, with a span that would fit
 */
export async function recount(
  sources: AsyncIterable<RecountSource>,
  datasets: readonly Dataset[],
  options: RecountOptions = {},
): Promise<Recount> {
  const tally = new Tally(options);
  let page: RecountSource[] = [];
  const readPage = async () => {
    await mapBounded(page, objectsInFlight, (source) => tally.read(source, datasets));
    page = [];
  };
  for await (const source of sources) {
    page.push(source);
    if (page.length === objectsInFlight) await readPage();
  }
  await readPage();
  return tally.result();
}

/** Keeps and counts what the objects give. */
class Tally {
  readonly #options: RecountOptions;
  readonly #builders = new Map<string, ColumnsBuilder>();
  readonly #datasets = new Map<string, Dataset>();
  readonly #days = new Map<string, Map<string, DayOfLines>>();
  readonly #rejected: Partial<Record<RejectReason, number>> = {};
  #objects = 0;
  #lines = 0;
  #valid = 0;
  #kept = 0;

  constructor(options: RecountOptions) {
    this.#options = options;
  }

  async read(
    { key, bytes, arrivedMs, accepted = false, arrived = '', counted }: RecountSource,
    datasets: readonly Dataset[],
  ) {
    const source = { key, arrivedMs, accepted };
    const uploadedMs = uploadedMsOf(source);
    const totals = await parseSegment(
      { source, datasets, bytes },
      {
        reading: (_, dataset, reading) => {
          if (this.#options.dataset !== undefined && dataset.name !== this.#options.dataset) return;
          const day = dayName(localDayNumber(timeZoneNamed(dataset.timeZone), reading.timestampMs));
          if (this.#options.span !== undefined && !inSpan(day, this.#options.span)) return;
          this.#countDay(dataset.name, day, arrived);
          let builder = this.#builders.get(dataset.name);
          if (builder === undefined) {
            builder = new ColumnsBuilder(dataset);
            this.#datasets.set(dataset.name, dataset);
            this.#builders.set(dataset.name, builder);
          }
          builder.add(reading, uploadedMs);
        },
        rejected: () => {}, // `totals` has those that count
      },
    );
    for (const [reason, count] of Object.entries(totals.rejected) as [RejectReason, number][])
      this.#rejected[reason] = (this.#rejected[reason] ?? 0) + count;
    this.#objects += 1;
    this.#lines += totals.lines;
    this.#valid += totals.valid;
    counted?.(totals);
  }

  #countDay(dataset: string, day: string, arrived: string): void {
    this.#kept += 1;
    let days = this.#days.get(dataset);
    if (days === undefined) {
      days = new Map();
      this.#days.set(dataset, days);
    }
    const known = days.get(day);
    if (known === undefined) {
      const lost = { repeated: 0, superseded: 0, contested: 0 };
      days.set(day, { lines: 1, ...lost, firstArrived: arrived, lastArrived: arrived });
    } else {
      known.lines += 1;
      if (arrived < known.firstArrived) known.firstArrived = arrived;
      if (arrived > known.lastArrived) known.lastArrived = arrived;
    }
    const { maxReadings = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#kept > maxReadings) throw new SpanTooLarge(this.#tooLarge(maxReadings));
  }

  /** Objects arrive in the order of time, so the days seen so far are the first ones; half of them leaves room for late lines. */
  #tooLarge(maxReadings: number): string {
    const days = [...new Set([...this.#days.values()].flatMap((of) => [...of.keys()]))].sort();
    const half = days[Math.floor((days.length - 1) / 2)];
    const several = days.length > 1 && half !== undefined;
    return (
      `more than ${maxReadings.toLocaleString('en-US')} valid lines are in ${this.#objects + 1} raw objects so far, which is what fits in memory. ` +
      (several
        ? `Take shorter spans, such as --from ${days[0]} --to ${half}, one dataset at a time`
        : 'Take one dataset at a time') +
      ', compare the stores with each other only (--stores), or allow more with --max-readings (about 100 bytes of memory each).'
    );
  }

  result(): Recount {
    return {
      objects: this.#objects,
      lines: this.#lines,
      rejected: this.#rejected,
      valid: this.#valid,
      outside: this.#valid - this.#kept,
      sets: new Map([...this.#builders].map(([name, builder]) => [name, this.#setOf(name, builder)])),
      days: this.#days,
    };
  }

  #setOf(name: string, builder: ColumnsBuilder): Columns {
    const zone = timeZoneNamed((this.#datasets.get(name) as Dataset).timeZone); // builders are of these
    return builder.build((timestampMs, as) => {
      const day = this.#days.get(name)?.get(dayName(localDayNumber(zone, timestampMs)));
      if (day !== undefined) day[as] += 1;
    });
  }
}
