import { expect, test } from 'vitest';
import { inspectsEach, realFile } from '../../../test/support/inspect-cases.ts';
import { inspected } from '../../../test/support/inspected.ts';

/** JSON as devices, platforms and services write it. */
inspectsEach({
  'json-shapes/array-one-line.json': {
    bytes: realFile('json-shapes/array-one-line.json'),
    measures: { battery: 'unknown', signal: 'unknown' },
    first: ['2026-05-01T10:00:00.000Z', 'arr-1', 80, -70],
    readings: 3,
  },
  'json-shapes/python-isoformat.ndjson': {
    bytes: realFile('json-shapes/python-isoformat.ndjson'),
    measures: { battery: 'unknown', signal: 'unknown' },
    first: ['2026-05-01T10:00:00.123Z', 'py-1', 80, -70],
    readings: 2,
  },
  'json-shapes/ttn.ndjson': {
    bytes: realFile('json-shapes/ttn.ndjson'),
    measures: { battery: 'unknown', signal: 'unknown' },
    first: ['2026-05-01T10:00:00.123Z', 'soil-4', 80, -70],
    readings: 1,
  },
  'records within a document.json': {
    bytes: JSON.stringify(
      {
        station: { id: 'S1' },
        data: [
          { t: '2026-05-01 00:00', temp: '1,5', 'rel hum (%)': 50 },
          { t: '2026-05-01 00:10', temp: '1,6', 'rel hum (%)': null },
        ],
      },
      null,
      2,
    ),
    asks: ['zone'],
    answers: { zone: '+01:00' },
    measures: { temp: 'unknown', 'rel hum (%)': '%' },
    first: ['2026-04-30T23:00:00.000Z', 'S1', 1.5, 50],
    readings: 2,
  },
  'counts and nested values.ndjson': {
    bytes:
      '{"device_id":"d1","ts":1777593600000,"v":{"co2":400}}\n{"device_id":"d1","ts":1777593660000,"v":{"co2":401}}\n',
    measures: { co2: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'd1', 400],
    readings: 2,
  },
  'points.lp': {
    bytes:
      '# remark\nair,station=A temp=21.5,ok=t,rh=48i 1777593600000000000\nair,station=B temp=20.5,ok=t,rh=50i 1777593600000000000\nair,station=A temp=21.6,ok=f,rh=49i 1777593660000000000\n',
    measures: { temp: 'unknown', rh: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'A', 21.5, 48],
    readings: 3,
  },
  'a value a record, each in its unit.ndjson': {
    bytes:
      '{"id":"a","ts":1777593600,"parameter":"temp","value":20,"unit":"°C"}\n{"id":"a","ts":1777593660,"parameter":"temp","value":"50","unit":"°F"}\n{"id":"a","ts":1777593600,"parameter":"hum","value":55.5,"unit":"%"}\n',
    measures: { temp: '°C', hum: '%' },
    first: ['2026-05-01T00:00:00.000Z', 'a', 20, 55.5],
    readings: 2,
  },
  'Telegraf, in milliseconds.json': {
    bytes:
      '{"fields":{"temp":21.5},"name":"climate","tags":{"host":"a"},"timestamp":1777629600250}\n{"fields":{"temp":22},"name":"climate","tags":{"host":"a"},"timestamp":1777629610250}\n',
    measures: { temp: 'unknown' },
    first: ['2026-05-01T10:00:00.250Z', 'a', 21.5],
    readings: 2,
  },
  'points in seconds.lp': {
    bytes: 'air,station=A temp=21.5 1777593600\nair,station=A temp=21.6 1777593660\n',
    measures: { temp: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'A', 21.5],
    readings: 2,
  },
  'a pack.senml': {
    bytes:
      '[{"bn":"urn:dev:ow:1:","bt":1777629600,"n":"temp","u":"Cel","v":20.5},{"n":"volt","u":"V","v":3.3},{"n":"temp","u":"Cel","t":60,"v":20.75}]',
    measures: { temp: '°C', volt: 'V' },
    first: ['2026-05-01T10:00:00.000Z', 'urn:dev:ow:1', 20.5, 3.3],
    readings: 2,
  },
  'ChirpStack, objects within the object of a codec.ndjson': {
    bytes: [0, 1, 2]
      .map((hour) =>
        JSON.stringify({
          deduplicationId: `x${hour}`,
          time: `2026-05-01T0${hour}:00:00+00:00`,
          deviceInfo: { devEui: '0101010101010101' },
          fCnt: hour,
          object: { soil: { temp: 20 + hour, moist: 30 }, battery: 3.3 },
        }),
      )
      .join('\n'),
    measures: { temp: 'unknown', moist: 'unknown', battery: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', '0101010101010101', 20, 30, 3.3],
    readings: 3,
  },
  'an answer of USGS, one value a row with its unit beside the variable.json': {
    bytes: JSON.stringify({
      value: {
        timeSeries: [
          {
            sourceInfo: { siteName: 'POTOMAC RIVER', siteCode: [{ value: '01646500', network: 'NWIS' }] },
            variable: {
              variableName: 'Temperature, water, &#176;C',
              unit: { unitCode: 'deg C' },
              noDataValue: -999999,
            },
            values: [
              {
                value: [
                  { value: '7.3', qualifiers: ['P'], dateTime: '2026-11-01T00:00:00.000-05:00' },
                  { value: '7.2', qualifiers: ['P'], dateTime: '2026-11-01T00:15:00.000-05:00' },
                ],
              },
            ],
          },
        ],
      },
    }),
    measures: { 'Temperature, water, &#176;C': 'deg C' },
    first: ['2026-11-01T05:00:00.000Z', 'POTOMAC RIVER', 7.3],
    readings: 2,
  },
  'observations with their Datastream.json': {
    bytes: JSON.stringify({
      value: [0, 1].map((at) => ({
        ...{ '@iot.id': at, phenomenonTime: `2026-05-01T00:${at}0:00Z`, result: 51.5 + at },
        Datastream: { name: 'graz', unitOfMeasurement: { name: 'Degree Fahrenheit', symbol: '°F' } },
      })),
    }),
    measures: { result: '°F' },
    first: ['2026-05-01T00:00:00.000Z', 'graz', 51.5],
    readings: 2,
  },
  'Datastreams with their observations, whose records are elsewhere.json': {
    bytes: JSON.stringify({
      value: [
        {
          unitOfMeasurement: { name: 'Degree Fahrenheit', symbol: '°F' },
          Observations: [0, 1].map((at) => ({
            ...{ '@iot.id': at, phenomenonTime: `2026-05-01T00:${at}0:00Z`, result: 51.5 + at },
          })),
          Thing: { name: 'graz' },
        },
      ],
    }),
    asks: ['sensor'],
    answers: { sensorId: 'graz-nord' },
    measures: { result: '°F' },
    first: ['2026-05-01T00:00:00.000Z', 'graz-nord', 51.5],
    readings: 2,
  },
  'daily values of AEMET.json': {
    bytes: Buffer.from(
      '[{"fecha":"2026-05-01","indicativo":"1","nombre":"Coruña","altitud":"58","tmed":"11,4","prec":"Ip","dir":"24"},{"fecha":"2026-05-02","indicativo":"1","nombre":"Coruña","altitud":"58","tmed":"12,0","prec":"1,5","dir":"99"}]',
      'latin1',
    ),
    asks: ['zone'],
    answers: { zone: 'Europe/Madrid' },
    measures: { tmed: '°C', prec: 'mm', dir: '°' },
    first: ['2026-04-30T22:00:00.000Z', '1', 11.4, null, 240],
    readings: 2,
  },
});

test('values of several units are not read as of one without a word', () => {
  const line = (unit: string, value: number) =>
    `{"device":"a","ts":1777593600,"temp":${value},"unit":"${unit}"}`;
  const { measures, findings } = inspected('a.ndjson', `${line('°C', 20)}\n${line('°F', 68)}\n`);
  expect(measures.map(({ unit }) => unit)).toEqual(['unknown']);
  expect(findings).toContainEqual(
    expect.objectContaining({ subject: 'units', certainty: 'guessed', value: '°C, °F' }),
  );
  const same = inspected('a.ndjson', `${line('°C', 20)}\n${line('°C', 21)}\n`);
  expect(same.measures.map(({ unit }) => unit)).toEqual(['°C']);
});

test('a pack whose records have no name of their own is not guessed at', () => {
  const pack = '[{"bn":"urn:dev:ow:1","bt":1777629600,"u":"Cel","v":20.5}]';
  expect(() => inspected('a.json', pack)).toThrow('nothing says what they measure');
});

test('a count that is of no time of today is a guess, with the day that it comes to', () => {
  const metric = '{"fields":{"temp":21.5},"name":"climate","tags":{"host":"a"},"timestamp":17}\n';
  expect(inspected('a.json', metric).findings).toContainEqual(
    expect.objectContaining({
      ...{ subject: 'time', certainty: 'guessed' },
      reason: expect.stringContaining('1970-01-01'),
    }),
  );
});

test('a name or id is that of the object it is in', () => {
  const sensorOf = (record: (at: number) => object) => {
    const records = [0, 1, 2, 3].map((at) => ({ time: `2026-05-01T0${at}:00:00Z`, ...record(at) }));
    const { findings, questions } = inspected('a.json', JSON.stringify(records));
    const found = findings.find(({ subject }) => subject === 'sensor');
    return found ? `${found.certainty}, ${found.value}` : questions.map(({ subject }) => subject);
  };
  expect(sensorOf((at) => ({ value: at, parameter: { id: 2, name: 'pm25' } }))).toEqual(['sensor']);
  expect(sensorOf((at) => ({ t: at, location: { id: 9 }, sensor: { id: 140 + (at % 2), type: { name: 'SHT3' } } }))).toBe('certain, column @.sensor.id');
  expect(sensorOf((at) => ({ t: at, source: 'db', device_id: 62525 }))).toBe('certain, column device_id');
  expect(sensorOf((at) => ({ t: at, source: 'db' }))).toBe('guessed, column source');
  expect(sensorOf((at) => ({ t: at, system: { connectionDeviceId: `d${at % 2}` } }))).toBe('certain, column connectionDeviceId');
}); // biome-ignore format: short
