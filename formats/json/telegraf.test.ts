import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import type { JsonFormat } from '../../core/formats/json-format.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { telegraf } from './telegraf.ts';

const metric = (host: string, timestamp: number, fields: object) => ({
  ...{ fields, name: 'climate', tags: { host, station: `st-${host}` }, timestamp },
});
const metrics = [
  metric('raynor', 1_777_629_600, { temperature: 21.5, samples: 59 }),
  metric('kerrigan', 1_777_629_610, { temperature: 22 }),
];

const dataset = (format: JsonFormat) =>
  defineDataset({
    ...{ name: 'climate', timeZone: 'Europe/Madrid', shards: 1 },
    measures: { temperature: { unit: '°C', min: -20, max: 60 } },
    formats: [format],
  });
const sample = metrics.map((each) => JSON.stringify(each)).join('\n');

it('reads metrics by their host, or by another tag', async () => {
  const readings = [
    { sensorId: 'raynor', at: '2026-05-01T10:00:00.000Z', temperature: 21.5 },
    { sensorId: 'kerrigan', at: '2026-05-01T10:00:10.000Z', temperature: 22 },
  ];
  expect(await readingsOf(dataset(telegraf.with({ match: '*.out' })), 'metrics.out', sample)).toEqual(
    readings,
  );
  const byStation = telegraf.with({ match: '*.out', fields: { sensorId: '@.tags.station' } });
  const found = await readingsOf(dataset(byStation), 'metrics.out', sample);
  expect(found.map(({ sensorId }) => sensorId)).toEqual(['st-raynor', 'st-kerrigan']);
});

it('reads other units of the timestamp where they are given, nanoseconds too', async () => {
  const fine = sample.replaceAll(/"timestamp":(\d+)/g, '"timestamp":$1123456789');
  const format = telegraf.with({ match: '*.out', timeFormat: 'epoch-ns' });
  const [first] = await readingsOf(dataset(format), 'metrics.out', fine);
  expect(first?.at).toBe('2026-05-01T10:00:00.123Z');
});

it('recognises such metrics, but not a batch of them', () => {
  expect(telegraf.recognises(sample)).toBe(true);
  expect(telegraf.recognises(JSON.stringify({ metrics }))).toBe(false);
});
