import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { awsIotRule } from './aws-iot-rule.ts';

const sample = [
  { Time: '2026-05-01T12:00:00', AM2301: { Temperature: 21.5, Humidity: 60 }, device: 'kitchen', received_at: 1_777_629_600_250 },
  { Time: '2026-05-01T12:00:00', AM2301: { Temperature: 4 }, device: 'cellar', received_at: 1_777_629_601_000 },
].map((each) => JSON.stringify(each)); // biome-ignore format: a message a line

const dataset = defineDataset({
  ...{ name: 'rooms', timeZone: 'Europe/Madrid', shards: 1 },
  measures: {
    temperature: { unit: '°C', min: -20, max: 60, optional: true },
    humidity: { unit: '%', min: 0, max: 100, optional: true },
  },
  formats: [
    awsIotRule.with({
      match: '*.json',
      fields: { temperature: '$.AM2301.Temperature', humidity: '$.AM2301.Humidity' },
    }),
  ],
});
const readings = [
  { sensorId: 'kitchen', at: '2026-05-01T10:00:00.250Z', temperature: 21.5, humidity: 60 },
  { sensorId: 'cellar', at: '2026-05-01T10:00:01.000Z', temperature: 4 },
];

it('reads what a rule adds beside the payload, with a newline between messages or without', async () => {
  expect(await readingsOf(dataset, 'rule.json', sample.join('\n'))).toEqual(readings);
  expect(await readingsOf(dataset, 'rule.json', sample.join(''))).toEqual(readings);
  const { totals } = await parseBytes(sample.join(''), { known: [dataset] });
  expect(totals).toMatchObject({ lines: 2, valid: 2 });
});

it('recognises such payloads', () => {
  expect(awsIotRule.recognises(sample.join('\n'))).toBe(true);
  expect(awsIotRule.recognises('{"device":"a","received_at":"2026-05-01T10:00:00Z"}')).toBe(false);
});
