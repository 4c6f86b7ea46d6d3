import { expect, test } from 'vitest';
import { definitionOf } from '../../test/support/definition-of.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { defineDataset } from '../dataset/dataset.ts';
import { encodeLine } from '../dataset/reading.ts';
import { parseNdjsonLine } from './json/ndjson.ts';

const station = defineDataset({
  name: 'station',
  timeZone: 'UTC',
  shards: 1,
  defaultSensorId: 'w1',
  measures: {
    temp: { unit: '°C', min: -60, max: 60 },
    hum: { unit: '%', min: 0, max: 100, optional: true },
    wind: { unit: 'm/s', min: 0, max: 90, optional: true },
  },
  missing: [-999, 'ERR'],
});
const gauge = defineDataset({
  ...definitionOf(station),
  name: 'gauge',
  missing: [-999],
  measures: { level: { unit: 'm', min: 0, max: 9, optional: true } },
});
const known = [gauge, station];
const csv = (...rows: string[]) =>
  parseBytes(`timestamp,temp,hum,wind\n${rows.map((row) => `2026-05-01T00:00:00Z,${row}\n`).join('')}`, {
    key: 'landing/station/a.csv',
    known,
  });

test.each([
  ['', 'empty'],
  ['NA', 'nothing'],
  ['n/a', 'nothing'],
  ['#N/A', 'nothing'],
  ['#DIV/0!', 'nothing'],
  ['#VALUE!', 'nothing'],
  ['\\N', 'nothing'],
  ['-1.#IND00', 'nothing'],
  ['\u2014', 'nothing'],
  ['NaN', 'nothing'],
  ['null', 'nothing'],
  ['---', 'nothing'],
  ['err', 'nothing'],
  ['-999', 'missing'],
  ['-999.0', 'missing'],
  ['-99', 'out-of-range'],
  ['100.1', 'out-of-range'],
  ['-inf', 'not-finite'],
  ['1e999', 'not-finite'],
  ['82*', 'wrong-type'],
  ['"8,2"', 'wrong-type'],
  ['<0.5', 'wrong-type'],
  ['(95 %)', 'wrong-type'],
  ['8.1e1?', 'wrong-type'],
])('a cell %s of an optional measure costs that measure: %s', async (cell, reason) => {
  const { outcomes, totals } = await csv(`12.5,${cell},3`);
  expect(outcomes).toMatchObject([{ reading: { values: [12.5, null, 3] } }]);
  expect(totals.dropped).toEqual({ station: { hum: { [reason]: 1 } } });
});

test.each([
  ['NA', 'missing'],
  ['err', 'missing'],
  ['-999', 'missing'],
  ['', 'missing-field'],
  ['99', 'out-of-range'],
  ['12*', 'wrong-type'],
])('a cell %s of a measure that is not optional costs the row: %s', async (cell, reason) => {
  const { outcomes, totals } = await csv(`${cell},82*,3`);
  expect(outcomes).toMatchObject([{ reason }]);
  expect(totals.dropped).toEqual({}); // nothing is counted twice
});

test.each([
  ['-999', 'missing'],
  ['"NA"', 'nothing'],
  ['""', 'empty'],
  ['"82"', 'wrong-type'],
  ['"<0.5"', 'wrong-type'],
  ['1e999', 'not-finite'],
])('the same in JSON: %s is %s', async (value, reason) => {
  const { totals } = await parseBytes(
    `{"dataset":"station","sensorId":"a","timestamp":"2026-05-01T00:00:00Z","temp":1,"hum":${value}}\n`,
    { known },
  );
  expect(totals).toMatchObject({ valid: 1, dropped: { station: { hum: { [reason]: 1 } } } });
});

test.each(['W1', 'fault', '82 mm', 'b-17', '12:30', '2026-05-01'])(
  'a cell %s of an optional measure costs the row: it may belong to another column',
  async (cell) => {
    const { outcomes, totals } = await csv(`12.5,${cell},3`);
    expect(outcomes).toMatchObject([{ reason: 'wrong-type' }]);
    expect(outcomes[0]?.detail).toBe(
      `hum is "${cell}"; accepted: a number from 0 to 100 (%), or a word for nothing such as NA. If "${cell}" says that nothing was measured, list it in \`missing\` of the dataset`,
    );
    expect(totals.dropped).toEqual({}); // of a row that is rejected
  },
);

test.each(['"W1"', 'true', '[82]', '{"value":82}'])(
  'what is no number in any way costs the line in JSON: %s',
  async (value) => {
    const { outcomes } = await parseBytes(
      `{"dataset":"station","sensorId":"a","timestamp":"2026-05-01T00:00:00Z","temp":1,"hum":${value}}\n`,
      { known },
    );
    expect(outcomes).toMatchObject([{ reason: 'wrong-type' }]);
    expect(outcomes[0]?.detail).toContain(`hum is ${value}; accepted: a number`);
  },
);

test('null, and a field that is not there, are no dropped values', async () => {
  const line = (more: string) =>
    `{"dataset":"station","sensorId":"a","timestamp":"2026-05-01T00:00:00Z"${more}}\n`;
  const { totals } = await parseBytes(line(',"temp":1,"hum":null') + line(',"temp":2'), { known });
  expect(totals).toMatchObject({ valid: 2 });
  expect(totals.dropped).toEqual({});
});

test('a reading of which nothing is left is rejected, with what it had', async () => {
  const line = '{"timestamp":"2026-05-01T00:00:00Z","level":-999}\n';
  const { outcomes, totals } = await parseBytes(line, { key: 'landing/gauge/a.ndjson', known });
  expect(outcomes).toMatchObject([{ reason: 'no-value' }]);
  expect(outcomes[0]?.detail).toContain('level is -999 (missing)');
  expect(totals.dropped).toEqual({});
});

test('a reading of which nothing is left is one that can not be read, where a value is no number', async () => {
  const { outcomes } = await parseBytes('timestamp,level\n2026-05-01T00:00:00Z,8*\n', {
    key: 'landing/gauge/a.csv',
    known,
  });
  expect(outcomes).toMatchObject([
    { reason: 'wrong-type', detail: expect.stringContaining('level is "8*"') },
  ]);
});

test.each([['82*'], [-999], [Number.NaN], [Number.POSITIVE_INFINITY], ['']])(
  'a line that is sent on with %s is read again as the same reading, with the same dropped',
  async (hum) => {
    const line = encodeLine(
      station,
      { sensorId: 'a', timestampMs: 0, revision: 0, values: [1, null, null], attributes: [] },
      [{ measure: 'hum', reason: 'wrong-type', value: hum }],
    );
    const again = parseNdjsonLine(
      line,
      true,
      { dataset: undefined, sensorId: undefined, arrivedMs: Date.now(), isStored: false },
      known,
    );
    if (again.kind !== 'reading') throw new Error(again.detail);
    expect(again.reading.values).toEqual([1, null, null]);
    expect(encodeLine(station, again.reading, again.dropped)).toBe(line);
  },
);

test('a line that is sent on has nothing of what only the format of its file says to be no value', () => {
  const reading = { sensorId: 'a', timestampMs: 0, revision: 0, values: [1, null, null], attributes: [] };
  const dropped = [{ measure: 'hum', reason: 'missing', value: 0 }] as const;
  expect(encodeLine(station, reading, dropped)).toBe(encodeLine(station, reading));
});
