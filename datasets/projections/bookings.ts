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
 * for each booking. Numbers but the first are what they are more than the one before: half as long, and half the pages.
 */

interface Beginnings {
  /** UTC ms. */
  readonly atMs: readonly number[];
  readonly ids: readonly number[];
}

interface Ends extends Beginnings {
  /** A letter for each of them. */
  readonly statuses: string;
}

const letters = { completed: 'c', cancelled: 'x' } as const;

const none: Bookings = {
  cancelled: 0,
  completed: null,
  created: 0,
  ended: { atMs: [], ids: [], statuses: '' },
  open: { atMs: [], ids: [] },
};
const hourMs = 3_600_000;

/**
 * The bookings of a salon by what became of them, and how long those took that were completed. A booking that is created twice counts twice, and what
 * ends it ends the later one.
 */
export const bookings = defineProjection<Bookings>({
  summary: 'bookings by state, and the time from created to completed',
  version: 4,
  months: 13,
  initial: none,
  of({ atMs, attributes: { booking_id, status } }) {
    const ids = [booking_id as number]; // its attributes are declared so
    return status === 'created'
      ? { ...none, created: 1, open: { atMs: [atMs], ids } }
      : { ...none, ended: { atMs: [atMs], ids, statuses: letters[status as keyof typeof letters] } };
  },
  merge: (earlier, later) => together([earlier, later]),
  mergeAll: together,
  view({ created, cancelled, completed, open, ended }) {
    return {
      created,
      states: { created: open.ids.length, completed: completed?.count ?? 0, cancelled },
      // Of bookings that were created before the months of the answer, or of which no line says that they were.
      createdBefore: {
        completed: countOf(letters.completed, ended.statuses),
        cancelled: countOf(letters.cancelled, ended.statuses),
      },
      hoursToCompletion: completed && {
        mean: Number(completed.totalMs) / completed.count / hourMs,
        min: completed.leastMs / hourMs,
        max: completed.mostMs / hourMs,
      },
    };
  },
});

const countOf = (letter: string, text: string): number => text.split(letter).length - 1;

/** Spans that follow each other, in one pass. */
function together(spans: readonly Bookings[]): Bookings {
  const begun = new Begun();
  const ended = { atMs: new Differences(), ids: new Differences(), statuses: '' };
  const took = new Durations();
  let [created, cancelled] = [0, 0];
  for (const span of spans) {
    created += span.created;
    cancelled += span.cancelled;
    took.addAll(span.completed);
    let [atMs, id] = [0, 0];
    for (let at = 0; at < span.ended.ids.length; at++) {
      atMs += span.ended.atMs[at] as number; // a row, as the next
      id += span.ended.ids[at] as number;
      const beganMs = begun.end(id);
      if (beganMs === undefined) {
        ended.atMs.add(atMs);
        ended.ids.add(id);
        ended.statuses += span.ended.statuses[at];
      } else if (span.ended.statuses[at] === letters.cancelled) cancelled += 1;
      else took.add(atMs - beganMs);
    }
    [atMs, id] = [0, 0];
    for (let at = 0; at < span.open.ids.length; at++) {
      atMs += span.open.atMs[at] as number; // a row, as the next
      id += span.open.ids[at] as number;
      begun.begin(id, atMs);
    }
  }
  // Members in the order of their names, in which states are written: so they need not be put into it.
  return {
    cancelled,
    completed: took.all(),
    created,
    ended: { atMs: ended.atMs.all, ids: ended.ids.all, statuses: ended.statuses },
    open: begun.open(),
  };
}

/** Numbers, each but the first as what it is more than the one before. */
class Differences {
  readonly all: number[] = [];
  #last = 0;

  add(value: number): void {
    this.all.push(value - this.#last);
    this.#last = value;
  }
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
    const [atMs, ids] = [new Differences(), new Differences()];
    for (let row = 0; row < this.#ids.length; row++) {
      if (this.#isEnded[row]) continue;
      atMs.add(this.#atMs[row] as number); // a row, as the next
      ids.add(this.#ids[row] as number);
    }
    return { atMs: atMs.all, ids: ids.all };
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
