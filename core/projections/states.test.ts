import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import reservations from '../../datasets/reservations.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import { type Dataset, defineDataset } from '../dataset/dataset.ts';
import type { DatasetDefinition } from '../dataset/definition.ts';
import type { Reading } from '../dataset/reading.ts';
import { partitionOf } from '../partition/partition.ts';
import { ColumnsBuilder } from '../set/row-buffer.ts';
import { union } from '../set/union.ts';
import { decodePage, encodePage } from '../statistics/page-bytes.ts';
import { mergeStatistics, type PeriodStatistics, statisticsByDay } from '../statistics/statistics.ts';
import { defineProjection, type Projection } from './projection.ts';
import { projectionsOf, readState, writeReadStates } from './states.ts';

const startMs = Date.parse('2026-03-27T22:15:00Z'); // the clock goes forward two days later
const minuteMs = 60_000;
const datasetOf = (dataset: Dataset): Dataset => projectionsOf(dataset) as Dataset;

function readingOf(
  dataset: Dataset,
  atMs: number,
  fields: Record<string, string | number | null>,
  more: { revision?: number; withdrawn?: boolean } = {},
): Reading {
  return {
    ...{ sensorId: '7', timestampMs: atMs, revision: more.revision ?? 0 },
    values: dataset.measureNames.map((name) => (fields[name] ?? null) as number | null),
    attributes: dataset.attributeNames.map((name) => (fields[name] ?? null) as string | null),
    ...(more.withdrawn ? { withdrawn: true } : {}),
  };
}

/** Few bookings, at few times over five days, in any order of their statuses; some are said again, corrected or taken back. */
const booking = fc
  .record({
    at: fc.nat(30),
    booking_id: fc.nat(3),
    status: fc.constantFrom('created', 'completed', 'cancelled'),
    user_id: fc.nat(1),
    revision: fc.nat(1),
    withdrawn: fc.nat(6).map((n) => n === 0),
  })
  .map(({ at, revision, withdrawn, ...fields }) =>
    readingOf(salonBookings, startMs + at * 240 * minuteMs, fields, { revision, withdrawn }),
  );

const change = fc
  .record({
    at: fc.nat(30),
    position: fc.integer({ min: 1, max: 9 }),
    event: fc.constantFrom('created', 'completed', 'canceled'),
    id: fc.constantFrom('r-1', 'r-2'),
    stream: fc.constantFrom('reservations', 'firm-reservations'),
    slot: fc.integer({ min: -40, max: 40 }),
  })
  .map(({ at, position, event, id, stream, slot }) => {
    const slotMs = startMs + slot * 1_440 * minuteMs;
    return readingOf(reservations, startMs + at * 240 * minuteMs, {
      ...{ event, reservation_id: id, stream, position, event_number: 1, event_count: 1 },
      ...{ recorded_at: startMs, command_id: 'c', digest: 'd', data: '{}' },
      ...{ log_entry: 1, log_place: 1, log_count: 1 },
      ...(event === 'created'
        ? { employee_id: 'e', user_id: 'u', slot_start: slotMs, slot_end: slotMs + 30 * minuteMs }
        : {}),
    });
  });

function setOf(dataset: Dataset, readings: readonly Reading[]) {
  const builder = new ColumnsBuilder(dataset);
  for (const reading of readings) builder.add(reading, 0);
  return builder.build();
}

/** As the merge keeps it: the page of each day, through its bytes, and what the days come to. */
function kept(dataset: Dataset, readings: readonly Reading[]): PeriodStatistics {
  const projected = datasetOf(dataset);
  const days = Map.groupBy(readings, (of) => partitionOf(dataset, of.sensorId, of.timestampMs).day);
  const pages = [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, of]) => encodePage(statisticsByDay(projected, setOf(dataset, of))));
  return mergeStatistics(
    projected,
    pages.flatMap((page) => decodePage(page).get('7') ?? []),
  );
}

const viewOf = (dataset: Dataset, name: string, { states = {} }: PeriodStatistics, asOfMs = startMs) => {
  const projection = dataset.projections[name] as Projection;
  const read = readState(projection, states[name] ?? '');
  return 'state' in read ? projection.view(read.state, asOfMs) : read;
};

