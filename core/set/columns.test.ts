import { describe, expect, test } from 'vitest';
import stockTicks from '../../datasets/stock-ticks.ts';
import { setOf } from '../../test/support/parse-bytes.ts';
import { encodeReading, type Reading } from '../dataset/reading.ts';
import { shardOf } from '../partition/partition.ts';
import { type Columns, readingAt } from './columns.ts';
import { contestedAmong } from './contested-among.ts';
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

const contestedIn = ({ contested, sensors, sensor, timestampMs }: Columns) =>
  [...contested].flatMap(
    (flag, row) => (flag === 1 ? `${sensors[sensor[row] as number]} ${timestampMs[row]}` : []), // a row
  );

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

  test.each<[string, Reading[], string[], string[]]>([
    ['the same twice', [tick('a', 1, 1), tick('a', 1, 1)], ['repeated'], []],
    ['two contents', [tick('a', 1, 1), tick('a', 1, 2)], ['contested'], ['a 1']],
    [
      'two contents, one of them twice',
      [tick('a', 1, 1), tick('a', 1, 2), tick('a', 1, 2)],
      ['contested', 'repeated'],
      ['a 1'],
    ],
    [
      'two contents below a revision',
      [tick('a', 1, 1), tick('a', 1, 2), tick('a', 1, 1, 1)],
      ['repeated', 'superseded'],
      [],
    ],
    [
      'two contents of a revision',
      [tick('a', 1, 3), tick('a', 1, 2, 1), tick('a', 1, 1, 1)],
      ['contested', 'superseded'],
      ['a 1'],
    ],
  ])('tells of %s what became of those that are not kept', (_, readings, lost, contested) => {
    for (const order of [readings, readings.toReversed()]) {
      const builder = new ColumnsBuilder(stockTicks);
      for (const reading of order) builder.add(reading);
      const found: string[] = [];
      const columns = builder.build((timestampMs, as) => {
        expect(timestampMs).toBe(1);
        found.push(as);
      });
      expect(found.sort()).toEqual(lost);
      expect(contestedIn(columns)).toEqual(contested);
    }
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

  test('keeps the upload and the withdrawal of each reading, however many there are', () => {
    const builder = new ColumnsBuilder(stockTicks);
    const count = 5_000;
    for (let at = 0; at < count; at++) {
      const says = at % 3 === 0 ? ({ withdrawn: true } as const) : {};
      builder.add({ ...tick('a', at, at), ...says }, 1_000 + (at % 7));
    }
    const { uploadedMs, withdrawn } = builder.build();
    expect([...uploadedMs]).toEqual(Array.from({ length: count }, (_, at) => 1_000 + (at % 7)));
    expect([...withdrawn]).toEqual(Array.from({ length: count }, (_, at) => (at % 3 === 0 ? 1 : 0)));
  });

  test('may be empty', () => {
    expect(setOf(stockTicks, [])).toMatchObject({ length: 0, sensors: [] });
  });
});

