import { describe, expect, test } from 'vitest';
import stockTicks from '../../datasets/stock-ticks.ts';
import { setOf } from '../../test/support/parse-bytes.ts';
import { encodeReading, type Reading } from '../dataset/reading.ts';
import { shardOf } from '../partition/partition.ts';
import { readingAt } from './columns.ts';
import { ColumnsBuilder } from './row-buffer.ts';
import { union } from './union.ts';

const tick = (
  sensorId: string,
  timestampMs: number,
  price: number,
  revision = 0,
  sector = 'ENERGY',
): Reading => ({
  sensorId,
  timestampMs,
  revision,
  values: [0, price],
  attributes: [sector],
});
const rowsOf = (readings: readonly Reading[]) => {
  const set = setOf(stockTicks, readings);
  return Array.from({ length: set.length }, (_, row) => readingAt(set, row));
};

describe('a set of readings', () => {
  test('is sorted by sensor and time, whatever the order of arrival', () => {
    const readings = [tick('b', 5, 1), tick('B', 7, 1), tick('b', 1, 2), tick('a', 9, 3), tick('b', 3, 4)];
    const expected = [tick('B', 7, 1), tick('a', 9, 3), tick('b', 1, 2), tick('b', 3, 4), tick('b', 5, 1)];
    expect(rowsOf(readings)).toEqual(expected);
    expect(rowsOf(readings.toReversed())).toEqual(expected);
  });

  test('is sorted over spans of time that need the comparing sort', () => {
    const times = Array.from(
      { length: 5_000 },
      (_, index) => ((index * 7_919) % 5_000) * 800_000_000 + (index % 3),
    );
    const sorted = rowsOf(times.map((at) => tick('a', at, 1))).map((reading) => reading.timestampMs);
    expect(sorted).toEqual(times.toSorted((a, b) => a - b));
  });

  test.each<[string, Reading, Reading]>([
    ['the higher revision, though it is the lesser encoding', tick('a', 1, 1, 2), tick('a', 1, 9, 1)],
    ['the greater encoding of one revision', tick('a', 1, 9), tick('a', 1, 5)],
    ['the greater encoding as text: "9" is after "10"', tick('a', 1, 9), tick('a', 1, 10)],
    ['the greater attribute', tick('a', 1, 1, 0, 'TECH'), tick('a', 1, 1, 0, 'ENERGY')],
  ])('keeps of two versions %s', (_, winner, loser) => {
    expect(rowsOf([winner, loser])).toEqual([winner]);
    expect(rowsOf([loser, winner, loser])).toEqual([winner]);
  });

  test('grows past its first arrays, and goes on after a build', () => {
    const builder = new ColumnsBuilder(stockTicks);
    for (let at = 0; at < 1_000; at++) builder.add(tick(`s${at % 7}`, at, at));
    expect(builder.build().length).toBe(1_000);
    builder.add(tick('s0', 0, 0));
    builder.add(tick('z', 0, 0));
    expect(builder.length).toBe(1_002);
    expect(builder.build()).toMatchObject({
      length: 1_001,
      sensors: ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 'z'],
    });
  });

  test('may be empty', () => {
    expect(setOf(stockTicks, [])).toMatchObject({ length: 0, sensors: [] });
  });
});

describe('a union', () => {
  const sets = () => ({
    a: setOf(stockTicks, [tick('a', 1, 1), tick('b', 1, 1), tick('c', 1, 5, 1)]),
    b: setOf(stockTicks, [
      tick('a', 1, 1),
      tick('a', 2, 1),
      tick('b', 1, 2),
      tick('c', 1, 9),
      tick('d', 1, 1),
    ]),
  });

  test('counts what it did', () => {
    const { a, b } = sets();
    const { added, replaced, repeated, changedSensors, columns } = union(stockTicks, a, b);
    expect({ added, replaced, repeated }).toEqual({ added: 2, replaced: 1, repeated: 2 });
    expect([...changedSensors]).toEqual(['a', 'b', 'd']);
    expect(columns.length).toBe(5);
  });

  test('is the same from the other side, and changes nothing the second time', () => {
    const { a, b } = sets();
    const { columns } = union(stockTicks, a, b);
    expect(union(stockTicks, b, a).columns).toEqual(columns);
    const again = union(stockTicks, columns, b);
    expect(again.columns).toBe(columns);
    expect(again).toMatchObject({ added: 0, replaced: 0, repeated: 5 });
    expect(again.changedSensors.size).toBe(0);
  });

  test('with nothing is the other', () => {
    const { a } = sets();
    const none = setOf(stockTicks, []);
    expect(union(stockTicks, none, a).columns).toEqual(a);
    expect(union(stockTicks, a, none).columns).toBe(a);
  });
});

test('the canonical encoding has fixed keys, ms and shortest decimals', () => {
  const reading = tick('XYZ', 1_704_240_000_000, 0.1 + 0.2);
  expect(encodeReading(stockTicks, reading)).toBe(
    '{"dataset":"stock-ticks","sensorId":"XYZ","timestamp":"2024-01-03T00:00:00.000Z","CHANGE":0,"PRICE":0.30000000000000004,"SECTOR":"ENERGY"}',
  );
  const revised = { ...reading, values: [null, 1e21], attributes: [null], revision: 3 };
  expect(encodeReading(stockTicks, revised)).toMatch(/000Z","PRICE":1e\+21,"revision":3\}$/);
});

test('shards are FNV-1a, and stay what they are', () => {
  // The published test vectors of 32 bit FNV-1a: '' 811c9dc5, 'a' e40c292c, 'foobar' bf9cf968.
  expect(shardOf('', 2 ** 32)).toBe(0x811c9dc5);
  expect(shardOf('a', 2 ** 32)).toBe(0xe40c292c);
  expect(shardOf('foobar', 2 ** 32)).toBe(0xbf9cf968);
  expect(shardOf('foobar', 8)).toBe(0);
  // Of the bytes of UTF-8, as any other program would compute it.
  expect(shardOf('Río-2', 2 ** 32)).toBe(0x5fca2da9);
});
