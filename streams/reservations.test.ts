import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Commit,
  decodeCommit,
  encodeCommit,
  fold,
  type Stream,
  unfolded,
} from '../core/streams/stream.ts';
import { streams } from './registry.ts';
import { type Calendar, firmReservations, maxHeld, reservations } from './reservations.ts';

const startMs = Date.parse('2026-05-02T09:00:00Z');
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const slot = (fromMinute: number, minutes: number) => ({
  slotStart: new Date(startMs + fromMinute * minuteMs).toISOString(),
  slotEnd: new Date(startMs + (fromMinute + minutes) * minuteMs).toISOString(),
});
const booking = (reservationId: string, fromMinute: number, minutes = 30, employeeId = 'e-1') => ({
  ...{ reservationId, employeeId, userId: 'u-1' },
  ...slot(fromMinute, minutes),
});

/** A calendar to which commands are given as the store does it. */
class Played {
  readonly commits: Commit[] = [];
  readonly #stream: Stream;
  folded;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.folded = unfolded(stream);
  }

  get calendar(): Calendar {
    return this.folded.state as Calendar;
  }

  /** @returns `done`, or the reason */
  give(name: string, data: object, recordedMs = startMs): string {
    const parsed = this.#stream.commands[name]?.parse(data);
    const moment = { recordedMs, occurredMs: recordedMs };
    const decision = this.#stream.decide({ name, data: parsed }, this.folded.state, moment);
    if (decision.kind === 'refused') return decision.reason;
    const position = this.commits.length + 1;
    const commit = { position, commandId: `c${position}`, digest: '', ...moment, events: decision.events };
    this.commits.push(commit);
    this.folded = fold(this.#stream, this.folded, commit);
    return 'done';
  }
}

describe('a calendar', () => {
  test('takes no two reservations of an employee at one time, and any that only touch', () => {
    const played = new Played(reservations);
    expect(played.give('create', booking('r-1', 0))).toBe('done');
    expect(played.give('create', booking('r-2', 29))).toBe('slot-taken');
    expect(played.give('create', booking('r-2', -10, 60))).toBe('slot-taken');
    expect(played.give('create', booking('r-2', 30))).toBe('done');
    expect(played.give('create', booking('r-3', 0, 30, 'e-2'))).toBe('done');
    expect(played.give('create', booking('r-3', 90))).toBe('reservation-exists');
  });

  test('has a slot again once its reservation is canceled', () => {
    const played = new Played(reservations);
    played.give('create', booking('r-1', 0));
    expect(played.give('cancel', { reservationId: 'r-1' })).toBe('done');
    expect(played.give('cancel', { reservationId: 'r-1' })).toBe('reservation-canceled');
    expect(played.give('complete', { reservationId: 'r-1' })).toBe('reservation-canceled');
    expect(played.give('create', booking('r-2', 0))).toBe('done');
    expect(played.give('cancel', { reservationId: 'r-9' })).toBe('reservation-unknown');
  });

  test.each([
    [reservations, 'done', 'canceled'],
    [firmReservations, 'reservation-completed', 'completed'],
  ] as const)('cancels what is completed only where its rule says so: $0.name', (stream, outcome, status) => {
    const played = new Played(stream);
    played.give('create', booking('r-1', 0));
    expect(played.give('complete', { reservationId: 'r-1' })).toBe('done');
    expect(played.give('complete', { reservationId: 'r-1' })).toBe('reservation-completed');
    expect(played.give('create', booking('r-2', 0))).toBe('slot-taken');
    expect(played.give('cancel', { reservationId: 'r-1' })).toBe(outcome);
    expect(played.calendar.reservations.map((each) => each.status)).toEqual([status]);
  });

  test('forgets what ended 31 days ago, and takes nothing of that time or of more than a year ahead', () => {
    const played = new Played(reservations);
    played.give('create', booking('r-1', 0));
    const later = startMs + 31 * dayMs + 30 * minuteMs;
    expect(played.give('complete', { reservationId: 'r-1' }, later + 1)).toBe('reservation-unknown');
    expect(played.give('create', booking('r-2', 0), later + 1)).toBe('slot-too-early');
    expect(played.give('create', booking('r-2', 367 * 1_440))).toBe('slot-too-late');
    expect(played.give('create', booking('r-2', 31 * 1_440), later + 1)).toBe('done');
    expect(played.calendar.reservations.map(({ reservationId }) => reservationId)).toEqual(['r-2']);
  });

  test('is full before its snapshot is larger than an item, however little the ids compress', () => {
    const random = () =>
      Buffer.from(crypto.getRandomValues(new Uint8Array(30)))
        .toString('base64url')
        .slice(0, 39);
    const held = Array.from({ length: maxHeld }, () => ({
      ...booking(`r${random()}`, 0),
      ...{ employeeId: `e${random()}`, userId: `u${random()}`, status: 'created' as const },
    }));
    const state = { reservations: held };
    expect(gzipSync(JSON.stringify(state)).length).toBeLessThan(400_000);
    const moment = { recordedMs: startMs, occurredMs: startMs };
    const create = { name: 'create', data: booking('one-more', 0) };
    expect(reservations.decide(create, state, moment)).toMatchObject({ reason: 'calendar-full' });
    expect(reservations.decide(create, { reservations: held.slice(1) }, moment).kind).toBe('events');
  });

  test.each([
    ['an end before the start', { slotEnd: '2026-05-02T08:00:00Z' }],
    ['more than a day', { slotEnd: '2026-05-03T09:00:01Z' }],
    ['a time without an offset', { slotStart: '2026-05-02T09:00:00' }],
    ['an id with a space', { employeeId: 'e 1' }],
    ['a member that nobody knows', { chair: '4' }],
  ])('takes no command with %s', (_, changes) => {
    expect(reservations.commands.create?.safeParse({ ...booking('r-1', 0), ...changes }).success).toBe(false);
  });

  test('has times in UTC, whatever their offset was', () => {
    const data = { ...booking('r-1', 0), slotStart: '2026-05-02T04:00:00-05:00' };
    expect(reservations.commands.create?.parse(data)).toMatchObject({
      slotStart: '2026-05-02T09:00:00.000Z',
    });
  });
});

