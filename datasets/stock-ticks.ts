import { defineDataset } from '../core/dataset/dataset.ts';

/**
 * Prices of stocks, with the field names of Firehose's demo data ("Test with demo data" in the AWS console), whose lines have neither a
 * time nor a dataset's name. A series is a ticker symbol.
 */
export default defineDataset({
  name: 'stock-ticks',
  timeZone: 'America/New_York',
  shards: 4,
  sensorIdField: 'TICKER_SYMBOL',
  unnamed: true,
  time: 'arrival',
  measures: {
    CHANGE: { unit: 'USD', min: -1_000_000, max: 1_000_000, optional: true },
    PRICE: { unit: 'USD', min: 0, max: 10_000_000 },
  },
  attributes: { SECTOR: { maxLength: 64 } },
  expectedEvery: '1 minute',
  synthetic: {
    CHANGE: { mean: 0, noise: 1.5 },
    PRICE: { mean: 120, seasonal: 8, daily: 2, noise: 3, drift: 6 },
  },
});
