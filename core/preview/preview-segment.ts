import type { Dataset } from '../dataset/dataset.ts';
import type { DropReason, Reading, RejectReason } from '../dataset/reading.ts';
import { parseSegmentRows } from '../lines/parse-segment.ts';
import type { ParseTotals } from '../lines/parse-totals.ts';
import type { SegmentSource } from '../lines/segment-origin.ts';
import { partitionRuns } from '../partition/partition.ts';
import { type Columns, readingAt } from '../set/columns.ts';
import { identityText } from '../set/identity.ts';
import type { RowBuffer } from '../set/row-buffer.ts';
import { toColumns } from '../set/sorted-rows.ts';
import { type PeriodPreview, PeriodTotals } from './period-totals.ts';

/** What a file would come to if it landed, and nothing else were there. */
export interface Preview {
  /** All counts are 0 where it has a `refusal`. */
  readonly totals: ParseTotals;
  /** The first rejected lines of each reason. */
  readonly rejected: readonly RejectedLine[];
  /** The first dropped values of each measure and reason. */
  readonly dropped: readonly DroppedExample[];
  /** Identities that stay, withdrawn ones left out. */
  readonly readings: number;
  /** Readings of an identity and a content that the file has already. */
  readonly repeated: number;
  /** Readings that lost to one of their identity with a higher revision. */
  readonly superseded: number;
  /** Identities of which the file says several things with the same right. */
  readonly contested: { readonly count: number; readonly examples: readonly ContestedReading[] };
  /** In the order of their ids. */
  readonly sensors: readonly SensorPreview[];
  /** Local days of the dataset, in order, over all sensors. */
  readonly days: readonly PeriodPreview[];
  readonly months: readonly PeriodPreview[];
}

interface RejectedLine {
  /** From 1. */
  readonly line: number;
  readonly reason: RejectReason;
  readonly detail: string;
  /** The line, or its first 4,096 characters. */
  readonly text: string;
}

interface DroppedExample {
  readonly line: number;
  readonly measure: string;
  readonly reason: DropReason;
  readonly value: unknown;
}

interface ContestedReading {
  /** The one that would be kept. */
  readonly kept: Reading;
  readonly others: readonly Reading[];
}

/** One series of the file. */
export interface SensorPreview {
  readonly sensorId: string;
  /** Readings, withdrawn ones left out: at least 1. */
  readonly count: number;
  /** UTC ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly months: readonly PeriodPreview[];
}

/**
 * Reads a file as ValidateSegment would, by the same code, and adds up its days and months as the merge would. Memory: as ValidateSegment, the
 * readings as columns (12 bytes and 8 a measure each, up to three times that while they grow), their order and one day; beside them the statistics
 * of each series and month, and the examples.
 * @param options.examples how many are kept of each reason, and of contested readings
 * @param options.watch is called before each few hundred kilobytes, decompressed, with what the ones before came to; what it throws ends the reading
 * @throws only what reading the bytes throws
 */
export async function previewSegment(
  segment: { source: SegmentSource; dataset: Dataset; bytes: AsyncIterable<Uint8Array> },
  { examples, watch }: { examples: number; watch?: (totals: ParseTotals) => void },
): Promise<Preview> {
  const { source, dataset, bytes } = segment;
  const rejected = new Examples<RejectedLine>(examples);
  const dropped = new Examples<DroppedExample>(examples);
  const { totals, rows } = await parseSegmentRows(
    { source, datasets: [dataset], bytes },
    {
      rejected: (line, reason, detail, text) => rejected.add(reason, { line, reason, detail, text }),
      dropped(line, values) {
        for (const { measure, reason, value } of values)
          dropped.add(`${measure} ${reason}`, { line, measure, reason, value });
      },
    },
    watch,
  );
  const isRefused = totals.refusal !== undefined;
  const told = {
    totals,
    rejected: isRefused ? [] : rejected.found, // what was told of a refused file is void
    dropped: isRefused ? [] : dropped.found,
  };
  const [buffer] = rows; // every line of an upload is of its dataset
  return { ...told, ...(buffer ? summaryOf(buffer, examples) : nothing) };
}

type Summary = Omit<Preview, 'totals' | 'rejected' | 'dropped'>;

const nothing: Summary = {
  readings: 0,
  repeated: 0,
  superseded: 0,
  contested: { count: 0, examples: [] },
  sensors: [],
  days: [],
  months: [],
};

/** The first few of each kind, in the order in which they came. */
class Examples<Of> {
  readonly found: Of[] = [];
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(kind: string, example: Of): void {
    const count = this.#counts.get(kind) ?? 0;
    if (count === this.#limit) return;
    this.#counts.set(kind, count + 1);
    this.found.push(example);
  }
}

/** The set that the readings make, a day of it at a time, and what became of readings that are not in it. */
function summaryOf(buffer: RowBuffer, examples: number): Summary {
  const { dataset } = buffer;
  const lost = { repeated: 0, superseded: 0, contested: 0 };
  const losers = new Map<string, Reading[]>();
  const sorted = buffer.sorted((row, as) => {
    lost[as]++;
    if (as !== 'contested') return;
    const reading = buffer.readingAt(row);
    const known = losers.get(identityText(dataset, reading));
    if (known) known.push(reading);
    else if (losers.size < examples) losers.set(identityText(dataset, reading), [reading]);
  });
  const periods = new PeriodTotals(dataset);
  const spans = new Map<string, Span>();
  const found: ContestedReading[] = [];
  let count = 0;
  for (const { id, runs } of partitionRuns(dataset, sorted)) {
    const columns = toColumns(sorted, runs);
    periods.add(id.day, columns);
    for (let row = 0; row < columns.length; row++) {
      if (columns.withdrawn[row] === 0) widen(spans, columns, row);
      if (columns.contested[row] === 0) continue;
      count++;
      const kept = readingAt(columns, row);
      const others = losers.get(identityText(dataset, kept));
      if (others) found.push({ kept, others });
    }
  }
  const sensors = [...spans]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([sensorId, span]) => ({ sensorId, ...span, months: periods.monthsOf(sensorId) }));
  return {
    readings: sensors.reduce((sum, sensor) => sum + sensor.count, 0),
    repeated: lost.repeated,
    superseded: lost.superseded,
    contested: { count, examples: found },
    ...{ sensors, days: periods.days, months: periods.months },
  };
}

/** From when to when the readings of a series are, and how many. */
interface Span {
  count: number;
  firstMs: number;
  lastMs: number;
}

function widen(spans: Map<string, Span>, { sensors, sensor, timestampMs }: Columns, row: number): void {
  const sensorId = sensors[sensor[row] as number] as string; // a row
  const at = timestampMs[row] as number; // as above
  const span = spans.get(sensorId);
  if (span === undefined) spans.set(sensorId, { count: 1, firstMs: at, lastMs: at });
  else {
    span.count++;
    span.firstMs = Math.min(span.firstMs, at);
    span.lastMs = Math.max(span.lastMs, at);
  }
}
