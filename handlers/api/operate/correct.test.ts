import { beforeEach, describe, expect, test } from 'vitest';
import waterTemperature from '../../../datasets/water-temperature.ts';
import { OperationsWorld } from '../../../test/support/operations-world.ts';

const header = 'Fecha,Medida,Desviaciones';
const csv = (...rows: string[]) => `${[header, ...rows].join('\n')}\n`;
const good = ['2026/1/1,12.5,0.1', '2026/1/2,12.6,0.1', '2026/1/3,12.7,0.1', '2026/1/4,12.8,0.1'];
const key = 'landing/water-temperature/a.csv';

let world: OperationsWorld;
beforeEach(() => {
  world = new OperationsWorld([waterTemperature]);
});
const january = () => world.countOf(waterTemperature, 'aquasense', '2026-01');

describe('POST /refused-files/accept', () => {
  const path = '/refused-files/accept';
  const broken = csv(...good, 'x,1,1', 'y,1,1', 'z,1,1');

  test('takes the lines that can be read, once, with the rank of the upload', async () => {
    await world.land(key, broken);
    expect(january()).toBeUndefined();
    const first = await world.post(path, { key });
    expect(first).toMatchObject({ status: 202, value: { key, lines: 7, valid: 4, rejected: 3 } });
    const again = await world.post(path, { key });
    expect(again).toMatchObject({ status: 200, value: first.value });
    await world.ingest();
    expect(january()).toBe(4);
    expect((await world.get('/refused-files')).value.files).toEqual([]);
    expect((await world.get(`/rejects/lines?key=${key}`)).value.lines).toHaveLength(3);
    expect((await world.post(path, { key })).status).toBe(200);
    await world.ingest();
    expect(january()).toBe(4);
  });

  test.each([
    ['there is not', 'landing/water-temperature/none.csv', 404],
    ['is not refused', 'landing/water-temperature/good.csv', 409],
    ['has nothing that can be read', 'landing/water-temperature/columns.csv', 422],
    ['has no name of the raw bucket', 'curated/x', 400],
  ])('refuses a file that %s', async (_, of, status) => {
    await world.land('landing/water-temperature/good.csv', csv(...good));
    await world.land('landing/water-temperature/columns.csv', 'a,b\n1,2\n');
    expect((await world.post(path, { key: of })).status).toBe(status);
  });

  test('is for operators: a viewer is refused, and nothing happens', async () => {
    await world.land(key, broken);
    const user = { id: 'somebody', groups: ['viewer'] };
    expect((await world.post(path, { key }, user)).status).toBe(403);
    await world.ingest();
    expect(january()).toBeUndefined();
  });
});

