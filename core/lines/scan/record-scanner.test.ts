import { describe, expect, test } from 'vitest';
import { defineDataset } from '../../dataset/dataset.ts';
import { originOf } from '../segment-origin.ts';
import { LineScanner } from './line-scanner.ts';

/** With one of each that a definition can have. */
const rich = defineDataset({
  name: 'rich',
  timeZone: 'UTC',
  shards: 2,
  sensorIdField: 'probe',
  measures: {
    level: { unit: 'm', min: -10, max: 10 },
    flow: { unit: 'm³/s', min: 0, max: 1, optional: true },
  },
  attributes: { river: { maxLength: 6 }, note: { maxLength: 9, optional: true } },
  missing: [-999, 7],
});
const sparse = defineDataset({
  name: 'sparse',
  timeZone: 'UTC',
  shards: 1,
  measures: { tide: { unit: 'm', min: -9, max: 9, optional: true } },
});
const two = defineDataset({
  name: 'two',
  timeZone: 'UTC',
  shards: 1,
  measures: {
    low: { unit: 'm', min: -9, max: 9, optional: true },
    high: { unit: 'm', min: -9, max: 9, optional: true },
  },
});
const datasets = [rich, sparse, two];

const arrivedMs = Date.UTC(2024, 0, 4);
const at = '"timestamp":"2024-01-03T00:00:00Z"';
const line = `{"dataset":"rich","sensorId":"a",${at},"level":1.5,"flow":0.5,"river":"Ebro","note":"x"}`;
const tide = `{"dataset":"sparse","sensorId":"a",${at},"tide":2}`;

/** Takes lines, each as one of a segment under that key, with another after them that is not to be taken. */
function take(lines: readonly string[], key = 'raw/x') {
  const scanner = new LineScanner(originOf({ key, arrivedMs }, datasets), datasets);
  const text = lines.map((each) => `${each}\n`).join('');
  const bytes = Buffer.from(`${text}${line}\n`);
  const limit = Buffer.byteLength(text);
  return { end: scanner.take(bytes, 0, limit), limit, taken: scanner.taken, rows: scanner.rows };
}

/** The rows of all datasets, as a reading says it. */
function rowsOf(lines: readonly string[], key?: string) {
  const { rows, end, limit } = take(lines, key);
  expect(end).toBe(limit);
  return rows.flatMap((of) =>
    Array.from({ length: of.length }, (_, row) => ({
      dataset: of.dataset.name,
      sensorId: of.sensors[of.sensor[row] ?? -1],
      at: new Date(of.timestampMs[row] ?? Number.NaN).toISOString(),
      revision: of.revision?.[row] ?? 0,
      values: of.values.map((column) => column[row]),
      attributes: of.attributes.map((column) => column[row]),
    })),
  );
}

const expected = {
  dataset: 'rich',
  sensorId: 'a',
  at: '2024-01-03T00:00:00.000Z',
  revision: 0,
  values: [1.5, 0.5],
  attributes: ['Ebro', 'x'],
};

