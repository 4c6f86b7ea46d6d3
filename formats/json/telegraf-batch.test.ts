import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { telegrafBatch } from './telegraf-batch.ts';

const metric = (temperature: number, timestamp: number) => ({
  ...{ fields: { temperature }, name: 'climate', tags: { host: 'raynor' }, timestamp },
});
const sample = JSON.stringify({ metrics: [metric(21.5, 1_777_629_600), metric(22, 1_777_629_610)] });

it('reads each metric of a batch', async () => {
  const dataset = defineDataset({
    ...{ name: 'climate', timeZone: 'Europe/Madrid', shards: 1 },
    measures: { temperature: { unit: '°C', min: -20, max: 60 } },
    formats: [telegrafBatch.with({ match: '*.json' })],
  });
  expect(await readingsOf(dataset, 'batch.json', sample)).toEqual([
    { sensorId: 'raynor', at: '2026-05-01T10:00:00.000Z', temperature: 21.5 },
    { sensorId: 'raynor', at: '2026-05-01T10:00:10.000Z', temperature: 22 },
  ]);
});

it('recognises a batch', () => {
  expect(telegrafBatch.recognises(sample)).toBe(true);
  expect(telegrafBatch.recognises(JSON.stringify(metric(1, 2)))).toBe(false);
});
