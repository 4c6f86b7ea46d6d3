import type { Dataset } from '../../dataset/dataset.ts';
import type { DroppedValue, Reading } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';
import type { Settled } from '../settled.ts';
import { timeFault } from '../time-bounds.ts';

/** A row whose local time the clock showed twice: it is the reading at its earlier instant, or `laterMs` is its instant. */
interface TwiceShown {
  readonly kind: 'twice-shown';
  readonly dataset: Dataset;
  readonly reading: Reading;
  readonly dropped: readonly DroppedValue[];
  /** UTC ms. */
  readonly laterMs: number;
  /** The cell, or cells. */
  readonly shown: string;
  /** The name of the zone that it is local to. */
  readonly zone: string;
}

/** A row of the repeated hour, until it is known which of its two instants it has. */
interface HeldRow {
  readonly lineNumber: number;
  readonly text: string;
  readonly row: TwiceShown;
}

/** Rows of the repeated hour that are held at once, over all series: one of 1 Hz has 7,200 a year. */
const maxHeld = 100_000;

/**
 * Which pass of the hour that is repeated when summer time ends a row belongs to. A file says it by its order: as its series goes by
 * time, forward or backward, the clock steps against that once, and the rows on either side of the step are of one pass each. Where
 * there is no such step, or more than one, or it may be a row that was written twice or late, nothing in the file can tell, and the rows
 * are rejected: an hour is never guessed.
 */
export class RepeatedHour {
  readonly #series = new Map<string, Series>();
  #heldCount = 0;
  readonly #arrivedMs: number;

  /** @param arrivedMs UTC ms at which the file arrived */
  constructor(arrivedMs: number) {
    this.#arrivedMs = arrivedMs;
  }

  /** Where a series stands. */
  seriesOf(sensorId: string): Series {
    let series = this.#series.get(sensorId);
    if (series === undefined) {
      series = new Series();
      this.#series.set(sensorId, series);
    }
    return series;
  }

