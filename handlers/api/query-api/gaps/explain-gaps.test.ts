import { beforeEach, describe, expect, test } from 'vitest';
import { defineDataset } from '../../../../core/dataset/dataset.ts';
import type { Reading } from '../../../../core/dataset/reading.ts';
import type { LedgerEntry } from '../../../../ports/queries.ts';
import type { Holding } from '../../../../ports/records.ts';
import type { RejectedLine } from '../../../../ports/rejected-lines.ts';
import { body, createApiWorld } from '../../../../test/support/api-world.ts';
import { gaps } from '../../contract/gaps.ts';

const levels = defineDataset({
  ...{ name: 'levels', timeZone: 'Europe/Madrid', shards: 2, expectedEvery: '6 hours' },
  measures: {
    level: { unit: 'm', min: -100, max: 100 },
    flow: { unit: 'l', min: 0, max: 9, optional: true },
  },
});
const now = Date.parse('2024-06-15T12:00:00Z');
/** Of Madrid's 3 June 2024: from 22:00 UTC of the day before. */
const day = '2024-06-03';
const at = (time: string): number => Date.parse(`2024-06-03T${time}:00Z`);

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld(now, [levels]);
});

const reading = (time: string, more: Partial<Reading> = {}): Reading => ({
  ...{ sensorId: 'a', timestampMs: at(time), revision: 0, values: [1, 2], attributes: [] },
  ...more,
});
const completed = (more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ state: 'Completed', rejectedByReason: {}, dropped: {}, jobId: 'j', attempts: 1, updatedAt: '' },
  ...more,
});
const held = (more: Partial<Holding> = {}): Holding => ({
  ...{ dataset: 'levels', readings: 3, fromMs: at('00:00'), toMs: at('12:00'), sensors: ['a'] },
  ...more,
});
const rejected = (key: string, line: number, text: string): RejectedLine => ({
  ...{ bucket: 'raw', key, versionId: 'v', line, reason: 'out-of-range', detail: 'level is 999', text },
});
const json = (time: string, sensorId = 'a') =>
  JSON.stringify({ dataset: 'levels', sensorId, timestamp: `2024-06-03T${time}:00Z`, level: 999 });

async function explained(query = `sensor=a&day=${day}`) {
  const answer = await world.get(`/datasets/levels/gaps?${query}`);
  expect(answer.status, answer.body).toBe(200);
  expect(world.faults).toEqual([]);
  return gaps.explainGaps.answer.parse(body(answer));
}

describe('a gap', () => {
  test('of which nothing ever came was never sent', async () => {
    world.store(levels, [reading('06:00'), reading('12:00')]);
    expect(await explained()).toMatchObject({
      ...{ expected: 4, readings: 2, withdrawn: 0, late: null, refused: [], waiting: 0 },
      missing: { count: 2, rejected: 0, withdrawn: 0, neverSent: 2 },
      looked: { isAll: true },
    });
  });

  test('of lines that were rejected says why, each time once, and what has been mended since', async () => {
    world.store(levels, [reading('06:00')]);
    const stream = 'raw/2024/06/03/00/one.gz';
    const lines = [json('00:00'), json('00:00'), json('06:00'), json('12:00', 'b'), '{"sensorId":"a","tim'];
    world.arrive(
      stream,
      at('00:10'),
      completed({ meant: [{ dataset: 'levels', rejected: 5 }] }),
      lines.map((text, index) => rejected(stream, index + 1, text)),
    );
    const file = 'landing/levels/a/two.csv';
    const row = '2024-06-03T18:00:00Z,999';
    world.arrive(file, now, completed({ meant: [{ dataset: 'levels', rejected: 1 }] }), [
      rejected(file, 2, row),
    ]);
    const found = await explained();
    expect(found).toMatchObject({
      missing: { count: 3, rejected: 2, withdrawn: 0, neverSent: 1 },
      rejected: { lines: 4, byReason: { 'out-of-range': 4 }, mended: 1 },
    });
    expect(found.rejected.examples).toContainEqual({
      ...{ key: file, line: 2, reason: 'out-of-range', detail: 'level is 999', text: row },
    });
  });

  test('of readings that were withdrawn, and of values that were dropped', async () => {
    world.store(levels, [
      reading('00:00'),
      reading('06:00', { values: [3, null] }),
      reading('12:00', { values: [null, null], withdrawn: true }),
    ]);
    const dropped = { levels: { flow: { 'out-of-range': 1 } } };
    world.arrive('raw/2024/06/03/12/x.gz', at('12:05'), completed({ dropped, holds: [held()] }));
    world.arrive(
      'raw/2024/06/03/12/y.gz',
      at('12:05'),
      completed({ dropped, holds: [held({ sensors: ['b'] })] }),
    );
    expect(await explained()).toMatchObject({
      ...{ readings: 2, withdrawn: 1, withoutValue: { flow: 1 } },
      missing: { count: 2, rejected: 0, withdrawn: 1, neverSent: 1 },
      dropped: { flow: { 'out-of-range': 1 } },
      late: null,
    });
  });

  test('tells what came after the day, what waits, and files of which nothing was taken', async () => {
    world.arrive(
      'raw/2024/06/10/08/late.gz',
      Date.parse('2024-06-10T08:00:00Z'),
      completed({ holds: [held()] }),
    );
    world.arrive('raw/2024/06/15/11/waits.gz', now);
    const refusal = { reason: 'not-text', detail: 'it is a picture', lines: [] } as const;
    for (const [key, entry] of [
      ['landing/levels/a/a.csv', completed({ state: 'Refused', refusal })],
      ['landing/levels/all.csv', completed({ state: 'Refused', refusal })],
      ['landing/levels/b/b.csv', completed({ state: 'Refused', refusal })],
    ] as const)
      world.arrive(key, now, entry);
    const found = await explained();
    expect(found).toMatchObject({
      late: { objects: 1, first: '2024-06-10T08:00:00.000Z', last: '2024-06-10T08:00:00.000Z' },
      waiting: 1,
    });
    expect(found.refused.map(({ key }) => key).sort()).toEqual([
      'landing/levels/a/a.csv',
      'landing/levels/all.csv',
    ]);
  });

  test('of what had arrived before the day began is not looked for', async () => {
    const early = 'raw/2024/06/01/00/early.gz';
    world.arrive(early, Date.parse('2024-06-01T00:00:00Z'), completed(), [rejected(early, 1, json('00:00'))]);
    expect(await explained()).toMatchObject({ rejected: { lines: 0 }, looked: { objects: 0 } });
  });

  test('of a day to come is none, and a day that there is not is refused', async () => {
    expect(await explained('sensor=a&day=2024-06-20')).toMatchObject({ expected: 0, missing: { count: 0 } });
    for (const query of ['sensor=a&day=2024-02-30', 'sensor=a', `day=${day}`])
      expect((await world.get(`/datasets/levels/gaps?${query}`)).status).toBe(400);
    expect((await world.get(`/datasets/nobody/gaps?sensor=a&day=${day}`)).status).toBe(404);
  });
});