describe('a union', () => {
  const sets = () => ({
    a: setOf(stockTicks, [tick('a', 1, 1), tick('b', 1, 1), tick('c', 1, 5, 1), tick('e', 1, 5)]),
    b: setOf(stockTicks, [
      ...[tick('a', 1, 1), tick('a', 2, 1), tick('b', 1, 2), tick('c', 1, 9)],
      ...[tick('d', 1, 1), tick('e', 1, 4, 1)],
    ]),
  });

  test('counts each row by what it is beside the one that was there', () => {
    const { a, b } = sets();
    const { columns, ...counts } = union(stockTicks, a, b);
    expect(counts).toEqual({ added: 2, replaced: 1, repeated: 1, superseded: 1, contested: 1 });
    expect(columns.length).toBe(6);
    expect(contestedIn(columns)).toEqual(['b 1']);
  });

  test('of a later upload with other content is that upload, and nothing is contested any more', () => {
    const stream = setOf(stockTicks, [tick('a', 1, 1), tick('a', 1, 2)]);
    expect(contestedIn(stream)).toEqual(['a 1']);
    const uploaded = setOf(stockTicks, [tick('a', 1, 0.5)], 1_000);
    const { columns, replaced } = union(stockTicks, stream, uploaded);
    expect(replaced).toBe(1);
    expect(contestedIn(columns)).toEqual([]);
    expect(readingAt(columns, 0)).toEqual(tick('a', 1, 0.5));
    expect(union(stockTicks, columns, stream)).toMatchObject({ superseded: 1, columns });
    // A revision corrects every upload, whenever it was.
    const revised = setOf(stockTicks, [tick('a', 1, 0.25, 1)]);
    expect(readingAt(union(stockTicks, columns, revised).columns, 0)).toEqual(tick('a', 1, 0.25, 1));
  });

  test('of the same content uploaded again repeats it, and remembers the later upload', () => {
    const first = setOf(stockTicks, [tick('a', 1, 1)], 1_000);
    const again = setOf(stockTicks, [tick('a', 1, 1)], 2_000);
    const { columns, repeated } = union(stockTicks, first, again);
    expect(repeated).toBe(1);
    expect([...columns.uploadedMs]).toEqual([2_000]);
    const between = setOf(stockTicks, [tick('a', 1, 9)], 1_500);
    expect(union(stockTicks, columns, between)).toMatchObject({ superseded: 1, columns });
  });

  test('with a withdrawn reading is that one, when it has the higher rank', () => {
    const measured = setOf(stockTicks, [tick('a', 1, 1), tick('b', 1, 1)]);
    const gone: Reading = {
      ...tick('a', 1, 1, 1),
      values: [null, null],
      attributes: [null],
      withdrawn: true,
    };
    const { columns } = union(stockTicks, measured, setOf(stockTicks, [gone]));
    expect(readingAt(columns, 0)).toEqual(gone);
    expect([...columns.withdrawn]).toEqual([1, 0]);
  });

  test('is the same from the other side, and changes nothing the second time', () => {
    const { a, b } = sets();
    const { columns } = union(stockTicks, a, b);
    expect(union(stockTicks, b, a).columns).toEqual(columns);
    const again = union(stockTicks, columns, b);
    expect(again.columns).toBe(columns);
    expect(again).toMatchObject({ added: 0, replaced: 0, repeated: 5, superseded: 1, contested: 0 });
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
  expect(encodeReading(stockTicks, { ...revised, withdrawn: true })).toMatch(
    /"revision":3,"withdrawn":true\}$/,
  );
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

test('readings are counted that are contested in a set, whoever contradicts them, and withdrawn ones are not', () => {
  const old = setOf(stockTicks, [tick('a', 1, 1), tick('a', 3, 1), tick('b', 1, 1), tick('b', 2, 1)]);
  const come = setOf(stockTicks, [tick('a', 1, 2), tick('a', 2, 2), tick('b', 1, 1), tick('b', 2, 9)]);
  const { columns } = union(stockTicks, old, come);
  expect(contestedAmong(stockTicks, columns, come)).toBe(2);
  expect(contestedAmong(stockTicks, columns, old)).toBe(2);
  expect(contestedAmong(stockTicks, columns, setOf(stockTicks, [tick('b', 2, 1)]))).toBe(1);
  expect(contestedAmong(stockTicks, columns, setOf(stockTicks, [tick('a', 3, 1), tick('b', 1, 1)]))).toBe(0);
  const again = union(stockTicks, columns, come).columns;
  expect(contestedAmong(stockTicks, again, come)).toBe(2);
  const gone = setOf(stockTicks, [{ ...tick('a', 1, 7), withdrawn: true }]);
  expect(contestedAmong(stockTicks, union(stockTicks, columns, gone).columns, come)).toBe(1);
});
