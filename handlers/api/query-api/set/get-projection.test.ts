import { beforeEach, describe, expect, test } from 'vitest';
import { projectionsOf } from '../../../../core/projections/states.ts';
import salonBookings from '../../../../datasets/salon-bookings.ts';
import { body, createApiWorld } from '../../../../test/support/api-world.ts';
import { parseBytes } from '../../../../test/support/parse-bytes.ts';

const nowMs = Date.parse('2026-05-20T12:00:00Z');
let world: ReturnType<typeof createApiWorld>;
beforeEach(async () => {
  world = createApiWorld(nowMs, [salonBookings]);
  const of = (booking_id: number, status: string, booking_date: string, salon_id = 7, more = {}) => ({
    ...{ dataset: 'salon-bookings', booking_id, status, booking_date, user_id: 1, salon_id, ...more },
  });
  const lines = [
    of(0, 'created', '2025-04-30T10:00:00Z'), // before the months of the answer
    of(0, 'completed', '2025-05-01T10:00:00Z'),
    of(1, 'created', '2026-04-30T10:00:00Z'),
    of(1, 'completed', '2026-05-04T10:00:00Z'),
    of(2, 'created', '2026-05-04T08:00:00Z'),
    of(3, 'created', '2026-05-04T12:00:00Z'),
    of(3, 'cancelled', '2026-05-19T12:00:00Z'),
    of(4, 'created', '2026-05-20T11:00:00Z'),
    of(5, 'created', '2026-05-20T11:30:00Z', 7, { withdrawn: true }),
    of(1, 'created', '2026-05-01T08:00:00Z', 8),
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { outcomes } = await parseBytes(text, { arrivedMs: nowMs });
  world.store(
    salonBookings,
    outcomes.map(({ reading }) => reading as never),
  );
});
const ask = async (query: string, name = 'bookings') => {
  const answer = await world.get(`/datasets/salon-bookings/projections/${name}?${query}`);
  return { status: answer.status, ...body(answer) };
};

describe('a projection', () => {
  test('is of the months up to now', async () => {
    expect(await ask('entity=7')).toEqual({
      ...{ status: 200, dataset: 'salon-bookings', projection: 'bookings', entity: '7' },
      ...{ timeZone: 'Europe/Madrid', from: '2025-05-01', asOf: '2026-05-20T12:00:00.000Z', events: 7 },
      state: {
        created: 4,
        states: { created: 2, completed: 1, cancelled: 1 },
        createdBefore: { completed: 1, cancelled: 0 },
        hoursToCompletion: { mean: 96, min: 96, max: 96 },
      },
    });
  });

  test.each([
    ['2026-05-04T09:59:59Z', { created: 2, completed: 0, cancelled: 0 }],
    ['2026-05-04T10:00:00Z', { created: 1, completed: 1, cancelled: 0 }],
    ['2026-05-04T14:00:00%2B02:00', { created: 2, completed: 1, cancelled: 0 }],
    ['2026-05-01T00:00:00Z', { created: 1, completed: 0, cancelled: 0 }],
    ['2026-05-31T00:00:00Z', { created: 2, completed: 1, cancelled: 1 }],
    ['2020-01-01T00:00:00Z', { created: 0, completed: 0, cancelled: 0 }],
  ])('as of %s is of what had happened by then', async (asOf, states) => {
    expect(await ask(`entity=7&asOf=${asOf}`)).toMatchObject({ status: 200, state: { states } });
  });

  test('of nobody, of another name, and of no instant, is a problem', async () => {
    expect(await ask('entity=nobody')).toMatchObject({
      ...{ status: 404, parameter: 'entity' },
      detail: 'salon-bookings has no event of salon_id "nobody"',
    });
    expect(await ask('entity=7', 'nothing')).toMatchObject({ status: 404, accepted: ['bookings'] });
    expect(await ask('entity=7&asOf=2026-02-30T00:00:00Z')).toMatchObject({ status: 400, parameter: 'asOf' });
    expect(await ask('')).toMatchObject({ status: 400, parameter: 'entity' });
  });

  test('that is behind the statistics says so, and how to mend it', async () => {
    const projected = projectionsOf(salonBookings)?.storageName;
    const { rows } = world.statistics;
    rows.splice(
      rows.findIndex(({ dataset, period }) => dataset === projected && period === '2026-04'),
      1,
    );
    const { status, detail } = await ask('entity=7');
    expect(status).toBe(503);
    expect(detail).toContain('reconcile --stores --dataset salon-bookings --fix');
  });

  test('of events that another version folded says so', async () => {
    const projected = projectionsOf(salonBookings)?.storageName;
    for (const row of world.statistics.rows)
      if (row.dataset === projected && row.period === '2026-04') row.statistics.states = { bookings: '0:{}' };
    expect(await ask('entity=7')).toMatchObject({
      status: 503,
      detail: expect.stringContaining('folded before bookings was as it is now'),
    });
  });
});