describe.each([
  ['bookings', salonBookings, booking],
  ['current', reservations, change],
] as const)('%s', (name, dataset, event) => {
  const projection = dataset.projections[name] as Projection;

  test('comes to the same bytes in any order, split, repeated, corrected and withdrawn', () => {
    const batches = fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 5 });
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat()), (some, random) => {
        const whole = setOf(dataset, some.flat());
        const shuffled = [...some, ...some]
          .map((batch) => ({ batch, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ batch }) => setOf(dataset, [...batch].reverse()));
        const merged = shuffled.reduce(
          (set, batch) => union(dataset, set, batch).columns,
          setOf(dataset, []),
        );
        const projected = datasetOf(dataset);
        const page = (columns: typeof whole) => encodePage(statisticsByDay(projected, columns));
        expect(page(merged)).toEqual(page(whole));
      }),
    );
  });

  test('is one fold, however its events are grouped', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 14 }), fc.nat(14), fc.nat(14), (events, one, other) => {
        const states = eventsOf(dataset, events).map((each) => projection.of(each));
        const all = (of: readonly unknown[]) =>
          of.reduce((state, each) => projection.merge(state, each), projection.initial);
        const [first, second] = [Math.min(one, other), Math.max(one, other)];
        const [a, b, c] = [states.slice(0, first), states.slice(first, second), states.slice(second)].map(
          all,
        );
        const whole = all(states);
        expect(projection.merge(projection.merge(a, b), c)).toEqual(whole);
        expect(projection.merge(a, projection.merge(b, c))).toEqual(whole);
        expect(projection.merge(projection.initial, whole)).toEqual(whole);
        expect(projection.merge(whole, projection.initial)).toEqual(whole);
        if (states.length > 1) expect(projection.mergeAll?.(states) ?? whole).toEqual(whole);
      }),
    );
  });
});

/** What a projection is told of events, in their order, as a plain reading of the rule has it. */
function eventsOf(dataset: Dataset, readings: readonly Reading[]) {
  const told: {
    entity: string;
    atMs: number;
    attributes: Record<string, string | number | boolean | null>;
  }[] = [];
  const listening = { ...dataset, projections: { told: listener(told) } };
  const projected = datasetOf(listening);
  const days = Map.groupBy(readings, (of) => partitionOf(dataset, of.sensorId, of.timestampMs).day);
  for (const [, of] of [...days].sort(([a], [b]) => (a < b ? -1 : 1)))
    statisticsByDay(projected, setOf(dataset, of));
  return told;
}
const listener = (told: unknown[]): Projection =>
  defineProjection<null>({
    ...{ summary: '', version: 1, months: 1, initial: null, merge: () => null, view: () => ({}) },
    of: (event) => {
      told.push(event);
      return null;
    },
  });

test('bookings are what a list of them in order of time says, one by one', () => {
  fc.assert(
    fc.property(fc.array(booking, { maxLength: 40 }), (readings) => {
      const counts = { created: 0, completed: 0, cancelled: 0 };
      const before = { completed: 0, cancelled: 0 };
      const hours: number[] = [];
      const open: { id: unknown; atMs: number }[] = [];
      for (const { atMs, attributes } of eventsOf(salonBookings, readings)) {
        const { booking_id: id, status } = attributes;
        const found = open.findLastIndex((each) => each.id === id);
        if (status === 'created') {
          counts.created += 1;
          open.push({ id, atMs });
        } else if (found === -1) before[status as 'completed'] += 1;
        else {
          const [begun] = open.splice(found, 1);
          if (status === 'completed') hours.push((atMs - (begun?.atMs ?? Number.NaN)) / 3_600_000);
          counts[status as 'completed'] += 1;
        }
      }
      const view = viewOf(salonBookings, 'bookings', kept(salonBookings, readings)) as Record<string, never>;
      expect(view).toMatchObject({
        created: counts.created,
        states: { created: open.length, completed: counts.completed, cancelled: counts.cancelled },
        createdBefore: before,
      });
      const { min, max, mean } = view.hoursToCompletion ?? { min: 0, max: 0, mean: 0 };
      const sum = hours.reduce((total, each) => total + each, 0);
      expect([min, max]).toEqual(hours.length === 0 ? [0, 0] : [Math.min(...hours), Math.max(...hours)]);
      expect(mean).toBeCloseTo(hours.length === 0 ? 0 : sum / hours.length, 9);
    }),
  );
});

test('reservations are as their last event says, with what their last creation said', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (readings) => {
      const expected = new Map<string, { status: unknown; slotEnd: string | undefined }>();
      for (const { attributes } of eventsOf(reservations, readings)) {
        const { stream, reservation_id, event, slot_end } = attributes;
        const key = `${stream}/${reservation_id}`;
        const slotEnd = event === 'created' ? String(slot_end) : expected.get(key)?.slotEnd;
        expected.set(key, { status: event, slotEnd });
      }
      const since = new Date(startMs - 31 * 86_400_000).toISOString();
      const shown = [...expected].filter(([, { slotEnd = '' }]) => slotEnd >= since);
      const view = viewOf(reservations, 'current', kept(reservations, readings)) as {
        reservations: { stream: string; reservationId: string; status: string }[];
      };
      const found = view.reservations.map(({ stream, reservationId, status }) => [
        `${stream}/${reservationId}`,
        status,
      ]);
      expect(found.sort()).toEqual(shown.map(([key, { status }]) => [key, status]).sort());
    }),
  );
});

