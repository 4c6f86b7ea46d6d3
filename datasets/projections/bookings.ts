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
  readonly created: number;
  readonly cancelled: number;
  readonly completed: Completed | null;
  /** By booking, the times of its beginnings without an end, UTC ms. */
  readonly open: Readonly<Record<string, readonly number[]>>;
  /** By booking, its ends without a beginning. */
  readonly ended: Readonly<Record<string, readonly End[]>>;
}

type End = readonly [status: 'completed' | 'cancelled', atMs: number];

const none: Bookings = { created: 0, cancelled: 0, completed: null, open: {}, ended: {} };
const hourMs = 3_600_000;

/**
 * The bookings of a salon by what became of them, and how long those took that were completed. A booking that is created twice counts twice, and what
 * ends it ends the later one.
 */
export const bookings = defineProjection<Bookings>({
  summary: 'bookings by state, and the time from created to completed',
  version: 2,
  months: 13,
  initial: none,
  of({ atMs, attributes: { booking_id, status } }) {
    const id = String(booking_id);
    return status === 'created'
      ? { ...none, created: 1, open: { [id]: [atMs] } }
      : { ...none, ended: { [id]: [[status as End[0], atMs]] } };
  },
  merge: (earlier, later) => together([earlier, later]),
  mergeAll: together,
  view({ created, cancelled, completed, open, ended }) {
    const unknown = Object.values(ended).flat();
    return {
      created,
      states: {
        created: Object.values(open).reduce((sum, { length }) => sum + length, 0),
        completed: completed?.count ?? 0,
        cancelled,
      },
      // Of bookings that were created before the months of the answer, or of which no line says that they were.
      createdBefore: {
        completed: unknown.filter(([status]) => status === 'completed').length,
        cancelled: unknown.filter(([status]) => status === 'cancelled').length,
      },
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
  const open = new Map<string, number[]>();
  const ended = new Map<string, End[]>();
  let [created, cancelled] = [0, 0];
  const completed = {
    count: 0,
    totalMs: 0n,
    leastMs: Number.POSITIVE_INFINITY,
    mostMs: Number.NEGATIVE_INFINITY,
  };
  let sumMs = 0; // of whole ms in this call, which a number holds exactly up to 2^53
  for (const span of spans) {
    created += span.created;
    cancelled += span.cancelled;
    if (span.completed !== null) {
      completed.count += span.completed.count;
      completed.totalMs += BigInt(span.completed.totalMs);
      completed.leastMs = Math.min(completed.leastMs, span.completed.leastMs);
      completed.mostMs = Math.max(completed.mostMs, span.completed.mostMs);
    }
    for (const id of Object.keys(span.ended)) {
      const begun = open.get(id) ?? [];
      for (const end of span.ended[id] ?? []) {
        const [status, atMs] = end;
        const beganMs = begun.pop();
        if (beganMs === undefined) {
          const left = ended.get(id);
          if (left === undefined) ended.set(id, [end]);
          else left.push(end);
        } else if (status === 'cancelled') cancelled += 1;
        else {
          const tookMs = atMs - beganMs;
          completed.count += 1;
          if (Math.abs(sumMs + tookMs) > Number.MAX_SAFE_INTEGER) {
            completed.totalMs += BigInt(sumMs);
            sumMs = 0;
          }
          sumMs += tookMs;
          completed.leastMs = Math.min(completed.leastMs, tookMs);
          completed.mostMs = Math.max(completed.mostMs, tookMs);
        }
      }
      if (begun.length === 0) open.delete(id);
    }
    for (const id of Object.keys(span.open)) {
      const begun = open.get(id);
      if (begun === undefined) open.set(id, [...(span.open[id] ?? [])]);
      else begun.push(...(span.open[id] ?? []));
    }
  }
  const totalMs = String(completed.totalMs + BigInt(sumMs));
  const { count, leastMs, mostMs } = completed;
  // In the order of their names, in which states are written: so they need not be put into it.
  return {
    cancelled,
    completed: count === 0 ? null : { count, leastMs, mostMs, totalMs },
    created,
    ended: Object.fromEntries(ended),
    open: Object.fromEntries(open),
  };
}
