import { describe, expect, test } from 'vitest';
import { defineDataset } from '../dataset/dataset.ts';
import { landingKey, originOf } from './segment-origin.ts';

const base = { timeZone: 'UTC', shards: 1, measures: { level: { unit: 'm', min: 0, max: 9 } } };
const tide = defineDataset({ ...base, name: 'tide', defaultSensorId: 'pier' });
const rain = defineDataset({ ...base, name: 'rain' });
const datasets = [tide, rain];
const origin = (key: string) => originOf({ key }, datasets);

describe('the format of a segment', () => {
  test.each([
    ['landing/tide/x.csv', 'csv', false],
    ['landing/tide/x.csv.gz', 'csv', true],
    ['landing/tide/X.CSV', 'csv', false],
    ['landing/tide/x.csv.txt', 'ndjson', false],
    ['landing/tide/xcsv', 'ndjson', false],
    ['landing/tide/x.csvgz', 'ndjson', false],
    ['landing/tide/x.ndjson.gz', 'ndjson', true],
    ['landing/tide/x.gz.ndjson', 'ndjson', false],
    ['raw/2024/x', 'ndjson', false],
    ['raw/2024/x.gz', 'ndjson', true],
  ])('%s is %s, named as gzip: %s', (key, format, namedGzip) => {
    expect(origin(key)).toMatchObject({ format, namedGzip });
  });
});

describe('a segment', () => {
  test('of a stream says nothing about its lines', () => {
    for (const key of ['raw/2024/01/01/00/x', 'raw/tide/x', 'x', 'landing/x', 'other/tide/pier/x'])
      expect(origin(key)).toMatchObject({ dataset: undefined, sensorId: undefined, fault: undefined });
  });

  test('of an upload is of the dataset of its folder, and of the default series where there is one', () => {
    expect(origin('landing/tide/x')).toMatchObject({ dataset: tide, sensorId: 'pier', fault: undefined });
    expect(origin('landing/rain/x')).toMatchObject({ dataset: rain, sensorId: undefined, fault: undefined });
  });

  test("in a sensor's folder is of that series", () => {
    expect(origin('landing/tide/buoy-1/x')).toMatchObject({
      dataset: tide,
      sensorId: 'buoy-1',
      fault: undefined,
    });
  });

  test('of an unknown dataset is at fault', () => {
    const { fault, dataset } = origin('landing/snow/x');
    expect([fault?.reason, dataset]).toEqual(['unknown-dataset', undefined]);
    expect(fault?.detail).toContain('snow');
  });

  test('of CSV without a dataset is at fault', () => {
    const { fault } = origin('raw/2024/x.csv');
    expect(fault?.reason).toBe('unknown-dataset');
    expect(fault?.detail).toBe('the key is "raw/2024/x.csv"; accepted for CSV: landing/<dataset>/<file>');
  });

  test.each([
    ['landing/tide/a/b/x', 'a/b', 'several folders'],
    ['landing/tide/50%/x', '50%', 'a % that encodes no character'],
    ['landing/tide/../x', '..', 'in a path'],
    ['landing/tide//x', '""', 'it is empty'],
  ])('in the folder %s is at fault, and of its dataset', (key, shown, why) => {
    const { fault, dataset, sensorId } = origin(key);
    expect([fault?.reason, dataset, sensorId]).toEqual(['invalid-sensor-id', tide, undefined]);
    expect(fault?.detail).toContain(shown);
    expect(fault?.detail).toContain(why);
    expect(fault?.detail).toContain('accepted: one folder, ');
  });
});

describe('the instant of upload', () => {
  const uploadedMs = (key: string) => originOf({ key, arrivedMs: 1_700_000_000_000 }, datasets).uploadedMs;

  test('counts for a file, also for one that is at fault', () => {
    expect(['landing/tide/x', 'landing/snow/x'].map(uploadedMs)).toEqual([
      1_700_000_000_000, 1_700_000_000_000,
    ]);
  });

  test('is none for what came by the stream, or where it does not matter', () => {
    expect(['raw/2024/x', 'raw/landing/x', 'x/landing/'].map(uploadedMs)).toEqual([0, 0, 0]);
    expect(origin('landing/tide/x').uploadedMs).toBe(0);
  });
});

describe('the key of an upload', () => {
  test.each(['buoy-1', 'a/b', '50%', '%2F', 'a/b%c/d', 'Río 2', undefined])(
    'comes back as the sensor %s',
    (sensorId) => {
      const key = landingKey({ dataset: rain, sensorId, file: 'x.csv' });
      expect(origin(key)).toMatchObject({ dataset: rain, sensorId, fault: undefined, format: 'csv' });
    },
  );

  test('has no folder without a sensor', () => {
    expect(landingKey({ dataset: tide, sensorId: undefined, file: 'x.csv' })).toBe('landing/tide/x.csv');
  });
});
