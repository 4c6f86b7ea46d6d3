import { defineProjection } from '../../core/projections/projection.ts';

type Status = 'created' | 'completed' | 'canceled';

/** Whose it is and when, as it was created; `null` where that was before the span. A list, since there are thousands. */
type Made = readonly [employeeId: string, userId: string, slotStart: string, slotEnd: string];

type Reservation = readonly [status: Status, sinceMs: number, made: Made | null];

/** By calendar and reservation, `reservations/r-1`. */
type Reservations = Readonly<Record<string, Reservation>>;

/** As the calendar forgets them: `streams/reservations.ts`. */
const keptMs = 31 * 86_400_000;

/**
 * The reservations of a salon as they are, in the order of their slots, those apart whose slot ended more than 31 days before. It is the state that
 * the events come to by when they occurred; what was known at a time, the streams tell.
 */
export const currentReservations = defineProjection<Reservations>({
  summary: 'reservations with their status, by slot, until 31 days after it',
  version: 1,
  months: 14, // a slot is at most 366 days ahead, and is kept for 31 days
  initial: {},
  of({ atMs, attributes }) {
    const { stream, reservation_id, event, employee_id, user_id, slot_start, slot_end } = attributes;
    const made: Made | null =
      event === 'created'
        ? [String(employee_id), String(user_id), String(slot_start), String(slot_end)]
        : null;
    return { [`${stream}/${reservation_id}`]: [event as Status, atMs, made] };
  },
  merge(earlier, later) {
    const merged: Record<string, Reservation> = { ...earlier };
    for (const [id, [status, sinceMs, made]] of Object.entries(later))
      merged[id] = [status, sinceMs, made ?? earlier[id]?.[2] ?? null];
    return merged;
  },
  view(state, asOfMs) {
    const since = new Date(asOfMs - keptMs).toISOString();
    const shown = Object.entries(state).flatMap(([key, [status, sinceMs, made]]) => {
      if (made === null || made[3] < since) return [];
      const [stream, reservationId] = key.split('/');
      const [employeeId, userId, slotStart, slotEnd] = made;
      const at = { status, since: new Date(sinceMs).toISOString() };
      return [{ stream, reservationId, employeeId, userId, slotStart, slotEnd, ...at }];
    });
    const order = (of: (typeof shown)[number]) => `${of.slotStart} ${of.stream} ${of.reservationId}`;
    const reservations = shown.sort((a, b) => (order(a) < order(b) ? -1 : 1));
    const count = (status: Status) => reservations.filter((each) => each.status === status).length;
    return {
      counts: { created: count('created'), completed: count('completed'), canceled: count('canceled') },
      reservations,
    };
  },
});
