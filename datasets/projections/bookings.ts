import { defineProjection } from '../../core/projections/projection.ts';

/** Bookings that came to an end, by how long that took. */
interface Completed {
  readonly count: number;
  /** A decimal integer: a sum that no number holds exactly may be of many long ones. */
  readonly totalMs: string;
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Of a span of time: what began and ended in it, and what is left over at its two ends. An end that has no beginning in the span belongs to
 * the last beginning before it; a beginning that has no end is open for what comes after.
 */
interface Bookings {
  readonly cancelled: number;
  readonly completed: Completed | null;
  readonly created: number;
  /** Ends without a beginning. */
  readonly ended: Ends;
  /** Beginnings without an end. */
  readonly open: Beginnings;
}

/*
 * In the order of the events, and in columns: days have thousands of them, which JSON reads and writes several times as fast as an object with a member
 * for each booking.
 */

interface Beginnings {
  /** UTC ms. */
  readonly atMs: readonly number[];
  readonly ids: readonly number[];
}

interface Ends extends Beginnings {
  readonly statuses: readonly Status[];
}

type Status = 'completed' | 'cancelled';

const none: Bookings = {
  cancelled: 0,
  completed: null,
  created: 0,
  ended: { atMs: [], ids: [], statuses: [] },
  open: { atMs: [], ids: [] },
};
const hourMs = 3_600_000;

/**
 * The bookings of a salon by what became of them, and how long those took that were completed. A booking that is created twice counts twice, and what
 * ends it ends the later one.
 */
export const bookings = defineProjection<Bookings>({
  summary: 'bookings by state, and the time from created to completed',
  version: 3,
  months: 13,
  initial: none,
  of({ atMs, attributes: { booking_id, status } }) {
    const ids = [booking_id as number]; // its attributes are declared so
    return status === 'created'
      ? { ...none, created: 1, open: { atMs: [atMs], ids } }
      : { ...none, ended: { atMs: [atMs], ids, statuses: [status as Status] } };
  },
  merge: (earlier, later) => together([earlier, later]),
  mergeAll: together,
  view({ created, cancelled, completed, open, ended }) {
    const before = { completed: 0, cancelled: 0 };
    for (const status of ended.statuses) before[status] += 1;
    return {
      created,
      states: { created: open.ids.length, completed: completed?.count ?? 0, cancelled },
      // Of bookings that were created before the months of the answer, or of which no line says that they were.
      createdBefore: before,
      hoursToCompletion: completed && {
        mean: Number(completed.totalMs) / completed.count / hourMs,
        min: completed.leastMs / hourMs,
        max: completed.mostMs / hourMs,
      },
    };
  },
});

/** Spans that follow each other, in one pass. */
function together(spans: readonly Bookings[]): Bookings {
  const begun = new Begun();
  const ended = { atMs: [] as number[], ids: [] as number[], statuses: [] as Status[] };
  const took = new Durations();
  let [created, cancelled] = [0, 0];
  for (const span of spans) {
    created += span.created;
    cancelled += span.cancelled;
    took.addAll(span.completed);
    for (const [at, id] of span.ended.ids.entries()) {
      const atMs = span.ended.atMs[at] as number; // a row, as the next
      const status = span.ended.statuses[at] as Status;
      const beganMs = begun.end(id);
      if (beganMs === undefined) {
        ended.atMs.push(atMs);
        ended.ids.push(id);
        ended.statuses.push(status);
      } else if (status === 'cancelled') cancelled += 1;
      else took.add(atMs - beganMs);
    }
    for (const [at, id] of span.open.ids.entries()) begun.begin(id, span.open.atMs[at] as number); // a row
  }
  // Members in the order of their names, in which states are written: so they need not be put into it.
  return { cancelled, completed: took.all(), created, ended, open: begun.open() };
}

/** Beginnings, of which an end takes the last one of its booking. */
class Begun {
  readonly #ids: number[] = [];
  readonly #atMs: number[] = [];
  /** Of each the one before it of the same booking that has no end; -1 where there is none. */
  readonly #before: number[] = [];
  readonly #isEnded: boolean[] = [];
  readonly #last = new Map<number, number>();

  begin(id: number, atMs: number): void {
    this.#before.push(this.#last.get(id) ?? -1);
    this.#last.set(id, this.#ids.length);
    this.#ids.push(id);
    this.#atMs.push(atMs);
    this.#isEnded.push(false);
  }

  /** @returns when it began; `undefined` where nothing did that has no end */
  end(id: number): number | undefined {
    const row = this.#last.get(id);
    if (row === undefined) return undefined;
    const before = this.#before[row] as number; // a row
    if (before < 0) this.#last.delete(id);
    else this.#last.set(id, before);
    this.#isEnded[row] = true;
    return this.#atMs[row];
  }

  open(): Beginnings {
    const isOpen = (_: number, row: number) => this.#isEnded[row] === false;
    return { atMs: this.#atMs.filter(isOpen), ids: this.#ids.filter(isOpen) };
  }
}

class Durations {
  #count = 0;
  #totalMs = 0n;
  #leastMs = Number.POSITIVE_INFINITY;
  #mostMs = Number.NEGATIVE_INFINITY;
  /** What is not in `#totalMs` yet: whole ms, which a number holds exactly up to 2^53. */
  #sumMs = 0;

  add(tookMs: number): void {
    this.#count += 1;
    if (Math.abs(this.#sumMs + tookMs) > Number.MAX_SAFE_INTEGER) {
      this.#totalMs += BigInt(this.#sumMs);
      this.#sumMs = 0;
    }
    this.#sumMs += tookMs;
    this.#leastMs = Math.min(this.#leastMs, tookMs);
    this.#mostMs = Math.max(this.#mostMs, tookMs);
  }

  addAll(completed: Completed | null): void {
    if (completed === null) return;
    this.#count += completed.count;
    this.#totalMs += BigInt(completed.totalMs);
    this.#leastMs = Math.min(this.#leastMs, completed.leastMs);
    this.#mostMs = Math.max(this.#mostMs, completed.mostMs);
  }

  all(): Completed | null {
    if (this.#count === 0) return null;
    const totalMs = String(this.#totalMs + BigInt(this.#sumMs));
    return { count: this.#count, leastMs: this.#leastMs, mostMs: this.#mostMs, totalMs };
  }
}
