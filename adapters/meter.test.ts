import { afterEach, expect, test, vi } from 'vitest';
import type { MetricName } from '../core/metrics.ts';
import { createMeter } from './meter.ts';

const written: string[] = [];
const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
afterEach(() => {
  written.length = 0;
  err.mockClear();
});
const lines = () => written.map((text) => JSON.parse(text));

test('metrics are a line of the embedded metric format, without a dimension', () => {
  createMeter('Caudal').emit({ Lines: 12, RejectedLines: 0 });
  const [line, ...more] = lines();
  expect(more).toEqual([]);
  expect(line).toMatchObject({ Lines: 12, RejectedLines: 0 });
  const [directive] = line._aws.CloudWatchMetrics;
  expect(directive).toEqual({
    Namespace: 'Caudal',
    Dimensions: [[]],
    Metrics: [
      { Name: 'Lines', Unit: 'Count' },
      { Name: 'RejectedLines', Unit: 'Count' },
    ],
  });
  expect(Object.keys(line).sort()).toEqual(['Lines', 'RejectedLines', '_aws']);
});

test('those of a dataset have it as their one dimension, and the next line has none of it', () => {
  const meter = createMeter('Caudal-trial');
  meter.emit({ ReadingAge: 7.5 }, 'tides');
  meter.emit({ Toons: 1 });
  const [ofDataset, other] = lines();
  expect(ofDataset).toMatchObject({ dataset: 'tides', ReadingAge: 7.5 });
  expect(ofDataset._aws.CloudWatchMetrics[0]).toMatchObject({
    Namespace: 'Caudal-trial',
    Dimensions: [['dataset']],
    Metrics: [{ Name: 'ReadingAge', Unit: 'Seconds' }],
  });
  expect(other._aws.CloudWatchMetrics[0].Dimensions).toEqual([[]]);
  expect(other).not.toHaveProperty('dataset');
});

test('what can not be written fails nothing, and does not spoil what comes after it', () => {
  const meter = createMeter('Caudal');
  meter.emit({ NoSuchMetric: 1 } as Partial<Record<MetricName, number>>);
  meter.emit({ Lines: Number.NaN });
  expect(written).toEqual([]);
  out.mockImplementationOnce(() => {
    throw new Error('the pipe is closed');
  });
  meter.emit({ Lines: 1 });
  meter.emit({ Toons: 2 });
  expect(lines()).toMatchObject([{ Toons: 2 }]);
  expect(lines()[0]).not.toHaveProperty('Lines');
});

test('an installation that does without them writes none', () => {
  createMeter(undefined).emit({ Toons: 1 });
  expect(written).toEqual([]);
});
