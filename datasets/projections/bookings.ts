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
  merge(earlier, later) {
    const open: Record<string, readonly number[]> = { ...earlier.open };
    const ended: Record<string, readonly End[]> = { ...earlier.ended };
    let cancelled = earlier.cancelled + later.cancelled;
    let completed = together(earlier.completed, later.completed);
    for (const [id, ends] of Object.entries(later.ended)) {
      const begun = [...(open[id] ?? [])];
      const left: End[] = [];
      for (const end of ends) {
        const [status, atMs] = end;
        const beganMs = begun.pop();
        if (beganMs === undefined) left.push(end);
        else if (status === 'cancelled') cancelled += 1;
        else completed = together(completed, oneOf(atMs - beganMs));
      }
      if (begun.length === 0) delete open[id];
      else open[id] = begun;
      if (left.length > 0) ended[id] = [...(ended[id] ?? []), ...left];
    }
    for (const [id, begun] of Object.entries(later.open)) open[id] = [...(open[id] ?? []), ...begun];
    return { created: earlier.created + later.created, cancelled, completed, open, ended };
  },
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

const oneOf = (ms: number): Completed => ({ count: 1, totalMs: String(ms), leastMs: ms, mostMs: ms });

function together(a: Completed | null, b: Completed | null): Completed | null {
  if (a === null || b === null) return a ?? b;
  return {
    count: a.count + b.count,
    totalMs: String(BigInt(a.totalMs) + BigInt(b.totalMs)),
    leastMs: Math.min(a.leastMs, b.leastMs),
    mostMs: Math.max(a.mostMs, b.mostMs),
  };
}