describe('POST /withdrawals', () => {
  const path = '/withdrawals';
  const ofSeries = { dataset: 'water-temperature', sensor: 'aquasense' };
  const span = { ...ofSeries, from: '2026-01-02', to: '2026-01-03' };
  beforeEach(async () => {
    await world.land(key, csv(...good));
  });

  test('shows what would change by month and changes nothing, then does it, and undoes it', async () => {
    const preview = await world.post(path, { ...span, dryRun: true });
    expect(preview).toMatchObject({
      status: 200,
      value: {
        ...{ changes: 2, withdrawn: 2, restored: 0, monthsInAll: 1, files: [] },
        months: [
          {
            ...{ dataset: 'water-temperature', sensorId: 'aquasense', month: '2026-01' },
            before: { count: 4, measures: { temperature: { mean: 12.65, max: 12.8 } } },
            after: { count: 2, measures: { temperature: { mean: 12.65 } } },
          },
        ],
      },
    });
    await world.ingest();
    expect(january()).toBe(4);
    world.nowMs += 1_000;
    const { digest } = preview.value;
    const done = await world.post(path, { ...span, digest });
    expect(done).toMatchObject({ status: 202, value: { changes: 2, digest } });
    expect(done.value.files[0].key).toMatch(/^landing\/water-temperature\/withdrawals-[0-9a-f]{16}\.ndjson$/);
    await world.ingest();
    expect(january()).toBe(2);
    world.nowMs += 1_000;
    expect((await world.post(path, span)).value).toMatchObject({ changes: 0, unchanged: 2, files: [] });
    const undone = await world.post(path, { ...span, undo: true });
    expect(undone).toMatchObject({ status: 202, value: { restored: 2, withdrawn: 0 } });
    await world.ingest();
    expect(january()).toBe(4);
  });

  test('asked twice before it is ingested does the same as once', async () => {
    const first = await world.post(path, span);
    const second = await world.post(path, span);
    expect(second.value.files[0].key).toBe(first.value.files[0].key);
    await world.ingest();
    expect(january()).toBe(2);
  });

  test('takes one reading by its time', async () => {
    const at = '2026-01-01T23:00:00Z';
    expect((await world.post(path, { ...ofSeries, at })).value).toMatchObject({ changes: 1 });
    await world.ingest();
    expect(january()).toBe(3);
  });

  test('takes a file, but for what another one holds too, and brings it back', async () => {
    await world.land('landing/water-temperature/b.csv', csv(good[0] ?? ''));
    const preview = await world.post(path, { key, dryRun: true });
    expect(preview.value).toMatchObject({ withdrawn: 3, changes: expect.any(Number) });
    await world.post(path, { key });
    await world.ingest();
    expect(january()).toBe(1);
    world.nowMs += 1_000;
    await world.post(path, { key, undo: true });
    await world.ingest();
    expect(january()).toBe(4);
  });

  test.each([
    ['a file', { key }, 4],
    ['days of a series', span, 2],
  ])(
    'refuses %s of more readings than there is memory for, and does one of as many',
    async (_, of, readings) => {
      world.mostReadings = readings - 1;
      const refused = await world.post(path, of);
      expect(refused).toMatchObject({
        status: 422,
        value: {
          type: 'urn:caudal:problem:too-many-readings',
          detail: expect.stringContaining('npm run caudal'),
        },
      });
      await world.ingest();
      expect(january()).toBe(4);
      world.mostReadings = readings;
      expect(await world.post(path, of)).toMatchObject({ status: 202, value: { changes: readings } });
    },
  );

  test('does nothing where other readings would change than were previewed', async () => {
    const { digest } = (await world.post(path, { ...span, dryRun: true })).value;
    await world.land('landing/water-temperature/later.csv', csv('2026/1/2,15.5,0.1'));
    world.nowMs += 1_000;
    expect(await world.post(path, { ...span, digest })).toMatchObject({ status: 409 });
    await world.ingest();
    expect(january()).toBe(4);
  });

  test.each([
    ['nothing', {}],
    ['a file and a series', { ...ofSeries, key }],
    ['a series without a span', ofSeries],
    ['a time and a span', { ...span, at: '2026-01-01T00:00:00Z' }],
    ['a span turned round', { ...ofSeries, from: '2026-02-01', to: '2026-01-01' }],
    ['a day that there is not', { ...ofSeries, from: '2026-02-30', to: '2026-03-01' }],
    ['more than a year', { ...ofSeries, from: '2024-01-01', to: '2026-01-01' }],
    ['what vanished of a series', { ...span, vanished: true }],
    ['another member', { ...span, force: true }],
  ])('refuses %s', async (_, sent) => {
    expect((await world.post(path, sent)).status).toBe(400);
  });

  test('knows no dataset or file that there is not', async () => {
    expect((await world.post(path, { ...span, dataset: 'none' })).status).toBe(404);
    expect((await world.post(path, { key: 'landing/none.csv' })).status).toBe(404);
  });

  test('is for operators: a viewer is refused, and nothing happens', async () => {
    const answer = await world.post(path, span, { id: 'somebody', groups: ['viewer'] });
    expect(answer.status).toBe(403);
    expect(world.faults).toEqual([]);
    await world.ingest();
    expect(january()).toBe(4);
  });
});