describe('events of one time are folded by their sequence, before their identity', () => {
  const places = {
    position: (position: unknown) => Number(position),
    status: (status: unknown) => ['created', 'completed', 'cancelled'].indexOf(String(status)),
  };
  test.each([
    ['a number', reservations, change, 'position'],
    ['a list of states', salonBookings, booking, 'status'],
  ] as const)('%s', (_, dataset, event, sequence) => {
    expect(dataset.sequence).toBe(sequence);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (readings) => {
        const told = eventsOf(dataset, readings);
        for (const [index, { atMs, attributes }] of told.entries()) {
          const next = told[index + 1];
          if (next?.atMs !== atMs) continue;
          const [first, second] = [attributes[sequence], next.attributes[sequence]].map(places[sequence]);
          expect(first).toBeLessThanOrEqual(second as number); // mapped from two
        }
      }),
    );
  });

  test('so that a booking which is cancelled as it is created has been created', () => {
    const at = (status: string) => readingOf(salonBookings, startMs, { booking_id: 1, status, user_id: 1 });
    const view = viewOf(salonBookings, 'bookings', kept(salonBookings, [at('cancelled'), at('created')]));
    expect(view).toMatchObject({
      states: { created: 0, completed: 0, cancelled: 1 },
      createdBefore: { completed: 0, cancelled: 0 },
    });
  });
});

describe('what is no state', () => {
  const definition: DatasetDefinition = {
    ...{ kind: 'events', name: 'visits', timeZone: 'UTC', shards: 1, entity: 'shop', at: 'at' },
    ...{ identity: ['visit'], attributes: { visit: { type: 'integer' } } },
  };
  const texts = (version: number, size: number) =>
    defineDataset(definition, {
      projections: {
        notes: defineProjection<string>({
          ...{ summary: 'x for each visit', version, months: 1, initial: '' },
          of: () => 'x'.repeat(size),
          merge: (earlier, later) => earlier + later,
          view: (state) => ({ length: state.length }),
        }),
      },
    });
  const visits = (dataset: Dataset, count: number) =>
    statisticsByDay(
      datasetOf(dataset),
      setOf(
        dataset,
        Array.from({ length: count }, (_, n) => readingOf(dataset, startMs, { visit: n })),
      ),
    ).get('7') as PeriodStatistics;

  test('is too large where it has no room, and all that is merged with it', () => {
    const dataset = texts(1, 100_000);
    const [small, large] = [visits(dataset, 3), visits(dataset, 4)];
    expect(viewOf(dataset, 'notes', small)).toEqual({ length: 300_000 });
    expect(viewOf(dataset, 'notes', large)).toEqual({ fault: 'too-large' });
    const merged = (of: PeriodStatistics[]) =>
      viewOf(dataset, 'notes', mergeStatistics(datasetOf(dataset), of));
    expect(merged([small, small])).toEqual({ fault: 'too-large' });
    expect(merged([small, large])).toEqual({ fault: 'too-large' });
  });

  test('is one text, in whatever order its objects were made', () => {
    const dataset = texts(1, 1);
    const textOf = (state: unknown) => writeReadStates(dataset, { notes: { state } }).notes ?? '';
    // The first four are numbers for an object, the others names.
    const key = fc.constantFrom('0', '7', '10', '4294967294', '4294967295', '01', '-1', '', 'a', 'B', 'é');
    const values = [fc.integer(), fc.string(), fc.constant(null), fc.boolean()];
    const state = fc.object({ key, values, maxDepth: 3, withNullPrototype: false });
    const turned = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(turned);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, turned(member)]),
      );
    };
    fc.assert(
      fc.property(state, (made) => {
        const text = textOf(made);
        expect(textOf(turned(made))).toBe(text);
        expect(JSON.parse(text.slice('1:'.length))).toEqual(made);
      }),
      { numRuns: 500 },
    );
    expect(textOf({ b: { d: 1, c: 2 }, 10: 0, a: [{ f: 1, e: 2 }] })).toBe(
      '1:{"10":0,"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}',
    );
  });

  test('is outdated where some of it was folded by another version, or not at all', () => {
    const [before, now] = [texts(1, 1), texts(2, 1)];
    const merged = mergeStatistics(datasetOf(now), [visits(before, 1), visits(now, 1)]);
    expect(viewOf(now, 'notes', merged)).toEqual({ fault: 'outdated' });
    const { states: _, ...none } = visits(now, 1);
    expect(viewOf(now, 'notes', mergeStatistics(datasetOf(now), [none, visits(now, 1)]))).toEqual({
      fault: 'outdated',
    });
  });

  test.each([
    [{ 'Big-One': {} }, 'the name of a projection is "Big-One"'],
    [{ one: { version: 0 } }, 'projections.one.version is 0'],
    [{ one: { months: 25 } }, 'projections.one.months is 25'],
    [{ a: {}, b: {}, c: {}, d: {} }, 'there are 4 projections; accepted: at most 3'],
  ])('%j is refused by name', (given: Record<string, Partial<Projection>>, message) => {
    const sound = texts(1, 1).projections.notes as Projection;
    const projections = Object.fromEntries(
      Object.entries(given).map(([name, of]) => [name, { ...sound, ...of }]),
    );
    expect(() => defineDataset(definition, { projections })).toThrow(message);
  });

  test('readings have none', () => {
    const { projections } = texts(1, 1);
    const readings = {
      name: 'tide',
      timeZone: 'UTC',
      shards: 1,
      measures: { m: { unit: 'm', min: 0, max: 1 } },
    };
    expect(() => defineDataset(readings, { projections })).toThrow('projections are of events');
  });
});
