import { describe, expect, test } from 'vitest';
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
      maxAheadMs: 86_400_000,
      earliestMs: Date.UTC(1969, 11, 31, 23), // midnight in Madrid
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
    ['a member', { expectEvery: '15 minutes' }, '"expectEvery"'],
    [
      'a member of measures.level',
      { measures: { level: { unit: 'm', min: 0, max: 1, optinal: true } } },
      'optional',
    ],
    [
      'measures.level.optional',
      { measures: { level: { unit: 'm', min: 0, max: 1, optional: 'yes' } } },
      'true',
    ],
    ['measures.level', { measures: { level: 'm' } }, '{ unit, min, max, optional }'],
    ['a member of attributes.river', { attributes: { river: { maxLength: 3, max: 4 } } }, '"max"'],
    ['a member of alerts.flood', { alerts: { flood: { measure: 'level', abov: 8 } } }, '"abov"'],
    ['name of a field', { measures: { sensorId: { unit: 'm', min: 0, max: 1 } } }, 'sensorid'],
    ['name of a field', { measures: { Date: { unit: 'm', min: 0, max: 1 } } }, 'date'],
    ['name of a field', { measures: { toString: { unit: 'm', min: 0, max: 1 } } }, 'toString'],
    ['name of a field', { attributes: { LEVEL: { maxLength: 3 } } }, 'of its own'],
    ['name of a field', { sensorIdField: 'level' }, 'of its own'],
    ['attributes.river', { attributes: { river: { maxLength: 0 } } }, '1 to 4096'],
    ['defaultSensorId', { defaultSensorId: 'a\tb' }, 'a text of 1 to 128 bytes'],
    ['defaultSensorId', { defaultSensorId: ' a' }, 'its canonical form, "a"'],
    ['defaultSensorId', { defaultSensorId: 7 }, 'a text of 1 to 128 bytes'],
    ['missing', { missing: [Number.NaN] }, 'finite'],
    ['name of an alert', { alerts: { 'a#b': { measure: 'level', above: 1 } } }, 'a#b'],
    ['alerts.flood.measure', { alerts: { flood: { measure: 'depth', above: 1 } } }, 'level, flow'],
    ['alerts.flood', { alerts: { flood: { measure: 'level' } } }, 'above, below or both'],
    ['alerts.flood.above', { alerts: { flood: { measure: 'level', above: Number.NaN } } }, 'finite'],
    [
      'alerts.flood.since',
      { alerts: { flood: { measure: 'level', above: 1, since: '2024-02-30' } } },
      'YYYY-MM-DD',
    ],
    [
      'alerts.flood.sensors',
      { alerts: { flood: { measure: 'level', above: 1, sensors: 'a,,b' } } },
      'ids of sensors',
    ],
    [
      'alerts.flood.changesBy',
      { alerts: { flood: { measure: 'level', changesBy: 0, within: '1 hour' } } },
      'above 0',
    ],
    [
      'alerts.flood.within',
      { alerts: { flood: { measure: 'level', changesBy: 1, within: '2 days' } } },
      'at most a day',
    ],
    [
      'alerts.flood',
      { alerts: { flood: { measure: 'level', changesBy: 1, within: '1 hour', above: 1 } } },
      'above, below or both, perhaps lasting; or',
    ],
    ['alerts.flood.below', { alerts: { flood: { measure: 'level', below: Number.NaN } } }, 'finite'],
    ['expectedEvery', { expectedEvery: 'often' }, '15 minutes'],
    ['synthetic.depth', { synthetic: { depth: { mean: 1 } } }, 'level, flow'],
    ['synthetic.level.mean', { synthetic: { level: { mean: 'x' } } }, 'finite'],
    ['csv.timestamp', { csv: { timestamp: 'when' } }, '[column, format]'],
    ['csv.timestamp', { csv: { timestamp: ['when', 'yyyy/DD'] } }, 'yyyy'],
    ['csv.timestamp', { csv: { timestamp: ['when', 'yyyy-MM-dd mm'] } }, 'HH'],
    ['csv.depth', { csv: { timestamp: ['when', 'iso'], depth: 'x' } }, 'level'],
    ['csv.timestamp', { csv: { level: 'height' } }, '[column, format]'],
    ['csv.timestamp', { time: 'arrival' }, "none where time is 'arrival'"],
    ['time', { time: 'upload' }, 'arrival, or none'],
    ['maxAhead', { maxAhead: 'a day' }, '1 hour'],
    ['maxAhead', { maxAhead: '0 days' }, '10 days'],
    ['unnamed', { unnamed: 'yes' }, 'true or false'],
    ['sensorIdField', { unnamed: true }, 'lines are known that name no dataset'],
    ['csv.level', { csv: { timestamp: ['when', 'iso'], level: '' } }, 'column'],
  ])('refuses a wrong %s: %j', (field, change, told) => {
    const define = () => defineDataset({ ...sound, ...change } as DatasetDefinition);
    expect(define).toThrow(DatasetDefinitionError);
    expect(define).toThrow(field);
    expect(define).toThrow(told);
  });
});

