import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import stockTicks from '../../datasets/stock-ticks.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { firehoseDemo } from './firehose-demo.ts';

const sample = '{"TICKER_SYMBOL":"ABC","SECTOR":"RETAIL","CHANGE":-0.05,"PRICE":84.51}\n';
const arrivedMs = Date.UTC(2026, 4, 1);

const prices = defineDataset({
  ...{ name: 'prices', timeZone: 'America/New_York', shards: 1, time: 'arrival' },
  measures: { price: { unit: 'USD', min: 0, max: 1_000_000 } },
  formats: [firehoseDemo.with({ fields: { price: '$.PRICE' } })],
});

it('takes tickers from the stream, at the time of their arrival', async () => {
  const { outcomes } = await parseBytes(sample, { known: [prices], arrivedMs });
  expect(outcomes).toMatchObject([
    { dataset: 'prices', reading: { sensorId: 'ABC', timestampMs: arrivedMs, values: [84.51] } },
  ]);
});

it('takes none where the dataset that ships would take them too', async () => {
  const { outcomes } = await parseBytes(sample, { known: [prices, stockTicks], arrivedMs });
  expect(outcomes).toMatchObject([
    { reason: 'unknown-dataset', detail: expect.stringContaining('prices, stock-ticks') },
  ]);
});

it('recognises such lines', () => {
  expect(firehoseDemo.recognises(sample)).toBe(true);
  expect(firehoseDemo.recognises('{"PRICE":1}')).toBe(false);
});