/** Reservations of one employee that overlap. */
function inTwoPlaces({ reservations: all }: Calendar): string[] {
  const busy = all.filter(({ status }) => status !== 'canceled');
  return busy.flatMap((a, index) =>
    busy
      .slice(index + 1)
      .filter((b) => a.employeeId === b.employeeId && a.slotStart < b.slotEnd && b.slotStart < a.slotEnd)
      .map((b) => `${a.reservationId} and ${b.reservationId}`),
  );
}

const command = fc.record({
  name: fc.constantFrom('create', 'create', 'cancel', 'complete'),
  reservation: fc.nat(6),
  employee: fc.nat(2),
  from: fc.nat(30),
  minutes: fc.integer({ min: 1, max: 12 }),
  laterMs: fc.oneof(fc.constant(0), fc.constant(minuteMs), fc.constant(20 * dayMs)),
});

describe.each(streams.map((stream) => [stream.name, stream] as const))(
  '%s, whatever is asked of it',
  (_, stream) => {
    test('never has an employee in two places, refuses only for reasons that it names, and folds from any position', () => {
      fc.assert(
        fc.property(fc.array(command, { maxLength: 40 }), fc.nat(40), (commands, cut) => {
          const played = new Played(stream);
          const reasons = new Set<string>();
          let nowMs = startMs;
          for (const { name, reservation, employee, from, minutes, laterMs } of commands) {
            nowMs += laterMs;
            const of = booking(
              `r-${reservation}`,
              (nowMs - startMs) / minuteMs + from,
              minutes,
              `e-${employee}`,
            );
            const outcome = played.give(
              name,
              name === 'create' ? of : { reservationId: `r-${reservation}` },
              nowMs,
            );
            if (outcome !== 'done') reasons.add(outcome);
            if (outcome === 'done') expect(inTwoPlaces(played.calendar)).toEqual([]);
          }
          expect([...reasons].filter((reason) => !Object.hasOwn(stream.refusals, reason))).toEqual([]);
          // As texts, and from a snapshot: the same bytes.
          const commits = played.commits.map((commit) => decodeCommit(encodeCommit(commit)));
          const before = commits
            .slice(0, cut)
            .reduce((of, commit) => fold(stream, of, commit), unfolded(stream));
          const resumed = { ...before, state: JSON.parse(JSON.stringify(before.state)) };
          const after = commits.slice(cut).reduce((of, commit) => fold(stream, of, commit), resumed);
          expect(JSON.stringify(after)).toBe(JSON.stringify(played.folded));
        }),
      );
    });
  },
);
