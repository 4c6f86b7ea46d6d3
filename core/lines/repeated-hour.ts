import type { Dataset } from '../dataset/dataset.ts';
import type { DroppedValue, Line, Reading } from '../dataset/reading.ts';
import { rejected, show } from './rejection.ts';
import { timeFault } from './time-bounds.ts';

/** A row whose local time the clock showed twice: it is the reading at its earlier instant, or `laterMs` is its instant. */
export interface TwiceShown {
  readonly kind: 'twice-shown';
  readonly dataset: Dataset;
  readonly reading: Reading;
  readonly dropped: readonly DroppedValue[];
  /** UTC ms. */
  readonly laterMs: number;
  /** The cell. */
  readonly shown: string;
}

/** A row of the repeated hour, until it is known which of its two instants it has. */
export interface HeldRow {
  readonly lineNumber: number;
  readonly text: string;
  readonly row: TwiceShown;
}

export interface SettledRow {
  readonly lineNumber: number;
  readonly text: string;
  readonly outcome: Line;
}

/** Rows of the repeated hour that are held at once, over all series: one of 1 Hz has 7,200 a year. */
const maxHeld = 100_000;

/**
 * Which pass of the hour that is repeated when summer time ends a row belongs to. A file says it by its order: as its series goes by
 * time, forward or backward, the clock steps against that once, and the rows on either side of the step are of one pass each. Where
 * there is no such step, or more than one, nothing in the file can tell, and the rows are rejected: an hour is never guessed.
 */
export class RepeatedHour {
  readonly #held = new Map<string, HeldRow[]>();
  #heldCount = 0;
  /** The last instant of each series that was certain. */
  readonly #lastMs = new Map<string, number>();
  readonly #arrivedMs: number;

  /** @param arrivedMs UTC ms at which the file arrived */
  constructor(arrivedMs: number) {
    this.#arrivedMs = arrivedMs;
  }

  /** Holds a row back. @returns the row, rejected, when too many are held already */
  hold(held: HeldRow): readonly SettledRow[] {
    if (this.#heldCount === maxHeld) return [settled(held, undefined, this.#arrivedMs)];
    this.#heldCount++;
    const { sensorId } = held.row.reading;
    const rows = this.#held.get(sensorId);
    if (rows) rows.push(held);
    else this.#held.set(sensorId, [held]);
    return [];
  }

  /** A row of certain time: it settles what is held of its series. */
  pass({ sensorId, timestampMs }: Reading): readonly SettledRow[] {
    const rows = this.#held.get(sensorId);
    const before = this.#lastMs.get(sensorId);
    this.#lastMs.set(sensorId, timestampMs);
    if (rows === undefined) return [];
    this.#held.delete(sensorId);
    this.#heldCount -= rows.length;
    return settle(rows, [before, timestampMs], this.#arrivedMs);
  }

  /** The file is complete. */
  end(): readonly SettledRow[] {
    return [...this.#held].flatMap(([sensorId, rows]) =>
      settle(rows, [this.#lastMs.get(sensorId), undefined], this.#arrivedMs),
    );
  }
}

/** Gives the rows of one repeated hour their instants; `before` and `after` are the certain instants around them. */
function settle(
  rows: readonly HeldRow[],
  [before, after]: readonly [before: number | undefined, after: number | undefined],
  arrivedMs: number,
): readonly SettledRow[] {
  const ways = [1, -1].flatMap((direction) => {
    const instants = inOrder(rows, direction);
    const sequence = [before, ...(instants ?? []), after].filter((instant) => instant !== undefined);
    const isOrdered = sequence.every(
      (instant, at) => at === 0 || (instant - (sequence[at - 1] as number)) * direction > 0,
    );
    return instants && isOrdered ? [instants] : [];
  });
  // Without a certain instant beside them, rows of one pass backward look like rows of both passes forward.
  const isTold = ways.length === 1 && (before ?? after) !== undefined;
  const [instants] = ways;
  return rows.map((held, at) => settled(held, isTold ? instants?.[at] : undefined, arrivedMs));
}

/** The instants of rows that go by time, forward (1) or backward (-1), over both passes; `undefined` when they don't. */
function inOrder(rows: readonly HeldRow[], direction: number): number[] | undefined {
  const shown = rows.map(({ row }) => row.reading.timestampMs);
  const steps = shown.flatMap((ms, at) =>
    at > 0 && (ms - (shown[at - 1] as number)) * direction <= 0 ? [at] : [],
  );
  const [step] = steps;
  if (step === undefined || steps.length > 1) return undefined;
  return rows.map(({ row }, at) => (at < step === direction > 0 ? row.reading.timestampMs : row.laterMs));
}

function settled(
  { lineNumber, text, row }: HeldRow,
  timestampMs: number | undefined,
  arrivedMs: number,
): SettledRow {
  const { dataset, reading, dropped, laterMs, shown } = row;
  if (timestampMs !== undefined) {
    const { withdrawn = false } = reading;
    const fault = timeFault(dataset, { timestampMs, arrivedMs, shown, withdrawn });
    const kept = { kind: 'reading', dataset, reading: { ...reading, timestampMs }, dropped } as const;
    return { lineNumber, text, outcome: fault ?? kept };
  }
  const [earlier, later] = [reading.timestampMs, laterMs].map((ms) => new Date(ms).toISOString());
  const outcome = rejected(
    'ambiguous-timestamp',
    `the clock of ${dataset.timeZone} showed ${show(shown)} twice, at ${earlier} and ${later}; accepted: rows of ${show(reading.sensorId)} in order over both passes of that hour, or a time with an offset`,
  );
  return { lineNumber, text, outcome };
}
