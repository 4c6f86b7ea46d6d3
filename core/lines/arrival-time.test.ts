import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../test/support/definition-of.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { defineDataset } from '../dataset/dataset.ts';

const arrivedMs = Date.parse('2026-03-01T12:00:07Z');
const quotes = defineDataset({
  name: 'quotes',
  timeZone: 'UTC',
  shards: 1,
  sensorIdField: 'SYMBOL',
  unnamed: true,
  time: 'arrival',
  measures: { PRICE: { unit: 'USD', min: 0, max: 1e6 } },
});
const levels = defineDataset({
  name: 'levels',
  timeZone: 'UTC',
  shards: 1,
  sensorIdField: 'GAUGE',
  measures: { level: { unit: 'm', min: 0, max: 9 } },
});
const read = async (body: string, key = 'raw/x', known = [levels, quotes]) =>
  (await parseBytes(body, { key, known, arrivedMs })).outcomes;
const said = async (...given: Parameters<typeof read>) =>
  (await read(...given)).map(({ dataset, reading, reason }) =>
    reading ? `${dataset} ${reading.sensorId} ${new Date(reading.timestampMs).toISOString()}` : reason,
  );
const arrived = '2026-03-01T12:00:07.000Z';

describe('a line without a time', () => {
  test('has that of its arrival, by the stream and in files, where its dataset allows it', async () => {
    const line = '{"SYMBOL":"A","PRICE":1}\n';
    expect(await said(line)).toEqual([`quotes A ${arrived}`]);
    expect(await said(line, 'landing/quotes/a.ndjson')).toEqual([`quotes A ${arrived}`]);
    expect(await said('SYMBOL,PRICE\nA,1\nB,2\n', 'landing/quotes/a.csv')).toEqual([
      `quotes A ${arrived}`,
      `quotes B ${arrived}`,
    ]);
    expect(await said('{"dataset":"levels","GAUGE":"A","level":1}\n')).toEqual(['missing-field']);
  });

  test('keeps its own, where it has one', async () => {
    const own = '"timestamp":"2026-02-01T00:00:00Z"';
    expect(await said(`{"SYMBOL":"A","PRICE":1,${own}}\n`)).toEqual(['quotes A 2026-02-01T00:00:00.000Z']);
    expect(
      await said('SYMBOL,PRICE,timestamp\nA,1,2026-02-01T00:00:00Z\nA,1,\n', 'landing/quotes/a.csv'),
    ).toEqual([
      'quotes A 2026-02-01T00:00:00.000Z',
      'invalid-timestamp', // the column is there, so something is wrong with the row
    ]);
    expect(await said('{"SYMBOL":"A","PRICE":1,"timestamp":null}\n')).toEqual(['missing-field']);
    expect(await said('{"SYMBOL":"A","PRICE":1,"timestamp":"now"}\n')).toEqual(['invalid-timestamp']);
  });

  test('can withdraw nothing', async () => {
    const [outcome] = await read('{"SYMBOL":"A","withdrawn":true}\n');
    expect(outcome).toMatchObject({
      reason: 'missing-field',
      detail: 'timestamp is missing; accepted here: the time of the reading that is withdrawn',
    });
  });
});

describe('a line that names no dataset', () => {
  test('is of the one that takes lines with that field', async () => {
    expect(await said('{"SYMBOL":"A","PRICE":1}{"SYMBOL":"B","PRICE":2}')).toEqual([
      `quotes A ${arrived}`,
      `quotes B ${arrived}`,
    ]);
    expect(await said('{"GAUGE":"A","level":1}\n')).toEqual(['missing-field']);
    expect(await said('{"sensorId":"A","PRICE":1}\n')).toEqual(['missing-field']);
  });

  test('is of none where two would take it', async () => {
    const both = [
      defineDataset({ ...definitionOf(levels), missing: [], unnamed: true, time: 'arrival' }),
      quotes,
    ];
    const [outcome] = await read('{"SYMBOL":"A","GAUGE":"A","PRICE":1}\n', 'raw/x', both);
    expect(outcome).toMatchObject({
      reason: 'missing-field',
      detail: 'dataset is missing; accepted: levels, quotes',
    });
  });
});
