import { describe, expect, test } from 'vitest';
import { parseDuration } from '../time/duration.ts';
import { DatasetDefinitionError, defineDataset } from './dataset.ts';
import type { DatasetDefinition } from './definition.ts';

const sound: DatasetDefinition = {
  name: 'levels',
  timeZone: 'Europe/Madrid',
  shards: 2,
  measures: {
    level: { unit: 'm', min: 0, max: 10 },
    flow: { unit: 'm³/s', min: 0, max: 1e15, optional: true },
  },
  attributes: { river: { maxLength: 32 } },
  alerts: { flood: { measure: 'level', above: 8 } },
  csv: { timestamp: ['when', 'yyyy-MM-dd'], level: 'height' },
  expectedEvery: '15 minutes',
  synthetic: { level: { mean: 3 } },
};

describe('defineDataset', () => {
  test('adds what follows from the definition, and freezes it', () => {
    const dataset = defineDataset(sound);
    expect(dataset).toMatchObject({
      generation: 1,
      missing: [],
      measureNames: ['level', 'flow'],
      attributeNames: ['river'],
      storageName: 'levels',
      expectedEveryMs: 900_000,
    });
    expect(Object.isFrozen(dataset.measures.level)).toBe(true);
    expect(defineDataset({ ...sound, generation: 3 }).storageName).toBe('levels@3');
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['name', { name: 'Water' }, '"Water"'],
    ['name', { name: undefined }, 'missing'],
    ['timeZone', { timeZone: 'Europe/Nowhere' }, 'IANA'],
    ['timeZone', { timeZone: '+01:00' }, 'IANA'],
    ['shards', { shards: 0 }, '1 to 1000'],
    ['shards', { shards: 1.5 }, '1.5'],
    ['generation', { generation: 0 }, 'generation'],
    ['measures', { measures: {} }, 'at least one'],
    ['measures.level.unit', { measures: { level: { min: 0, max: 1 } } }, 'a text'],
    ['measures.level.min', { measures: { level: { unit: 'm', min: -1e16, max: 1 } } }, '1e15'],
    ['measures.level.max', { measures: { level: { unit: 'm', min: 2, max: 1 } } }, 'from min'],
    ['measures.level.max', { measures: { level: { unit: 'm', min: 0, max: Number.NaN } } }, '1e15'],
    ['name of a field', { measures: { sensorId: { unit: 'm', min: 0, max: 1 } } }, 'sensorid'],
    ['name of a field', { measures: { Date: { unit: 'm', min: 0, max: 1 } } }, 'date'],
    ['name of a field', { measures: { toString: { unit: 'm', min: 0, max: 1 } } }, 'toString'],
    ['name of a field', { attributes: { LEVEL: { maxLength: 3 } } }, 'of its own'],
    ['name of a field', { sensorIdField: 'level' }, 'of its own'],
    ['attributes.river', { attributes: { river: { maxLength: 0 } } }, '1 to 4096'],
    ['defaultSensorId', { defaultSensorId: 'a/b' }, 'a/b'],
    ['missing', { missing: [Number.NaN] }, 'finite'],
    ['name of an alert', { alerts: { 'a#b': { measure: 'level', above: 1 } } }, 'a#b'],
    ['alerts.flood.measure', { alerts: { flood: { measure: 'depth', above: 1 } } }, 'level, flow'],
    ['alerts.flood', { alerts: { flood: { measure: 'level' } } }, 'above, below or both'],
    ['alerts.flood.above', { alerts: { flood: { measure: 'level', above: Number.NaN } } }, 'finite'],
    ['alerts.flood.below', { alerts: { flood: { measure: 'level', below: Number.NaN } } }, 'finite'],
    ['expectedEvery', { expectedEvery: 'often' }, '15 minutes'],
    ['synthetic.depth', { synthetic: { depth: { mean: 1 } } }, 'level, flow'],
    ['synthetic.level.mean', { synthetic: { level: { mean: 'x' } } }, 'finite'],
    ['csv.timestamp', { csv: { timestamp: 'when' } }, '[column, format]'],
    ['csv.timestamp', { csv: { timestamp: ['when', 'yyyy/DD'] } }, 'yyyy'],
    ['csv.timestamp', { csv: { timestamp: ['when', 'yyyy-MM-dd mm'] } }, 'HH'],
    ['csv.depth', { csv: { timestamp: ['when', 'iso'], depth: 'x' } }, 'level'],
    ['csv.level', { csv: { timestamp: ['when', 'iso'], level: '' } }, 'column'],
  ])('refuses a wrong %s: %j', (field, change, told) => {
    const define = () => defineDataset({ ...sound, ...change } as DatasetDefinition);
    expect(define).toThrow(DatasetDefinitionError);
    expect(define).toThrow(field);
    expect(define).toThrow(told);
  });
});

test.each([
  ['10 seconds', 10_000],
  ['1 minute', 60_000],
  ['1 hour', 3_600_000],
  ['7 days', 604_800_000],
  ['2 weeks', 1_209_600_000],
  ['0 days', undefined],
  ['1.5 hours', undefined],
  ['-1 hour', undefined],
  ['1 month', undefined],
  ['hour', undefined],
])('the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
