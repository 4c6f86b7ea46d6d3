import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { theThingsStack } from './the-things-stack.ts';

const uplink = (receivedAt: string, payload: object | undefined) =>
  JSON.stringify({
    end_device_ids: {
      device_id: 'soil-4',
      application_ids: { application_id: 'fields' },
      dev_eui: '70B3D50000000004',
      dev_addr: '260B0004',
    },
    correlation_ids: ['as:up:01MADEUP'],
    received_at: receivedAt,
    uplink_message: {
      f_port: 2,
      f_cnt: 7,
      frm_payload: 'AAECAw==',
      ...(payload && { decoded_payload: payload }),
      rx_metadata: [
        { gateway_ids: { gateway_id: 'roof' }, rssi: -71, snr: 8.5, time: '2026-05-01T09:59:59.9Z' },
      ],
      settings: { frequency: '868100000', data_rate: { lora: { bandwidth: 125_000, spreading_factor: 7 } } },
      received_at: '2026-05-01T10:00:00.001Z',
    },
  });
const join = JSON.stringify({
  end_device_ids: { device_id: 'soil-4' },
  received_at: '2026-05-01T10:00:00Z',
  join_accept: {},
});
const sample = [
  uplink('2026-05-01T10:00:00.123456789Z', { moisture: 31.5, bat: 3.61 }),
  uplink('2026-05-01T10:15:00.999999999Z', { moisture: 0 }),
].join('\n');

const dataset = defineDataset({
  ...{ name: 'soil', timeZone: 'Europe/Madrid', shards: 1 },
  measures: {
    moisture: { unit: '%', min: 0, max: 100, optional: true },
    battery: { unit: 'V', min: 0, max: 5, optional: true },
  },
  formats: [theThingsStack.with({ match: '*.json', fields: { battery: 'bat' } })],
});
const readings = [
  { sensorId: 'soil-4', at: '2026-05-01T10:00:00.123Z', moisture: 31.5, battery: 3.61 },
  { sensorId: 'soil-4', at: '2026-05-01T10:15:00.999Z', moisture: 0 },
];

it('reads uplinks, in UTC, with what is finer than a millisecond cut off', async () => {
  expect(await readingsOf(dataset, 'storage.json', sample)).toEqual(readings);
});

it('takes uplinks with a decoded payload from the stream, and nothing else', async () => {
  const lines = [sample, join, uplink('2026-05-01T10:30:00Z', undefined)].join('\n');
  const { outcomes } = await parseBytes(lines, { known: [dataset] });
  expect(outcomes.map(({ reason }) => reason)).toEqual([
    undefined,
    undefined,
    'missing-field',
    'missing-field',
  ]);
});

it('recognises such messages', () => {
  expect(theThingsStack.recognises(sample)).toBe(true);
  expect(theThingsStack.recognises(join)).toBe(false);
});