describe('a line is read from its bytes', () => {
  test.each([
    ['as it is usually written', line, {}],
    ['with white space anywhere', line.replaceAll(/[{,:](?=")/g, (mark) => ` \t\r${mark} \t\r`).replace('}', ' } \t\r'), {}],
    ['in another order of keys', `{"note":"x","river":"Ebro","level":1.5,${at},"flow":0.5,"sensorId":"a","dataset":"rich"}`, {}],
    ["with the sensor's other name", line.replace('sensorId', 'probe'), {}],
    ['with a number as id', line.replace('"a"', '12'), { sensorId: '12' }],
    ['with the number 0 as id', line.replace('"a"', '0'), { sensorId: '0' }],
    ['with a number of 15 digits as id', line.replace('"a"', '999999999999999'), { sensorId: '999999999999999' }],
    ['with an id in Unicode, in its canonical form', line.replace('"a"', '"Ri\u0301o-2"'), { sensorId: 'R\u00edo-2' }],
    ['with a text in Unicode', line.replace('"x"', '"Ñandú"'), { attributes: ['Ebro', 'Ñandú'] }],
    ['with spaces in an id', line.replace('"a"', '"Upper Mill 4"'), { sensorId: 'Upper Mill 4' }],
    ['with spaces in a text', line.replace('"x"', '" x y "'), { attributes: ['Ebro', ' x y '] }],
    ['with an empty text', line.replace('"x"', '""'), { attributes: ['Ebro', ''] }],
    ['with a text of the greatest length', line.replace('Ebro', '123456'), { attributes: ['123456', 'x'] }],
    ['with what is optional as null', line.replace('0.5', 'null').replace('"x"', 'null'), { values: [1.5, Number.NaN], attributes: ['Ebro', null] }],
    ['without what is optional', line.replace('"flow":0.5,', '').replace(',"note":"x"', ''), { values: [1.5, Number.NaN], attributes: ['Ebro', null] }],
    ['without one thing that is optional', line.replace(',"note":"x"', ''), { attributes: ['Ebro', null] }],
    ['with a revision', line.replace('}', ',"revision":3}'), { revision: 3 }],
    ['with revision 0', line.replace('}', ',"revision":0}'), { revision: 0 }],
    ['with the highest revision, first', line.replace('{', '{"revision":2147483647,'), { revision: 2_147_483_647 }],
    ['with a revision instead of what is optional', line.replace('"note":"x"', '"revision":3'), { revision: 3, attributes: ['Ebro', null] }],
    ['with a value at the lower bound', line.replace('1.5', '-10'), { values: [-10, 0.5] }],
    ['with a value at the upper bound', line.replace('1.5', '1E1'), { values: [10, 0.5] }],
    ['with -0, as 0', line.replace('1.5', '-0.0'), { values: [0, 0.5] }],
  ])('%s', (_, text, differs) => {
    expect(rowsOf([text])).toEqual([{ ...expected, ...differs }]);
    // And so it is among others, whose form was learned.
    expect(rowsOf([line, line, line, text, line])[3]).toEqual({ ...expected, ...differs });
    expect(rowsOf([text, text, text, text, line])[4]).toEqual(expected);
  }); // biome-ignore format: a table

  test('of any dataset that it names', () => {
    const rows = rowsOf([line, tide, tide, line, tide]);
    expect(rows.map(({ dataset, values }) => [dataset, values[0]])).toEqual([['rich', 1.5], ['rich', 1.5], ['sparse', 2], ['sparse', 2], ['sparse', 2]]); // biome-ignore format: a list
  });

  test('with any one of measures that are all optional', () => {
    const rows = [
      `{"dataset":"two","sensorId":"a",${at},"low":1}`,
      `{"dataset":"two","sensorId":"a",${at},"low":null,"high":2}`,
    ];
    expect(rowsOf(rows).map(({ values }) => values)).toEqual([
      [1, Number.NaN],
      [Number.NaN, 2],
    ]);
  });

  test('without a dataset or sensor where the key of the segment names them', () => {
    const bare = line.replace('"dataset":"rich","sensorId":"a",', '');
    expect(rowsOf([bare], 'landing/rich/b/x')).toEqual([{ ...expected, sensorId: 'b' }]);
    expect(rowsOf([line, bare], 'landing/rich/b/x').map(({ sensorId }) => sensorId)).toEqual(['a', 'b']);
    expect(rowsOf([bare.replace('{', '{"sensorId":"c",')], 'landing/rich/x')[0]?.sensorId).toBe('c');
  });

  test('in any chunk, wherever it lies', () => {
    const scanner = new LineScanner(originOf({ key: 'raw/x', arrivedMs }, datasets), datasets);
    const [first, second, longer] = ['1.5', '2.5', '3.25'].map((level) => `${line.replace('1.5', level)}\n`);
    const all = Buffer.from(`${first}${second}${longer}`);
    const size = line.length + 1;
    const chunks = [
      all.subarray(0, size),
      all.subarray(size, 2 * size),
      all.subarray(2 * size),
      Buffer.from(all).subarray(2 * size),
      all.subarray(0, 2 * size),
    ];
    for (const chunk of chunks) expect(scanner.take(chunk, 0, chunk.length)).toBe(chunk.length);
    const [rows] = scanner.rows;
    expect([...(rows?.values[0]?.subarray(0, rows.length) ?? [])]).toEqual([1.5, 2.5, 3.25, 3.25, 1.5, 2.5]);
  });

  test('of no dataset where there is none', () => {
    const scanner = new LineScanner(originOf({ key: 'raw/x', arrivedMs }, []), []);
    const bytes = Buffer.from(`${line}\n`);
    expect([scanner.take(bytes, 0, bytes.length), scanner.taken, scanner.rows]).toEqual([0, 0, []]);
  });

  test('of thousands of sensors, in whatever order they come', () => {
    const ids = Array.from({ length: 9_000 }, (_, index) => `sensor-${(index * 7) % 5_000}`);
    const rows = rowsOf(ids.map((id) => line.replace('"a"', `"${id}"`)));
    expect(rows.map(({ sensorId }) => sensorId)).toEqual(ids);
  });

  test('of 1 MiB, and not of a byte more', () => {
    const padded = (length: number) => line.replace('}', `${' '.repeat(length - line.length)}}`);
    // With the line feed after it.
    expect(take([padded(1_048_575)]).taken).toBe(1);
    expect(take([padded(1_048_576)]).taken).toBe(0);
  });
});

describe('a line is left to the schema', () => {
  test.each([
    ['cut off', line.slice(0, -1)],
    ['with something after it', `${line}x`],
    ['with another sign as its end', line.replace(/}$/, ']')],
    ['with another line after it', `${line} ${line}`],
    ['with a comma after it', `${line},`],
    ['with a comma before its end', line.replace('}', ',}')],
    ['without a comma', line.replace(',"level"', ' "level"')],
    ['with another sign as colon', line.replace('"level":', '"level";')],
    ['with another sign as quote before a key', line.replace('"level"', 'xlevel"')],
    ['without a colon', line.replace('"level":', '"level" ')],
    ['without a quote before a key', line.replace('"level"', 'level"')],
    ['without a quote before a text', line.replace('"Ebro"', 'Ebro"')],
    ['that does not begin with a brace', line.replace('{', '[')],
    ['that is empty', ''],
    ['that has no fields', '{}'],
    ['with a repeated key', line.replace('}', ',"level":1.5}')],
    ['with a repeated key of the sensor, by its other name', line.replace('}', ',"probe":"a"}')],
    ['with an unknown key', line.replace('}', ',"salinity":1}')],
    ['with an escape in a key', line.replace('"level"', '"l\\u0065vel"')],
    ['with an escape in a text', line.replace('"x"', '"\\u0078"')],
    ['with an escape in an id', line.replace('"a"', '"\\u0061"')],
    ['with a control character in a text', line.replace('"x"', '"\u0001"')],
    ['with a control character in an id', line.replace('"a"', '"\u0001"')],
    ['with a control character in a key', line.replace('"level"', '"\u001flevel"')],
    ['with an id that is none', line.replace('"a"', '".."')],
    ['with an id that is empty', line.replace('"a"', '""')],
    ['with a number as id that begins with 0', line.replace('"a"', '012')],
    ['with a number as id that is negative', line.replace('"a"', '-1')],
    ['with a number as id that is not whole', line.replace('"a"', '1.5')],
    ['with a number as id that may not be exact', line.replace('"a"', '1000000000000000')],
    ['with nothing as id', line.replace('"a"', '')],
    ['with null as id', line.replace('"a"', 'null')],
    ['without a sensor', line.replace('"sensorId":"a",', '')],
    ['without a dataset', line.replace('"dataset":"rich",', '')],
    ['with an unknown dataset', line.replace('"rich"', '"poor"')],
    ['with no text as dataset', line.replace('"rich"', 'null')],
    ['without a timestamp', line.replace(`${at},`, '')],
    ['with a timestamp that is none', line.replace('2024-01-03', '2024-01-32')],
    ['without a measure', line.replace('"level":1.5,', '')],
    ['with null as measure', line.replace('1.5', 'null')],
    ['with nul as optional measure', line.replace('0.5', 'nul')],
    ['with a text as measure', line.replace('1.5', '"1.5"')],
    ['with a value below its bound', line.replace('1.5', '-10.1')],
    ['with a value above its bound', line.replace('1.5', '10.1')],
    ['with a value that stands for none', line.replace('1.5', '7')],
    ['without an attribute', line.replace('"river":"Ebro",', '')],
    ['with null as attribute', line.replace('"Ebro"', 'null')],
    ['with nul as optional attribute', line.replace('"x"', 'nul')],
    ['with a number as attribute', line.replace('"Ebro"', '1')],
    ['with a text that is too long', line.replace('Ebro', '1234567')],
    ['with a revision that is negative', line.replace('}', ',"revision":-1}')],
    ['with a revision that is too high', line.replace('}', ',"revision":2147483648}')],
    ['with a revision that is not whole', line.replace('}', ',"revision":1.5}')],
    ['with null as revision', line.replace('}', ',"revision":null}')],
    ['without any value', tide.replace('2}', 'null}')],
    ['without any value, not even null', tide.replace(',"tide":2', '')],
  ])('%s', (_, text) => {
    // Those before it are taken, and it is not, nor what comes after it.
    const { end, taken, rows } = take([line, line, text, line]);
    expect([end, taken]).toEqual([2 * (line.length + 1), 2]);
    expect(rows.map(({ length }) => length)).toEqual([2]);
    expect(take([text]).taken).toBe(0);
  });

  test.each([
    ['a text', '"x"'],
    ['an id', '"a"'],
  ])('with %s that is not UTF-8', (_, piece) => {
    const scanner = new LineScanner(originOf({ key: 'raw/x', arrivedMs }, datasets), datasets);
    const bytes = Buffer.from(`${line.replace(piece, '"\u00ff"')}\n`, 'latin1');
    expect(scanner.take(bytes, 0, bytes.length)).toBe(0);
  });

  test.each([
    '{"data',
    '{"dataset":"rich',
    '{"sensorId":"a',
    '{"river":"Eb',
    '{"sensorId":12',
    '{"level":1',
    '{"level":',
    '{',
  ])('that breaks off as the last one there is: %s', (text) => {
    const scanner = new LineScanner(originOf({ key: 'raw/x', arrivedMs }, datasets), datasets);
    const bytes = Buffer.from(`${text}\n`);
    expect(scanner.take(bytes, 0, bytes.length)).toBe(0);
  });

  test('that names another dataset than the key of its segment', () => {
    expect(take([tide], 'landing/rich/x').taken).toBe(0);
    expect(take([tide], 'landing/sparse/x').taken).toBe(1);
  });
});
