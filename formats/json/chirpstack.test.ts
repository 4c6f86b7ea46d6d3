import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { chirpstack } from './chirpstack.ts';

const uplink = (time: string, object: object) =>
  JSON.stringify({
    deduplicationId: '00000000-0000-4000-8000-000000000001',
    time,
    deviceInfo: {
      tenantName: 'ChirpStack',
      applicationName: 'greenhouse',
      deviceProfileName: 'climate',
      deviceName: 'Bench 3',
      devEui: '0102030405060708',
      tags: { row: '3' },
    },
    devAddr: '00112233',
    adr: true,
    dr: 5,
    fCnt: 12,
    fPort: 10,
    confirmed: false,
    data: 'AQI=',
    object,
    rxInfo: [{ gatewayId: '0016c001f1500001', rssi: -54, snr: 9.8 }],
    txInfo: { frequency: 868_300_000 },
  });
const sample = [
  uplink('2026-05-01T12:00:00.775023242+02:00', { air: { temperature: 21.25 }, humidity: 60 }),
  uplink('2026-05-01T10:10:00+00:00', { air: { temperature: 21.5 } }),
].join('\n');

const dataset = (more: object = {}) =>
  defineDataset({
    ...{ name: 'greenhouse', timeZone: 'Europe/Madrid', shards: 1 },
    measures: {
      temperature: { unit: '°C', min: -20, max: 60, optional: true },
      humidity: { unit: '%', min: 0, max: 100, optional: true },
    },
    formats: [
      chirpstack.with({ match: '*.json', fields: { temperature: '$.object.air.temperature', ...more } }),
    ],
  });

it('reads uplinks of devices by their EUI, or by their name', async () => {
  expect(await readingsOf(dataset(), 'up.json', sample)).toEqual([
    { sensorId: '0102030405060708', at: '2026-05-01T10:00:00.775Z', temperature: 21.25, humidity: 60 },
    { sensorId: '0102030405060708', at: '2026-05-01T10:10:00.000Z', temperature: 21.5 },
  ]);
  const byName = await readingsOf(dataset({ sensorId: '$.deviceInfo.deviceName' }), 'up.json', sample);
  expect(byName.map(({ sensorId }) => sensorId)).toEqual(['Bench 3', 'Bench 3']);
});

it('recognises such events', () => {
  expect(chirpstack.recognises(sample)).toBe(true);
  expect(chirpstack.recognises('{"deviceInfo":{}}')).toBe(false);
});