  /** Holds a row back. @returns the row, rejected, when too many are held already */
  hold(held: HeldRow): readonly Settled[] {
    if (this.#heldCount === maxHeld) return [settled(held, undefined, this.#arrivedMs)];
    this.#heldCount++;
    this.seriesOf(held.row.reading.sensorId).held.push(held);
    return [];
  }

  /** A row of certain time: it settles what is held of its series. */
  pass({ sensorId, timestampMs }: Reading): readonly Settled[] {
    const series = this.seriesOf(sensorId);
    if (series.pass(timestampMs)) return [];
    const rows = series.held.splice(0);
    this.#heldCount -= rows.length;
    const around = { ...series.before, after: timestampMs };
    series.pass(timestampMs);
    return settle(rows, { ...around, arrivedMs: this.#arrivedMs });
  }

  /** The file is complete. */
  end(): readonly Settled[] {
    return [...this.#series.values()].flatMap((series) => {
      if (series.held.length === 0) return [];
      return settle(series.held, { ...series.before, after: undefined, arrivedMs: this.#arrivedMs });
    });
  }
}

/** What the rows of a series have shown of its order, and those that wait for more of it. */
export class Series {
  readonly held: HeldRow[] = [];
  /** The last instant that was certain; NaN before the first. */
  #lastMs = Number.NaN;
  /** 1 where the last two certain instants went forward, -1 where backward; 0 before there are two. */
  #direction = 0;
  /** The last row of a certain instant was there twice. */
  #isRepeating = false;

  /** Takes a certain instant, unless rows are held that it settles: then nothing is taken. @returns whether it was */
  pass(timestampMs: number): boolean {
    if (this.held.length > 0) return false;
    this.#isRepeating = timestampMs === this.#lastMs;
    if (timestampMs > this.#lastMs) this.#direction = 1;
    if (timestampMs < this.#lastMs) this.#direction = -1;
    this.#lastMs = timestampMs;
    return true;
  }

  get before(): Pick<Around, 'before' | 'direction' | 'isRepeating'> {
    return {
      before: Number.isNaN(this.#lastMs) ? undefined : this.#lastMs,
      direction: this.#direction === 0 ? undefined : this.#direction,
      isRepeating: this.#isRepeating,
    };
  }
}

interface Around {
  /** The certain instants around the rows. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** In which the certain instants up to `before` went, where there are two. */
  readonly direction: number | undefined;
  /** The row of `before` was there twice. */
  readonly isRepeating: boolean;
  readonly arrivedMs: number;
}

/** Gives the rows of one repeated hour their instants. */
function settle(
  rows: readonly HeldRow[],
  { before, after, direction: known, isRepeating, arrivedMs }: Around,
): readonly Settled[] {
  // Behind rows that went forward none goes backward: it is of another file, put behind this one.
  const directions = known === undefined ? [1, -1] : [known];
  const ways = directions.flatMap((direction) => {
    const found = inOrder(rows, direction);
    if (found === undefined) return [];
    const { instants, step } = found;
    const sequence = [before, ...instants, after].filter((instant) => instant !== undefined);
    const pauses = sequence.slice(1).map((instant, at) => (instant - (sequence[at] as number)) * direction);
    const atStep = pauses.splice(before === undefined ? step - 1 : step, 1)[0] as number;
    const isOrdered = atStep > 0 && pauses.every((pause) => pause > 0);
    return isOrdered && !maybeSlip(rows, { step, atStep, pauses, isRepeating }) ? [instants] : [];
  });
  // Without a certain instant beside them, rows of one pass backward look like rows of both passes forward.
  // And two rows may be the end of another file: that the series goes on in their order is shown by more of them, or on both sides.
  const isShown = known !== undefined || rows.length > 2 || (before !== undefined && after !== undefined);
  const isTold = ways.length === 1 && (before ?? after) !== undefined && isShown;
  const [instants] = ways;
  return rows.map((held, at) => settled(held, isTold ? instants?.[at] : undefined, arrivedMs));
}

/**
 * Whether the step back may be a row that was written twice, or after a later one, in the only pass that is there: as two passes the
 * series would then pause at it, and nowhere else, for about as long as the clock went back. So do hourly rows, but everywhere; unless the
 * row before is there twice as well.
 */
function maybeSlip(
  rows: readonly HeldRow[],
  {
    step,
    atStep,
    pauses,
    isRepeating,
  }: { step: number; atStep: number; pauses: readonly number[]; isRepeating: boolean },
): boolean {
  const [last, first] = [rows[step - 1], rows[step]].map((held) => held?.row);
  if (first === undefined) return false;
  const repeatedMs = first.laterMs - first.reading.timestampMs;
  const isSame = first.reading.timestampMs === last?.reading.timestampMs;
  return (isSame && isRepeating) || (atStep > repeatedMs / 2 && pauses.every((pause) => pause < atStep));
}

/** The instants of rows that go by time, forward (1) or backward (-1), over both passes; `undefined` when they don't. */
function inOrder(
  rows: readonly HeldRow[],
  direction: number,
): { instants: readonly number[]; step: number } | undefined {
  const shown = rows.map(({ row }) => row.reading.timestampMs);
  const steps = shown.flatMap((ms, at) =>
    at > 0 && (ms - (shown[at - 1] as number)) * direction <= 0 ? [at] : [],
  );
  const [step] = steps;
  if (step === undefined || steps.length > 1) return undefined;
  const isEarlier = (at: number) => at < step === direction > 0;
  return {
    instants: rows.map(({ row }, at) => (isEarlier(at) ? row.reading.timestampMs : row.laterMs)),
    step,
  };
}

function settled(
  { lineNumber, text, row }: HeldRow,
  timestampMs: number | undefined,
  arrivedMs: number,
): Settled {
  const { dataset, reading, dropped, laterMs, shown, zone } = row;
  if (timestampMs !== undefined) {
    const { withdrawn = false } = reading;
    const fault = timeFault(dataset, { timestampMs, arrivedMs, shown, withdrawn });
    const kept = { kind: 'reading', dataset, reading: { ...reading, timestampMs }, dropped } as const;
    return { lineNumber, text, outcome: fault ?? kept };
  }
  const [earlier, later] = [reading.timestampMs, laterMs].map((ms) => new Date(ms).toISOString());
  const outcome = rejected(
    'ambiguous-timestamp',
    `the clock of ${zone} showed ${show(shown)} twice, at ${earlier} and ${later}; accepted: rows of ${show(reading.sensorId)} in order over both passes of that hour, or a time with an offset`,
  );
  return { lineNumber, text, outcome };
}
