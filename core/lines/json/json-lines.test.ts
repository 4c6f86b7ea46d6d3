import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { json } from '../../formats/json-format.ts';

const common = { timeZone: 'Europe/Madrid', shards: 1 } as const;
const soil = defineDataset({
  ...{ ...common, name: 'soil' },
  measures: { moisture: { unit: '%', min: 0, max: 100, optional: true } },
  formats: [
    json({
      when: { '$.uplink.payload': 'present', '$.port': [1, 2] },
      time: { path: '$.at', format: 'iso' },
      values: '$.uplink.payload',
      fields: { sensorId: '$.device' },
    }),
  ],
});
const packs = defineDataset({
  ...{ ...common, name: 'packs' },
  measures: { level: { unit: 'm', min: 0, max: 20 } },
  formats: [
    json({
      when: { '$[0].lvl': 'present' },
      records: '$[*]',
      time: { path: '@.at', format: "yyyy-MM-dd'T'HH:mm[X]" },
      fields: { sensorId: '@.id', level: '@.lvl' },
    }),
  ],
});
const ports = defineDataset({
  ...{ ...common, name: 'ports', sensorIdField: 'gate', unnamed: true },
  measures: { count: { unit: 'ships', min: 0, max: 1_000 } },
  formats: [
    json({
      when: { '$.uplink.payload.count': 'present' },
      time: { path: '$.at', format: 'iso' },
      fields: { sensorId: '$.device', count: '$.uplink.payload.count' },
    }),
  ],
});
const known = [soil, packs, ports];

const uplink = (payload: object, more: object = {}) =>
  JSON.stringify({ device: 'a', port: 1, at: '2026-05-01T10:00:00Z', uplink: { payload }, ...more });

async function read(lines: readonly string[], key = 'raw/2026/05/01/10/x') {
  const { outcomes, totals } = await parseBytes(lines.join('\n'), { key, known, accepted: true });
  return {
    totals,
    told: outcomes.map(({ line, dataset, reason, detail }) => [line, dataset ?? reason, detail]),
  };
}

describe('lines of the stream that name no dataset', () => {
  test('are of the one whose format takes them', async () => {
    const { told } = await read([
      uplink({ moisture: 5 }),
      '{"dataset":"ports","gate":"n","timestamp":"2026-05-01T10:00:00Z","count":4}',
      '{"gate":"n","timestamp":"2026-05-01T10:01:00Z","count":4}',
    ]);
    expect(told).toEqual([
      [1, 'soil', undefined],
      [2, 'ports', undefined],
      [3, 'ports', undefined],
    ]);
  });

  test('an array that a format takes is one document, any other is a line of values', async () => {
    const pack = JSON.stringify([
      { id: 'a', at: '2026-05-01T10:00Z', lvl: 1 },
      { id: 'b', at: '2026-05-01T10:00Z', lvl: 99 },
      { id: 'b', at: '2026-05-01T10:01Z', lvl: 2 },
    ]);
    const { told, totals } = await read([pack, `[${uplink({ moisture: 5 })},${uplink({ moisture: 6 })}]`]);
    expect(told.map(([line, what]) => [line, what])).toEqual([
      ...[[1, 'packs'], [1, 'out-of-range'], [1, 'packs']],
      ...[[2, 'soil'], [2, 'soil']],
    ]); // biome-ignore format: a line a line
    expect(totals).toMatchObject({ lines: 5, valid: 4 });
  });

  test('are rejected where none takes them, or two would', async () => {
    const { told } = await read([
      uplink({ moisture: 5 }, { port: 3 }),
      uplink({ count: 5 }),
      uplink({ count: 5 }, { port: 3, gate: 'n' }),
      uplink({ moisture: 5 }, { dataset: 'packs' }),
      '{"device":"a","device":"b","port":1,"uplink":{"payload":{"moisture":1}}}',
    ]);
    expect(told).toEqual([
      [1, 'missing-field', expect.stringContaining('dataset is missing')],
      [2, 'unknown-dataset', expect.stringContaining('soil, ports would take')],
      [3, 'unknown-dataset', expect.stringContaining('ports, ports would take')],
      [4, 'missing-field', expect.stringContaining('timestamp is missing')],
      [5, 'unknown-field', expect.stringContaining('"device" is given twice')],
    ]);
  });

  test('a local time that the clock showed twice is rejected: lines have no order', async () => {
    const pack = (at: string) => JSON.stringify([{ id: 'a', at, lvl: 1 }]);
    const { told } = await read([
      pack('2026-10-25T02:30'),
      pack('2026-10-25T03:30'),
      pack('2026-10-25T02:30+01:00'),
    ]);
    expect(told.map(([, what]) => what)).toEqual(['ambiguous-timestamp', 'packs', 'packs']);
  });
});

test('a landed file of lines may have both shapes of its dataset', async () => {
  const own = '{"sensorId":"b","timestamp":"2026-05-01T10:00:00Z","moisture":3}';
  const { told } = await read([uplink({ moisture: 5 }), own, uplink({ count: 1 })], 'landing/soil/x.ndjson');
  expect(told.map(([line, what]) => [line, what])).toEqual([
    [1, 'soil'],
    [2, 'soil'],
    [3, 'no-value'],
  ]);
});
