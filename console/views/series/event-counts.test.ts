import { expect, test } from 'vitest';
import { startOf } from '../../parts/time.ts';
import { countsSource } from './event-counts.ts';
import type { Row } from './statistics-source.ts';

const timeZone = 'Europe/Madrid';
const row = (period: string, count: number, more: Partial<Row> = {}): Row => ({
  ...{ period, count, contested: 0, measures: {}, alerts: {} },
  ...more,
});
const sourceOf = (rows: readonly Row[], period: 'month' | 'day' | 'hour', sensors: string[] = []) =>
  countsSource({ rows, sensors, period, timeZone, span: [0, 1], all: 'events' });
const dataOf = (...of: Parameters<typeof sourceOf>) => sourceOf(...of).dataFor(0, 1, 100);

test('a day without an event has none, over the change of the clock too', () => {
  const [times, all, created] = dataOf(
    [
      row('2026-03-28', 3, { counts: { status: { created: 2, cancelled: 1 } } }),
      row('2026-03-31', 1, { counts: { status: { created: 1 } } }),
    ],
    'day',
  );
  expect(times).toEqual(
    ['2026-03-28', '2026-03-29', '2026-03-30', '2026-03-31'].map((day) => startOf(day, timeZone)),
  );
  expect(all).toEqual([3, 0, 0, 1]);
  expect(created).toEqual([2, 0, 0, 1]);
});

test('each hour of a day of 25 hours is there', () => {
  const [times, all] = dataOf(
    [row('2025-10-26T00:00:00+02:00', 1), row('2025-10-26T23:00:00+01:00', 2)],
    'hour',
  );
  expect(times).toHaveLength(25);
  expect(all?.[0]).toBe(1);
  expect(all?.[24]).toBe(2);
});

test('months follow each other over the end of a year', () => {
  const [times] = dataOf([row('2025-11', 1), row('2026-02', 1)], 'month');
  expect(times).toEqual(
    ['2025-11', '2025-12', '2026-01', '2026-02'].map((month) => startOf(month, timeZone)),
  );
});

test('several entities have a line each', () => {
  const rows = [row('2026-03-01', 3, { sensorId: '7' }), row('2026-03-02', 4, { sensorId: '8' })];
  const source = sourceOf(rows, 'day', ['7', '8']);
  expect(source.lines.map(({ label }) => label)).toEqual(['7', '8']);
  expect(source.dataFor(0, 1, 100).slice(1)).toEqual([
    [3, 0],
    [0, 4],
  ]);
});

test('nothing is drawn of nothing', () => {
  expect(dataOf([], 'day')[0]).toEqual([]);
});
