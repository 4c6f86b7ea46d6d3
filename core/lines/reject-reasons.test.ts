import { expect, test } from 'vitest';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { type Dataset, defineDataset } from '../dataset/dataset.ts';
import type { RejectReason } from '../dataset/reading.ts';
import { json } from '../formats/json-format.ts';
import { text } from '../formats/text-format.ts';

const good = {
  dataset: 'water-temperature',
  sensorId: 'a',
  timestamp: '2024-01-03T00:00:00Z',
  temperature: 12.5,
  deviation: 0.25,
};
const line = (fields: Record<string, unknown>) => JSON.stringify({ ...good, ...fields });
const raw = (name: string, literal: string) => line({ [name]: '@' }).replace('"@"', literal);

/** Several rows take part in them: see `assembly.test.ts`. */
type OfSeveralRows = 'contradicting-values' | 'late-value';

/** An object for each other reason; the type demands one for every reason there is. */
const examples: Record<
  Exclude<RejectReason, OfSeveralRows>,
  { body: string | Uint8Array; key?: string; known?: Dataset[]; arrivedMs?: number }
> = {
  'not-gzip': { body: '{}', key: 'raw/x.gz' },
  'corrupt-gzip': { body: Buffer.from('1f8b08', 'hex') },
  'empty-object': { body: '' },
  'not-text': { body: Buffer.from('504b0304', 'hex') },
  'not-utf8': { body: Buffer.from([0xff, 10]) },
  'line-too-long': { body: 'x'.repeat(1_048_577) },
  truncated: { body: '{"dataset"' },
  'not-json': { body: '{\n' },
  'not-line-protocol': {
    body: 'tide,pier level=1 1767225600000000000\n',
    key: 'landing/tide/x.lp',
    known: [
      defineDataset({
        name: 'tide',
        timeZone: 'UTC',
        shards: 1,
        measures: { level: { unit: 'm', min: 0, max: 9 } },
        formats: [
          json({
            ...{ match: '*.lp', syntax: 'line-protocol', values: '$.fields' },
            time: { path: '$.timestamp', format: 'epoch-ns' },
          }),
        ],
      }),
    ],
  },
  'not-an-object': { body: '7\n' },
  'unknown-dataset': { body: line({ dataset: 'nope' }) },
  'dataset-mismatch': { body: line({}), key: 'landing/stock-ticks/x.ndjson' },
  'missing-field': { body: line({ temperature: undefined }) },
  'unknown-field': { body: line({ more: 1 }) },
  'wrong-type': { body: line({ temperature: true }) },
  'not-finite': { body: raw('temperature', '1e400') },
  'out-of-range': { body: line({ temperature: 46 }) },
  missing: { body: line({ temperature: -999 }) },
  'no-value': {
    body: '{"sensorId":"a","timestamp":"2026-01-01T00:00Z","level":null}\n',
    key: 'landing/tide/x.ndjson',
    known: [
      defineDataset({
        name: 'tide',
        timeZone: 'UTC',
        shards: 1,
        measures: { level: { unit: 'm', min: 0, max: 9, optional: true } },
      }),
    ],
  },
  'invalid-timestamp': { body: line({ timestamp: 'now' }) },
  'ambiguous-timestamp': {
    body: 'time,level\n2026-10-25 02:30,1\n',
    key: 'landing/tide/x.csv',
    known: [
      defineDataset({
        name: 'tide',
        timeZone: 'Europe/Madrid',
        shards: 1,
        defaultSensorId: 'pier',
        measures: { level: { unit: 'm', min: 0, max: 9 } },
        csv: { timestamp: ['time', 'yyyy-MM-dd HH:mm'] },
      }),
    ],
  },
  'in-the-future': { body: line({ timestamp: '2024-01-03T00:00:01Z' }), arrivedMs: Date.UTC(2024, 0, 2) },
  'too-early': {
    body: '{"sensorId":"a","timestamp":"1970-01-01T00:00Z","level":1}\n',
    key: 'landing/tide/x.ndjson',
    known: [
      defineDataset({
        name: 'tide',
        timeZone: 'UTC',
        shards: 1,
        measures: { level: { unit: 'm', min: 0, max: 9 } },
        earliest: '1990-01-01',
      }),
    ],
  },
  'invalid-sensor-id': { body: line({ sensorId: ' ' }) },
  'invalid-revision': { body: line({ revision: null }) },
  'wrong-thing': {
    body: JSON.stringify({
      topicDataset: 'tide',
      thing: 'buoy-7',
      message: { sensorId: 'buoy-8', timestamp: '2026-01-01T00:00Z', level: 1 },
    }),
    known: [
      defineDataset({
        ...{ name: 'tide', timeZone: 'UTC', shards: 1, sensorsOfThing: ['{thing}'] },
        measures: { level: { unit: 'm', min: 0, max: 9 } },
      }),
    ],
  },
  'wrong-columns': { body: 'Fecha,Medida,Desviaciones\n1\n', key: 'landing/water-temperature/x.csv' },
  'wrong-unit': {
    body: 'time,what,value,unit\n2024-01-01T00:00Z,no2,1,ppb\n',
    key: 'landing/air/x.csv',
    known: [
      defineDataset({
        name: 'air',
        timeZone: 'UTC',
        shards: 1,
        defaultSensorId: 'square',
        measures: { no2: { unit: 'µg/m³', min: 0, max: 999 } },
        formats: [
          text({
            match: '*.csv',
            time: { column: 'time', format: 'iso' },
            long: { parameter: 'what', value: 'value', unit: 'unit', parameters: { no2: 'no2' } },
          }),
        ],
      }),
    ],
  },
};

test.each(Object.keys(examples) as (keyof typeof examples)[])(
  '%s is given for one object',
  async (reason) => {
    const { body, ...place } = examples[reason];
    const { outcomes, totals } = await parseBytes(body, place);
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([reason]);
    expect(outcomes[0]?.detail).toContain('accepted');
    expect(totals).toMatchObject({ lines: 1, valid: 0, rejected: { [reason]: 1 } });
  },
);
