import fc from 'fast-check';
import { expect, test } from 'vitest';
import salonBookings from '../../../datasets/salon-bookings.ts';
import { IngestWorld } from '../../../test/support/ingest-world.ts';
import { Crash, crashing } from '../../../test/support/intercepted.ts';

/** Projections beside statistics: kept by the same merge, under keys of their own. */

const booking = (id: number, status: string, date: string, more = {}) =>
  `${JSON.stringify({ dataset: 'salon-bookings', salon_id: 7, booking_id: id, user_id: 1, status, booking_date: date, ...more })}\n`;

/** Over the end of a month; said again, corrected, contested and taken back. */
const line = fc
  .record({
    id: fc.nat(4),
    status: fc.constantFrom('created', 'completed', 'cancelled'),
    day: fc.constantFrom('2026-02-27', '2026-02-28', '2026-03-01', '2026-03-09'),
    salon_id: fc.constantFrom(7, 8, 9),
    user_id: fc.nat(1),
    revision: fc.nat(1),
    withdrawn: fc.nat(5).map((n) => n === 0),
  })
  .map(({ id, status, day, ...more }) => booking(id, status, `${day}T12:00:00Z`, more));

/** Pages by their place, without versions: they count the writes, of which there may be more or fewer. */
const pagesOf = ({ statistics }: IngestWorld) =>
  [...statistics.items]
    .map(([key, { statistics: of }]) => [key, of] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

async function ingested(files: readonly (readonly string[])[]): Promise<IngestWorld> {
  const world = new IngestWorld([salonBookings]);
  for (const [n, lines] of files.entries())
    await world.run(`job-${n}`, [world.deliver(`raw/2026/03/10/00/${n}`, lines.join(''))]);
  return world;
}

test('the pages of any files in any order, any of them twice, are those of one file with all lines', async () => {
  const files = fc.array(fc.array(line, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(files, fc.nat(3), async (some, again) => {
      const whole = pagesOf(await ingested([some.flat()]));
      const repeated = [...some].reverse().concat([some[again % some.length] as string[]]);
      expect(pagesOf(await ingested(repeated))).toEqual(whole);
      expect(whole.some(([key]) => key.startsWith('salon-bookings+projections#'))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a death before or after any call is mended by running again', async () => {
  const first = booking(1, 'created', '2026-03-01T10:00:00Z');
  const second =
    booking(1, 'completed', '2026-03-02T10:00:00Z') +
    booking(1, 'created', '2026-03-01T10:00:00Z', { withdrawn: true });
  const prepared = async () => {
    const world = await ingested([[first]]);
    return { world, input: [world.deliver('raw/2026/03/10/01/x', second)] };
  };
  const { world: undisturbed, input: all } = await prepared();
  const { around, calls } = crashing(-1, 'before');
  await undisturbed.run('job-2', all, around);
  expect(calls.length).toBeGreaterThan(30);
  for (const when of ['before', 'after'] as const)
    for (let index = 0; index < calls.length; index++) {
      const { world, input } = await prepared();
      await expect(world.run('job-2', input, crashing(index, when).around)).rejects.toThrow(Crash);
      await world.run('job-2', input);
      expect(pagesOf(world), `a death ${when} call ${index}, ${calls[index]}`).toEqual(pagesOf(undisturbed));
    }
});

test('days from before there was a projection are folded when their month is merged again', async () => {
  const created = booking(1, 'created', '2026-03-01T10:00:00Z');
  const completed = booking(1, 'completed', '2026-03-05T10:00:00Z');
  const world = new IngestWorld([salonBookings]);
  Object.assign(world, { datasets: [{ ...salonBookings, projections: {} }] });
  await world.run('job-0', [world.deliver('raw/2026/03/10/00/0', created)]);
  expect(pagesOf(world).some(([key]) => key.includes('+projections'))).toBe(false);
  Object.assign(world, { datasets: [salonBookings] });
  await world.run('job-1', [world.deliver('raw/2026/03/10/00/1', completed)]);
  expect(pagesOf(world)).toEqual(pagesOf(await ingested([[created], [completed]])));
});
