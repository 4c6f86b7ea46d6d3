import * as z from 'zod';
import { type Decision, defineStream, idPattern, type Stream } from '../core/streams/stream.ts';
import { dayMs } from '../core/time/duration.ts';

/*
 * Reservations of a salon's calendar. The calendar is the stream, so that no two reservations of one employee overlap; its
 * id is the salon's.
 */

/** A reservation leaves the state, not the history, this long after the end of its slot. */
const keptMs = 31 * dayMs;
/** The furthest ahead that a slot may begin. */
const aheadMs = 366 * dayMs;
/** Reservations in the state: with ids of 40 characters that nothing compresses, their snapshot is below DynamoDB's 400 KB. */
export const maxHeld = 3_500;

const id = z
  .string()
  .regex(idPattern, '1 to 40 letters, digits, ".", "_" and "-", the first a letter or digit');
const instant = z.iso
  .datetime({ offset: true, error: 'must be a time with its offset, such as 2026-05-02T10:00:00Z' })
  .transform((text) => new Date(text).toISOString());

const reservation = z.strictObject({
  reservationId: id,
  employeeId: id,
  userId: id,
  slotStart: instant,
  slotEnd: instant,
});
const ofReservation = z.strictObject({ reservationId: id });

const commands = {
  create: reservation.refine(
    ({ slotStart, slotEnd }) => {
      const lengthMs = Date.parse(slotEnd) - Date.parse(slotStart);
      return lengthMs > 0 && lengthMs <= dayMs;
    },
    { path: ['slotEnd'], error: 'must be after slotStart, and at most 24 hours after it' },
  ),
  cancel: ofReservation,
  complete: ofReservation,
};
const events = { created: reservation, canceled: ofReservation, completed: ofReservation };

interface Reservation extends z.output<typeof reservation> {
  readonly status: 'created' | 'canceled' | 'completed';
}

/** What is needed to decide: reservations whose slots have not ended long ago, in the order of their creation. */
export interface Calendar {
  readonly reservations: readonly Reservation[];
}

const statusAfter = { canceled: 'canceled', completed: 'completed' } as const;

const refusals = {
  'slot-taken': 'the employee has another reservation in that time',
  'reservation-exists': 'there is a reservation of this id',
  'reservation-unknown': 'there is no such reservation, or its slot ended more than 31 days ago',
  'reservation-canceled': 'the reservation is canceled',
  'reservation-completed': 'the reservation is completed',
  'slot-too-early': 'the slot ended more than 31 days ago',
  'slot-too-late': 'the slot begins more than 366 days ahead',
  'calendar-full': `the calendar holds ${maxHeld} reservations of the last 31 days and the time to come`,
};

const refused = (reason: keyof typeof refusals, detail: string) =>
  ({ kind: 'refused', reason, detail }) as const;
const done = <Name extends string, Data>(name: Name, data: Data) =>
  ({ kind: 'events', events: [{ name, data }] }) as const;

/** Without what ended long ago, as of when something is recorded. */
function current({ reservations }: Calendar, recordedMs: number): readonly Reservation[] {
  const since = new Date(recordedMs - keptMs).toISOString();
  return reservations.filter(({ slotEnd }) => slotEnd >= since);
}

/** Times in one form, UTC with milliseconds, compare as texts do. */
const overlap = (a: z.output<typeof reservation>, b: z.output<typeof reservation>): boolean =>
  a.slotStart < b.slotEnd && b.slotStart < a.slotEnd;

function create(
  data: z.output<typeof reservation>,
  held: readonly Reservation[],
  recordedMs: number,
): Decision<{ name: 'created'; data: z.output<typeof reservation> }> {
  const { reservationId, employeeId, slotStart, slotEnd } = data;
  if (held.some((each) => each.reservationId === reservationId))
    return refused('reservation-exists', `there is a reservation ${reservationId} already`);
  if (Date.parse(slotEnd) < recordedMs - keptMs)
    return refused('slot-too-early', `the slot ended at ${slotEnd}, more than 31 days ago`);
  if (Date.parse(slotStart) > recordedMs + aheadMs)
    return refused('slot-too-late', `the slot begins at ${slotStart}, more than 366 days ahead`);
  const other = held.find(
    (each) => each.employeeId === employeeId && each.status !== 'canceled' && overlap(each, data),
  );
  if (other !== undefined)
    return refused(
      'slot-taken',
      `employee ${employeeId} has reservation ${other.reservationId} from ${other.slotStart} to ${other.slotEnd}`,
    );
  if (held.length >= maxHeld) return refused('calendar-full', refusals['calendar-full']);
  return done('created', data);
}

/**
 * Reservations by the rule of the salon.
 * @param rule.cancelsCompleted whether a completed reservation may be canceled, which frees its slot
 */
const defineReservations = (rule: { name: string; summary: string; cancelsCompleted: boolean }): Stream =>
  defineStream({
    name: rule.name,
    summary: rule.summary,
    version: 1,
    commands,
    events,
    refusals,
    initial: { reservations: [] } as Calendar,
    snapshotEvery: 50,
    facts: {
      dataset: 'reservations',
      fields: ({ name, data }) => {
        if (name !== 'created') return { reservation_id: data.reservationId };
        const { reservationId: reservation_id, employeeId: employee_id, userId: user_id } = data;
        const { slotStart: slot_start, slotEnd: slot_end } = data;
        return { reservation_id, employee_id, user_id, slot_start, slot_end };
      },
    },
    decide(command, state, { recordedMs }) {
      const held = current(state, recordedMs);
      if (command.name === 'create') return create(command.data, held, recordedMs);
      const { reservationId } = command.data;
      const found = held.find((each) => each.reservationId === reservationId);
      if (found === undefined)
        return refused('reservation-unknown', `${reservationId}: ${refusals['reservation-unknown']}`);
      if (found.status === 'canceled')
        return refused('reservation-canceled', `reservation ${reservationId} is canceled already`);
      if (found.status === 'completed' && (command.name === 'complete' || !rule.cancelsCompleted))
        return refused('reservation-completed', `reservation ${reservationId} is completed already`);
      return done(command.name === 'cancel' ? 'canceled' : 'completed', { reservationId });
    },
    evolve(state, event, { recordedMs }) {
      const held = current(state, recordedMs);
      if (event.name === 'created')
        return { reservations: [...held, { ...event.data, status: 'created' as const }] };
      const status = statusAfter[event.name];
      const { reservationId } = event.data;
      return {
        reservations: held.map((each) => (each.reservationId === reservationId ? { ...each, status } : each)),
      };
    },
  });

/** As the salons of the seed have it: who completed a reservation by mistake cancels it. */
export const reservations = defineReservations({
  name: 'reservations',
  summary: 'a salon’s calendar; a completed reservation may be canceled',
  cancelsCompleted: true,
});

/** For salons that bill what is completed. */
export const firmReservations = defineReservations({
  name: 'firm-reservations',
  summary: 'a salon’s calendar; what is completed stays so',
  cancelsCompleted: false,
});
