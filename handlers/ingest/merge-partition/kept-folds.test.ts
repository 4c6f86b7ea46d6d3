import fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectionsOf } from '../../../core/projections/states.ts';
import { decodePage, encodePage } from '../../../core/statistics/page-bytes.ts';
import salonBookings from '../../../datasets/salon-bookings.ts';
import { createKeptFolds } from './kept-folds.ts';

const dataset = projectionsOf(salonBookings);
if (dataset === undefined) throw new Error('it has projections');

/** The page of a day on which a booking begins or ends. */
const page = fc.record({ id: fc.nat(3), ends: fc.boolean(), atMs: fc.nat(9), salon: fc.constantFrom('7', '8') }).map(
  ({ id, ends, atMs, salon }) => {
    const none = { atMs: [], ids: [], statuses: '' };
    const [of, statuses] = [{ atMs: [atMs], ids: [id] }, 'c'];
    const state = ends
      ? { cancelled: 0, completed: null, created: 0, ended: { ...of, statuses }, open: { atMs: [], ids: [] } }
      : { cancelled: 0, completed: null, created: 1, ended: none, open: of };
    const states = { bookings: `${salonBookings.projections.bookings?.version}:${JSON.stringify(state)}` };
    return encodePage(new Map([[salon, { count: 1, contested: 0, measures: {}, alerts: {}, states }]]));
  },
); // biome-ignore format: an object a line

/** What happens to a month: the page of a day is written, or removed; or another month is folded. */
const change = fc.record({ day: fc.nat(6), page: fc.option(page), place: fc.nat(1) });

const daysOf = (month: ReadonlyMap<number, Uint8Array>, decoded: (bytes: Uint8Array) => void = () => {}) =>
  [...month]
    .sort(([a], [b]) => a - b)
    .map(([, bytes]) => ({
      bytes,
      series: () => {
        decoded(bytes);
        return decodePage(bytes);
      },
    }));

test.each([0, 100, 2 ** 20])(
  'after any changes a month is folded as from all of its days, with %i bytes kept',
  (most) => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 24 }), (changes) => {
        const folds = createKeptFolds(most);
        const months = [new Map<number, Uint8Array>(), new Map<number, Uint8Array>()];
        for (const { day, page: bytes, place } of changes) {
          const month = months[place] as Map<number, Uint8Array>; // one of two
          if (bytes === null) month.delete(day);
          else month.set(day, bytes);
          const folded = folds.fold(dataset, String(place), daysOf(month));
          const whole = createKeptFolds(0).fold(dataset, 'x', daysOf(month));
          expect(Buffer.from(encodePage(folded))).toEqual(Buffer.from(encodePage(whole)));
        }
      }),
    );
  },
);

test('days before the first that changed are not read again', () => {
  const pages = fc.sample(page, { numRuns: 6, seed: 1 });
  const month = new Map(pages.map((bytes, day) => [day, bytes]));
  const folds = createKeptFolds();
  const read: Uint8Array[] = [];
  const fold = () => {
    read.length = 0;
    folds.fold(
      dataset,
      '2026-05',
      daysOf(month, (bytes) => read.push(bytes)),
    );
    return read.length;
  };
  const written = fc.sample(page, { numRuns: 3, seed: 2 });
  expect(fold()).toBe(6);
  month.set(5, written[0] as Uint8Array);
  fold(); // what stays is known only now
  month.set(5, written[1] as Uint8Array);
  expect(fold()).toBe(1);
  month.set(6, written[2] as Uint8Array);
  expect(fold()).toBe(2);
});
