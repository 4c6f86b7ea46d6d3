import fc from 'fast-check';
import { expect, test } from 'vitest';
import salonBookings from '../../datasets/salon-bookings.ts';
import { defineDataset } from '../dataset/dataset.ts';
import type { DatasetDefinition } from '../dataset/definition.ts';
import { encodePage, type PageSeries } from '../statistics/page-bytes.ts';
import { mergeStatistics, type PeriodStatistics } from '../statistics/statistics.ts';
import { emptyFold, foldFurther, pageOfFold } from './fold.ts';
import { defineProjection } from './projection.ts';
import { projectionsOf } from './states.ts';

/** Says all that it is told, in its order, with names that are numbers and others. */
const told = defineProjection<Record<string, number>[]>({
  ...{ summary: '', version: 2, months: 1, initial: [], view: (state) => ({ state }) },
  of: ({ atMs }) => [{ z: 1, 7: atMs, a: 2, 10: 3 }],
  merge: (a, b) => [...a, ...b],
});
const definition: DatasetDefinition = {
  kind: 'events',
  ...{ name: 'visits', timeZone: 'UTC', shards: 1, entity: 'shop', at: 'at' },
  ...{ identity: ['visit'], attributes: { visit: { type: 'integer', min: 0 } } },
};
const dataset = projectionsOf(defineDataset(definition, { projections: { told, other: told } }));
if (dataset === undefined) throw new Error('it has projections');

const stateText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.nat(9), { maxLength: 2 })
      .map((of) => `2:${JSON.stringify(of.map((n) => ({ 7: n, a: 1 })))}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('!', '?', '1:[]') },
);
/** An entity's day; of a page that was written before there was the other projection, that is missing. */
const ofDay = fc.record({
  count: fc.nat(9),
  told: stateText,
  other: fc.option(stateText, { nil: undefined }),
});
const day = fc.dictionary(fc.constantFrom('a', 'b', 'c'), ofDay, { maxKeys: 3 }).map(
  (entities): PageSeries =>
    new Map(
      Object.entries(entities).map(([entity, { count, told: text, other }]) => {
        const states = { told: text, ...(other === undefined ? {} : { other }) };
        return [entity, { count, contested: 0, measures: {}, alerts: {}, states }];
      }),
    ),
); // biome-ignore format: weights stand beside what they are of

/** As a plain reading has it: all days of an entity merged at once. */
function pageOf(days: readonly PageSeries[]): Map<string, PeriodStatistics> {
  const entities = new Set(days.flatMap((each) => [...each.keys()]));
  return new Map(
    Array.from(entities, (entity) => [
      entity,
      mergeStatistics(
        dataset as NonNullable<typeof dataset>,
        days.flatMap((each) => each.get(entity) ?? []),
      ),
    ]),
  );
}

test('days that are folded in steps come to the bytes of all at once, whatever versions they are of', () => {
  fc.assert(
    fc.property(fc.array(fc.array(day, { maxLength: 4 }), { maxLength: 5 }), (steps) => {
      const folded = steps.reduce((fold, days) => foldFurther(dataset, fold, days), emptyFold);
      expect(Buffer.from(encodePage(pageOfFold(dataset, folded)))).toEqual(
        Buffer.from(encodePage(pageOf(steps.flat()))),
      );
    }),
  );
});

test('states are the same texts in whatever order their members were made', () => {
  const projected = projectionsOf(
    defineDataset(definition, {
      projections: {
        order: defineProjection<object>({
          ...{ summary: '', version: 1, months: 1, initial: {}, view: () => ({}), of: () => ({}) },
          merge: (a, b) => ({ ...b, ...a }),
        }),
      },
    }),
  );
  const names = ['b', '10', 'a', '9', '4294967295', '4294967294', '01', '-1', ''];
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: 1 }), (some) => {
      const inner = Object.fromEntries(some.map((name) => [name, { [name]: [{ z: 1, y: 2 }] }]));
      const parts = [inner, {}].map((state): PeriodStatistics => {
        const states = { order: `1:${JSON.stringify(state)}` };
        return { count: 1, contested: 0, measures: {}, alerts: {}, states };
      });
      const { states } = mergeStatistics(projected as NonNullable<typeof projected>, parts);
      const sorted = [...some].sort();
      const expected = Object.fromEntries(sorted.map((name) => [name, { [name]: [{ y: 2, z: 1 }] }]));
      expect(states?.order).toBe(`1:${JSON.stringify(expected)}`);
    }),
  );
});

test('what other programs hold of a fold stays as it is', () => {
  const projected = projectionsOf(salonBookings);
  if (projected === undefined) throw new Error('it has projections');
  const page = (state: object): PageSeries => {
    const text = `${salonBookings.projections.bookings?.version}:${JSON.stringify({ cancelled: 0, completed: null, created: 1, ...state })}`;
    return new Map([['7', { count: 1, contested: 0, measures: {}, alerts: {}, states: { bookings: text } }]]);
  };
  const noEnds = { atMs: [], ids: [], statuses: '' };
  const first = foldFurther(projected, emptyFold, [page({ ended: noEnds, open: { atMs: [5], ids: [1] } })]);
  const before = JSON.stringify([...first]);
  foldFurther(projected, first, [
    page({
      ended: { atMs: [9], ids: [1], statuses: 'c' },
      open: { atMs: [7, 1], ids: [1, 1] },
    }),
  ]);
  expect(JSON.stringify([...first])).toBe(before);
});
