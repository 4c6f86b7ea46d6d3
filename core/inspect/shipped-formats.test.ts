import { expect, test } from 'vitest';
import { formatSamples, sampleOf } from '../../test/support/format-samples.ts';
import { inspected, readAsInspected } from '../../test/support/inspected.ts';
import type { Answers } from './finding.ts';

/** What only an owner can say of the samples of formats that ship. */
const askedOfShipped: Readonly<Record<string, readonly string[]>> = {
  'davis-weatherlink': ['order', 'zone', 'sensor'],
  'dwd-cdc': [],
  hobo: ['order'],
  meteostat: ['sensor'],
  'hydras-mis': ['zone'],
  'noaa-ghcn-daily': ['zone'],
  'noaa-isd-lite': ['sensor'],
  openaq: [],
  'sensor-community': [],
  thingspeak: ['sensor'],
  toa5: ['zone'],
  toaci1: ['zone'],
  'usgs-rdb': [],
  zrxp: [],
};

test.each([...formatSamples])('%s is recognised, and reads its sample', async (name, bytes) => {
  const found = inspected('a.txt', bytes);
  expect(found.shipped?.format.name).toBe(name);
  const subjects = found.questions.map(({ subject }) => subject);
  expect(subjects).toEqual(askedOfShipped[name]);
  const answers: Answers = {
    ...(subjects.includes('order') && { order: 'month-first' }),
    ...(subjects.includes('zone') && { zone: '+01:00' }),
    ...(subjects.includes('sensor') && { sensorId: 'x' }),
  };
  const { totals, readings } = await readAsInspected('a.txt', bytes, answers);
  expect(totals.refusal).toBeUndefined();
  expect(readings.length).toBeGreaterThan(0);
});

test('a sensor beside the one that a shipped format has in a column is none', () => {
  expect(() => inspected('a.csv', sampleOf('openaq'), { sensorId: 'x' })).toThrow('column location_id');
  const other = inspected('a.csv', sampleOf('openaq'), { sensorColumn: 'sensors_id' });
  expect(other.shipped?.given).toMatchObject({ columns: { sensorId: 'sensors_id' } });
});

test('a name with a serial number is named by what comes before it', () => {
  expect(inspected('a.csv', sampleOf('hobo')).shipped?.given).toMatchObject({
    zone: '-05:00',
    columns: { temp: 'Temp, °F (*' },
  });
});

test('what the documentation of a format says of its numbers is in the dataset', async () => {
  const of = async (name: string, answers: Answers) => {
    const { found, readings } = await readAsInspected('a.txt', sampleOf(name), answers);
    return [
      Object.fromEntries(found.measures.map(({ name: measure, unit }) => [measure, unit])),
      readings[0],
    ];
  };
  expect(await of('noaa-ghcn-daily', { zone: '-07:00' })).toEqual([
    { tmax: '°C', tmin: '°C', snow: 'mm', prcp: 'mm' },
    ['2025-05-01T07:00:00.000Z', 'USC00026481', 30.3, -1.1, 0, null],
  ]);
  const [units, first] = await of('noaa-isd-lite', { sensorId: 'x' });
  expect(units).toMatchObject({ airTemperature: '°C', windSpeed: 'm/s', precipitation1h: 'mm' });
  expect(first).toEqual(['2025-05-01T00:00:00.000Z', 'x', 12.4, 6.7, 1013.2, 250, 5.1, 2, null, null]);
  expect((await of('dwd-cdc', {}))[0]).toEqual({ ttTU: '°C', rfTU: '%' });
});

test.each([
  [
    'hobo',
    'dates of four digits and a clock of 24 hours',
    (text: string) => text.replaceAll(/(\d\d\/\d\d\/)(\d\d) (\d\d:\d\d):\d\d [AP]M/g, '$120$2 $3'),
  ],
  [
    'davis-weatherlink',
    'no space in front of a and p',
    (text: string) => text.replaceAll(/(\d) ([ap])\t/g, '$1$2\t'),
  ],
  ['davis-weatherlink', 'a clock of 24 hours', (text: string) => text.replaceAll(/(\d) [ap]\t/g, '$1\t')],
] as const)('whether day or month comes first is asked of %s with %s, too', async (name, _, changed) => {
  const text = changed(sampleOf(name).toString());
  expect(text).not.toBe(sampleOf(name).toString());
  const { questions, shipped } = inspected('a.csv', text);
  expect([shipped?.format.name, questions[0]?.subject, questions[0]?.choices]).toEqual([
    name,
    'order',
    expect.arrayContaining(['day-first', 'month-first']),
  ]);
  const answers = { zone: '-05:00', sensorId: 's' };
  const dayOf = async (order: Answers['order']) =>
    (await readAsInspected('a.csv', text, { ...answers, order })).readings[0]?.[0];
  const [day, month] = [await dayOf('day-first'), await dayOf('month-first')];
  expect(String(day).slice(5, 10)).toBe(String(month).slice(5, 10).split('-').toReversed().join('-'));
});

test.each([
  ['Date Time (EST)', 'EST: -05:00 if the clock stays so all year, or a zone such as America/New_York'],
  ['Zeit MEZ', 'MEZ: +01:00 if the clock stays so all year, or a zone such as Europe/Berlin'],
])('a zone that a header has as a word, %s, is asked about and not guessed', (head, told) => {
  const table = `${head},T (°C)\n2026-05-13 00:00,1\n2026-05-13 00:10,2\n`;
  expect(inspected('a.csv', table).questions[0]?.text).toContain(told);
});