/** What is at a bound, and what is just past it. */
describe('bounds of a definition', () => {
  const level = (change: object) => ({ measures: { level: { unit: 'm', min: 0, max: 10, ...change } } });
  const named = (kind: string, value: object) => (name: string) => ({ [kind]: { [name]: value } });
  const measure = named('measures', { unit: 'm', min: 0, max: 10 });
  const attribute = named('attributes', { maxLength: 3 });
  const alert = named('alerts', { measure: 'level', above: 8 });
  const csv = (change: object) => ({ csv: { timestamp: ['when', 'yyyy-MM-dd'], ...change } });
  const bare = { ...sound, alerts: {}, csv: undefined, synthetic: {}, attributes: undefined };
  const changed = (change: object) => ({ ...bare, ...change }) as unknown as DatasetDefinition; // some are wrong
  const letters = (count: number) => 'a'.repeat(count);

  test.each<[string, object, object]>([
    ['name', { name: letters(63) }, { name: letters(64) }],
    ['name', { name: 'a-1' }, { name: '1-a' }],
    ['name', { name: 'a-1' }, { name: 'a_1' }],
    ['earliest', { earliest: '1970-01-01' }, { earliest: '1969-12-31' }],
    ['earliest', { earliest: '2099-12-31' }, { earliest: '2100-01-01' }],
    ['earliest', { earliest: '2024-02-29' }, { earliest: '2023-02-29' }],
    ['earliest', { earliest: '2024-02-29' }, { earliest: 2024 }],
    ['shards', { shards: 1 }, { shards: 0 }],
    ['shards', { shards: 1_000 }, { shards: 1_001 }],
    ['generation', { generation: 1 }, { generation: 0 }],
    ['generation', { generation: 9_999 }, { generation: 10_000 }],
    ['measures.level.min', level({ min: -1e15 }), level({ min: -1.001e15 })],
    ['measures.level.min', level({ min: 0 }), level({ min: '0' })],
    ['measures.level.max', level({ max: 1e15 }), level({ max: 1.001e15 })],
    ['measures.level.max', level({ min: 10, max: 10 }), level({ min: 10, max: 9.99 })],
    ['measures.level.unit', level({ unit: '' }), level({ unit: 1 })],
    ['the name of a field', measure(letters(64)), measure(letters(65))],
    ['the name of a field', measure('a1_B'), measure('1a')],
    ['the name of a field', measure('a_b'), measure('a-b')],
    ['the name of a field', attribute('note'), attribute('revision')],
    ['the name of a field', attribute('note'), attribute('TimeStamp')],
    ['the name of a field', attribute('note'), attribute('shard')],
    ['the name of a field', attribute('note'), attribute('dataset')],
    ['the name of a field', { sensorIdField: 'ticker' }, { sensorIdField: 'sensorId' }],
    ['attributes.note.maxLength', attribute('note'), { attributes: { note: { maxLength: 4_097 } } }],
    [
      'attributes.note',
      { attributes: { note: { maxLength: 4_096 } } },
      { attributes: { note: { maxLength: 1.5 } } },
    ],
    ['defaultSensorId', { defaultSensorId: letters(128) }, { defaultSensorId: letters(129) }],
    ['missing', { missing: [-9_999, 0] }, { missing: [0, Number.POSITIVE_INFINITY] }],
    ['the name of an alert', alert(letters(63)), alert(letters(64))],
    ['the name of an alert', alert('a-1'), alert('1-a')],
    ['the name of an alert', alert('a-1'), alert('a-1 ')],
    [
      'alerts.low',
      { alerts: { low: { measure: 'level', below: 1 } } },
      { alerts: { low: { measure: 'level' } } },
    ],
    [
      'alerts.low',
      { alerts: { low: { measure: 'level', below: 1 } } },
      { alerts: { low: { measure: 'toString', below: 1 } } },
    ],
    ...(
      [
        ['.lasting', { below: 1, lasting: '1 day' }, { below: 1, lasting: '25 hours' }],
        [
          '.maxGap',
          { below: 1, lasting: '2 hours', maxGap: '1 hour' },
          { below: 1, lasting: '2 hours', maxGap: 1 },
        ],
        ['.lasting', { below: 1, lasting: '2 hours' }, { below: 1, maxGap: '2 hours' }],
        [' is missing', { above: 2 }, { lasting: '2 hours' }],
        [
          ' is missing',
          { changesBy: 1, within: '1 hour' },
          { changesBy: 1, within: '1 hour', lasting: '2 hours' },
        ],
        [' is missing', { noDataFor: '7 days' }, { noDataFor: '7 days', above: 1 }],
        ['.noDataFor', { noDataFor: '1 week' }, { noDataFor: '8 days' }],
        ['.tag', { below: 1, tag: 'coast,city' }, { below: 1, tag: 'coast, city' }],
        ['.since', { below: 1, since: '2024-02-29' }, { below: 1, since: '2023-02-29' }],
      ] as const
    ).map(([member, accepted, refused]): [string, object, object] => [
      `alerts.low${member}`,
      { alerts: { low: { measure: 'level', ...accepted } } },
      { alerts: { low: { measure: 'level', ...refused } } },
    ]),
    ['expectedEvery', { expectedEvery: '1 day' }, { expectedEvery: '1  day' }],
    [
      'synthetic.level',
      { synthetic: { level: { mean: 1, noise: 2 } } },
      { synthetic: { level: { mean: 1, noise: Number.NaN } } },
    ],
    ['synthetic.toString', { synthetic: {} }, { synthetic: { toString: { mean: 1 } } }],
    ['csv.timestamp', csv({}), csv({ timestamp: ['when', 'iso', 'more'] })],
    ['csv.timestamp', csv({ timestamp: ['when', 'iso'] }), csv({ timestamp: [1, 'iso'] })],
    ['csv.timestamp', csv({ timestamp: ['when', 'iso'] }), csv({ timestamp: 'on' })],
    ['csv.sensorId', csv({ sensorId: 'id', revision: 'version', level: 'height' }), csv({ sensorId: 1 })],
    ['csv.note', { ...attribute('note'), ...csv({ note: 'text' }) }, csv({ note: 'text' })],
  ])('%s: accepted is %j, refused %j', (field, accepted, refused) => {
    const define = (change: object) => () => defineDataset(changed(change));
    expect(define(accepted)).not.toThrow();
    expect(define(refused)).toThrow(/; accepted: \S/);
    expect(define(refused)).toThrow(expect.objectContaining({ name: 'DatasetDefinitionError' }));
    expect(define(refused)).toThrow(`dataset ${JSON.stringify(changed(refused).name)}: ${field}`);
  });

  test.each([undefined, null, 'levels', 7])('%j is no definition', (definition) => {
    expect(() => defineDataset(definition as never)).toThrow('accepted is an object');
  });

  test('the definition itself may be changed afterwards: the dataset holds a copy, frozen throughout', () => {
    const definition = structuredClone(sound);
    const dataset = defineDataset({ ...definition, missing: [-1] });
    const isFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    expect(isFrozen(dataset)).toBe(true);
    expect(Object.isFrozen(definition.measures)).toBe(false);
    expect(dataset.missing).toEqual([-1]);
    expect(dataset.alerts).toEqual(definition.alerts);
  });

  test('what is left out is empty', () => {
    const { attributes, attributeNames, missing, alerts, generation } = defineDataset({
      name: 'levels',
      timeZone: 'UTC',
      shards: 1,
      measures: sound.measures ?? {},
    });
    expect({ attributes, attributeNames, missing, alerts, generation }).toEqual({
      attributes: {},
      attributeNames: [],
      missing: [],
      alerts: {},
      generation: 1,
    });
    expect(defineDataset(changed({}))).toHaveProperty('expectedEveryMs', 900_000);
    expect(defineDataset({ ...sound, expectedEvery: undefined } as never)).not.toHaveProperty(
      'expectedEveryMs',
    );
  });
});
