import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import waterTemperature from '../../../datasets/water-temperature.ts';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { landingKey } from '../segment-origin.ts';

const key = 'landing/water-temperature/x.csv';
const header = 'Fecha,Medida,Desviaciones';

describe('an uploaded CSV file', () => {
  test('has its dataset from the path, and the default series', async () => {
    const { outcomes, totals } = await parseBytes(`${header}\r\n2023/11/29,16.1,0.2\r\n2023/7/1,20,0.1\r\n`, {
      key,
    });
    expect(outcomes).toMatchObject([
      { line: 2, dataset: 'water-temperature', reading: { sensorId: 'aquasense', values: [16.1, 0.2] } },
      { line: 3, reading: { timestampMs: Date.UTC(2023, 5, 30, 22) } },
    ]);
    expect(outcomes[0]?.reading?.timestampMs).toBe(Date.UTC(2023, 10, 28, 23));
    expect(totals.lines).toBe(2);
  });

  test('has its series from the folder', async () => {
    const { outcomes } = await parseBytes(`${header}\n2023/11/29,16.1,0.2\n`, {
      key: 'landing/water-temperature/buoy-7/x.csv',
    });
    expect(outcomes[0]?.reading?.sensorId).toBe('buoy-7');
  });

  test('has its series from a mapped column before the folder', async () => {
    const body = 'timestamp,gadget,battery,signal,firmware\n2024-01-03T00:00:00+01:00,g1,50,-70,1.0\n';
    const { outcomes } = await parseBytes(body, { key: 'landing/gadget-telemetry/g2/x.csv' });
    expect(outcomes[0]?.reading).toMatchObject({
      sensorId: 'g1',
      values: [50, -70, null],
      attributes: ['1.0'],
    });
    const withoutColumn = body.replace('gadget', 'other');
    const inFolder = await parseBytes(withoutColumn, { key: 'landing/gadget-telemetry/g2/x.csv' });
    expect(inFolder.outcomes[0]?.reading?.sensorId).toBe('g2');
    const nowhere = await parseBytes(withoutColumn, { key: 'landing/gadget-telemetry/x.csv' });
    expect(nowhere.totals.refusal).toMatchObject({ reason: 'missing-column' });
  });

  test("reads a dataset without a mapping by the fields' own names", async () => {
    const body = 'timestamp;TICKER_SYMBOL;SECTOR;CHANGE;PRICE\n2024-01-03T15:00:00Z;XYZ;"A;B";-1;2\n';
    const { outcomes } = await parseBytes(body, { key: 'landing/stock-ticks/x.csv' });
    expect(outcomes[0]?.reading).toMatchObject({ sensorId: 'XYZ', values: [-1, 2], attributes: ['A;B'] });
  });

  test.each([
    ['2023/11/29,16.1', 'wrong-columns', '2 cells'],
    ['2023/11/29,16.1,0.2,9', 'wrong-columns', '4 cells'],
    ['2023/11/29,"16.1,0.2', 'wrong-columns', 'a quote that nothing closes'],
    ['2023/2/29,16.1,0.2', 'invalid-timestamp', 'Fecha is "2023/2/29"; accepted: yyyy/M/d in Europe/Madrid'],
    ['29/11/2023,16.1,0.2', 'invalid-timestamp', 'Fecha'],
    ['2023/11/29,"16,1",0.2', 'wrong-type', 'temperature is "16,1"'],
    ['2023/11/29,0x10,0.2', 'wrong-type', 'temperature is "0x10"'],
    ['2023/11/29,1_0,0.2', 'wrong-type', 'temperature is "1_0"'],
    ['2023/11/29,NaN,0.2', 'not-finite', 'temperature is NaN'],
    ['2023/11/29,1e999,0.2', 'not-finite', 'temperature is Infinity'],
    ['2023/11/29,-999,0.2', 'missing', 'temperature is -999'],
    ['2023/11/29,,0.2', 'missing-field', 'temperature is null'],
    ['2023/11/29,99,0.2', 'out-of-range', 'temperature is 99'],
  ])('rejects %s as %s', async (line, reason, detail) => {
    const { outcomes } = await parseBytes(`${header}\n${line}\n2023/11/30,16,0.2\n`, { key });
    expect(outcomes.map((outcome) => [outcome.line, outcome.reason])).toEqual([
      [2, reason],
      [3, undefined],
    ]);
    expect(outcomes[0]?.detail).toContain(detail);
  });

  test('takes every decimal notation', async () => {
    const body = `${header}\n2023/11/29, +1.5e1 ,.5\n2023/11/30,"7.",1E-1\n`;
    const { outcomes } = await parseBytes(body, { key });
    expect(outcomes.map((outcome) => outcome.reading?.values)).toEqual([
      [15, 0.5],
      [7, 0.1],
    ]);
  });

  test('that is cut off has a truncated last line', async () => {
    const { outcomes } = await parseBytes(`${header}\n2023/11/29,16.1,0.2\n2023/11/30,1`, { key });
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([undefined, 'truncated']);
  });

  test.each([
    ['Fecha,Desviaciones', 'missing-column', 'one with the column "Medida"'],
    ['Fecha,Medida,Medida,Desviaciones', 'wrong-columns', 'twice'],
    ['Fecha,"Medida,Desviaciones', 'wrong-columns', 'quote'],
  ])('with the header %s is refused', async (wrong, reason, detail) => {
    const rows = '2023/11/29,16.1\n2023/11/30,16\n';
    for (const accepted of [false, true]) {
      const { outcomes, totals } = await parseBytes(`${wrong}\n${rows}`, { key, accepted });
      expect(totals.refusal).toMatchObject({ reason, detail: expect.stringContaining(detail) });
      expect(totals.refusal?.lines.map(({ text }) => text)).toEqual([wrong, ...rows.trimEnd().split('\n')]);
      expect([outcomes, totals.lines]).toEqual([[], 0]);
    }
  });

  test.each([
    ['landing/nothing/x.csv', 'unknown-dataset', '"nothing"'],
    ['landing/x.csv', 'unknown-dataset', 'landing/<dataset>/<file>'],
    ['raw/2024/x.csv', 'unknown-dataset', 'landing/<dataset>/<file>'],
    ['landing/water-temperature/../x.csv', 'invalid-sensor-id', '".."'],
    ['landing/water-temperature/a/b/x.csv', 'invalid-sensor-id', 'written as %2F'],
    ['landing/water-temperature/50%/x.csv', 'invalid-sensor-id', 'written as %25'],
    ['landing/water-temperature/a%00/x.csv', 'invalid-sensor-id', 'U+0000'],
  ])('at %s is rejected as %s', async (odd, reason, detail) => {
    const { outcomes } = await parseBytes(`${header}\n2023/11/29,16.1,0.2\n`, { key: odd });
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([reason, reason]);
    expect(outcomes[0]?.detail).toContain(detail);
  });

  test('of a header alone has no lines', async () => {
    expect((await parseBytes(`${header}\n`, { key })).totals).toMatchObject({
      lines: 0,
      valid: 0,
      rejected: {},
    });
  });
});

