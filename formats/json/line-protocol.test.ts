import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import type { JsonFormat } from '../../core/formats/json-format.ts';
import { outcomesOf, readingsOf } from '../../test/support/file-readings.ts';
import { shippedFormats } from '../index.ts';
import { shippedJsonFormats } from './index.ts';
import { lineProtocol } from './line-protocol.ts';

const dataset = (format: JsonFormat) =>
  defineDataset({
    ...{ name: 'weather', timeZone: 'Europe/Madrid', shards: 1 },
    measures: {
      temperature: { unit: '°C', min: -40, max: 60, optional: true },
      humidity: { unit: '%', min: 0, max: 100, optional: true },
    },
    attributes: { site: { maxLength: 20, optional: true } },
    formats: [format],
  });
const fields = { sensorId: '$.tags.station', site: '$.tags.site' };
const sample = String.raw`# made up for this test
weather,site=El\ Prat,station=a\,b temperature=21.5,humidity=48i,ok=t,note="say \"x, y=z\"" 1777629600000000000
weather,station=c humidity=51u,temperature=-1.5e0 1777629610123456789

cpu,host=raynor usage=3 1777629610000000000
weather,station=c temperature=NaN 1777629620000000000
`;
const format = lineProtocol.with({
  ...{ match: '*.lp', fields },
  filter: [{ path: '$.measurement', in: ['weather'] }],
});

it('reads points by tags and fields, and passes over comments, blank lines and other measurements', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset(format), 'a.lp', sample);
  expect(readings).toEqual([
    { sensorId: 'a,b', at: '2026-05-01T10:00:00.000Z', temperature: 21.5, humidity: 48, site: 'El Prat' },
    { sensorId: 'c', at: '2026-05-01T10:00:10.123Z', temperature: -1.5, humidity: 51 },
  ]);
  expect(rejected).toEqual(['6 not-line-protocol']);
  expect(totals).toMatchObject({ lines: 3, valid: 2, passedOver: { filtered: 1 } });
});

it.each([
  ['epoch-us', '1777629600000000'],
  ['epoch-ms', '1777629600000'],
  ['epoch-s', '1777629600'],
])('reads timestamps in %s where that is said', async (timeFormat, timestamp) => {
  const points = `weather,station=a temperature=21 ${timestamp}`;
  const read = dataset(lineProtocol.with({ match: '*.lp', fields, timeFormat }));
  expect(await readingsOf(read, 'a.lp', points)).toEqual([
    { sensorId: 'a', at: '2026-05-01T10:00:00.000Z', temperature: 21 },
  ]);
  const other = await outcomesOf(dataset(format), 'a.lp', `${points}\n`);
  expect([other.readings, other.rejected]).toEqual([[], ['1 invalid-timestamp']]);
});

it('puts the points of one sensor and time together that have a field each, as exports of InfluxDB', async () => {
  const points = `# INFLUXDB EXPORT: 1677-09-21T00:12:43Z - 2262-04-11T23:47:16Z
weather,station=a humidity=48i 1777629600000000000
weather,station=a humidity=49i 1777629610000000000
weather,station=a temp=70.7 1777629600000000000
`;
  const byField = lineProtocol.with({
    ...{ match: '*.lp', records: '$.fields.*', fields },
    long: {
      ...{ parameter: { key: 1 }, value: '@' },
      parameters: { humidity: 'humidity', temp: { measure: 'temperature', unit: '°F' } },
    },
  });
  expect(await readingsOf(dataset(byField), 'a.lp', points)).toEqual([
    { sensorId: 'a', at: '2026-05-01T10:00:00.000Z', temperature: 21.5, humidity: 48 },
    { sensorId: 'a', at: '2026-05-01T10:00:10.000Z', humidity: 49 },
  ]);
});

it('has the sensor from the folder where no tag is named', async () => {
  const found = await readingsOf(
    dataset(lineProtocol.with({ match: '*.lp' })),
    'roof/a.lp',
    'weather humidity=48i 1777629600000000000\n',
  );
  expect(found).toEqual([{ sensorId: 'roof', at: '2026-05-01T10:00:00.000Z', humidity: 48 }]);
});

it.each([
  ['when', { when: { '$.fields': 'present' } }],
  ['others', { others: 'refuse' }],
] as const)('can have no %s', (member, given) => {
  expect(() => dataset(lineProtocol.with({ match: '*.lp', fields, ...given }))).toThrow(member);
});

it('recognises such files, also where the last line is cut, and no other format does', () => {
  const sound = sample.replace(/.*NaN.*\n/, '');
  for (const text of [sound, sound.slice(0, -30), `# DDL\nCREATE DATABASE x WITH NAME autogen\n${sound}`]) {
    expect(lineProtocol.recognises(text)).toBe(true);
    const others = [...shippedFormats, ...shippedJsonFormats].filter((each) => each.recognises(text));
    expect(others).toEqual([lineProtocol]);
  }
  for (const text of ['', '# only a remark\n', 'time,level\n2026-05-01,2\n', '{"a": 1}\n', sample])
    expect(lineProtocol.recognises(text), text).toBe(false);
});