test.each(['Upper Mill 4', 'Río-2', 'plant/line 3', '50% #1?&+', '__proto__'])(
  'the folder of an upload names the series %s',
  async (id) => {
    const at = landingKey({ dataset: waterTemperature, sensorId: id, file: 'x.csv' });
    const { outcomes } = await parseBytes('Fecha,Medida,Desviaciones\n2023/11/29,16.1,0.2\n', { key: at });
    expect(outcomes.map(({ reading }) => reading?.sensorId)).toEqual([id]);
  },
);

test('a folder that a Mac has named is of the series that others write', async () => {
  const at = 'landing/water-temperature/Ri\u0301o-2/x.csv';
  const { outcomes } = await parseBytes('Fecha,Medida,Desviaciones\n2023/11/29,16.1,0.2\n', { key: at });
  expect(outcomes[0]?.reading?.sensorId).toBe('R\u00edo-2');
});

describe('uploaded NDJSON', () => {
  const record = { timestamp: '2024-01-03T00:00:00Z', temperature: 12.5, deviation: 0.25 };

  test('has dataset and series from the path where a line names none', async () => {
    const body = [
      record,
      { ...record, dataset: 'water-temperature', sensorId: 'a' },
      { ...record, dataset: 'stock-ticks' },
    ]
      .map((value) => JSON.stringify(value))
      .join('\n');
    const { outcomes } = await parseBytes(body, { key: 'landing/water-temperature/buoy/x.ndjson' });
    expect(outcomes.map((outcome) => outcome.reading?.sensorId ?? outcome.reason)).toEqual([
      'buoy',
      'a',
      'dataset-mismatch',
    ]);
  });
});

test('a CSV file may carry revisions and times of day', async () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'Europe/Madrid',
    shards: 1,
    measures: { level: { unit: 'm', min: 0, max: 10 } },
    csv: { timestamp: ['when', 'dd.MM.yyyy HH:mm:ss.SSS'], sensorId: 'station', revision: 'version' },
  });
  const body =
    'when,station,level,version\n31.03.2024 03:00:00.250,a,1,2\n31.03.2024 02:30:00.000,a,1,\n01.07.2024 00:00:00.000,a,1,\n';
  const { outcomes } = await parseBytes(body, { key: 'landing/levels/x.csv', known: [dataset] });
  expect(outcomes[0]?.reading).toMatchObject({
    revision: 2,
    timestampMs: Date.UTC(2024, 2, 31, 1, 0, 0, 250),
  });
  expect(outcomes[1]?.reason).toBe('invalid-timestamp');
  expect(outcomes[2]?.reading?.revision).toBe(0);
});

describe('the header of a file of measures that are all optional', () => {
  const weather = defineDataset({
    name: 'weather',
    timeZone: 'UTC',
    shards: 1,
    measures: {
      temp: { unit: '°C', min: -60, max: 60, optional: true },
      hum: { unit: '%', min: 0, max: 100, optional: true },
    },
    csv: { timestamp: ['time', 'iso'], sensorId: 'station' },
  });
  const readFile = (name: string, dataset = weather) =>
    parseBytes(
      readFileSync(new URL(`../../../test/fixtures/real-files/renamed-column/${name}`, import.meta.url)),
      {
        key: `landing/${dataset.name}/${name}`,
        known: [dataset],
      },
    );

  test('names one of them at least: a file of renamed columns is rejected, not taken in without values', async () => {
    const { refusal } = (await readFile('renamed.csv')).totals;
    expect(refusal?.reason).toBe('missing-column');
    expect(refusal?.detail).toContain('accepted: at least one of temp, hum');
  });

  test('has the columns that the dataset maps to them', async () => {
    const mapped = defineDataset({
      name: 'weather',
      timeZone: 'UTC',
      shards: 1,
      measures: weather.measures,
      csv: { timestamp: ['time', 'iso'], sensorId: 'station', temp: 'Temp', hum: 'Humidity' },
    });
    const { refusal } = (await readFile('renamed.csv', mapped)).totals;
    expect(refusal?.reason).toBe('missing-column');
    expect(refusal?.detail).toContain('"Humidity"');
  });

  test('may stand over rows without any value, which are rejected one by one', async () => {
    const { totals } = await readFile('all-empty.csv');
    expect(totals).toMatchObject({ lines: 2, valid: 0, rejected: { 'no-value': 2 } });
  });
});
