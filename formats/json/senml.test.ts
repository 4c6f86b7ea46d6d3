import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { outcomesOf, readingsOf } from '../../test/support/file-readings.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { senml } from './senml.ts';

const pack = (...records: object[]) => JSON.stringify(records);
const sample = pack(
  {
    bn: 'urn:dev:ow:10e2073a0108006:',
    bt: 1_777_629_600.1,
    bu: 'A',
    bver: 5,
    n: 'voltage',
    u: 'V',
    v: 120.1,
  },
  { n: 'current', t: -5.05, v: 1.2 },
  { n: 'current', t: 0.2, v: 1.3 },
  { n: 'voltage', u: 'V', t: 0.2, v: 120.2 },
  { n: 'label', t: 0.2, vs: 'ok' },
);

const dataset = defineDataset({
  ...{ name: 'meters', timeZone: 'Europe/Madrid', shards: 1 },
  measures: {
    voltage: { unit: 'V', min: 0, max: 500, optional: true },
    current: { unit: 'A', min: -50, max: 50, optional: true },
  },
  formats: [senml.with({ match: '*.senml', parameters: { voltage: 'voltage', current: 'current' } })],
});
const sensorId = 'urn:dev:ow:10e2073a0108006';
const readings = [
  { sensorId, at: '2026-05-01T09:59:55.050Z', current: 1.2 },
  { sensorId, at: '2026-05-01T10:00:00.100Z', voltage: 120.1 },
  { sensorId, at: '2026-05-01T10:00:00.300Z', voltage: 120.2, current: 1.3 },
];
const byTime = (a: { at: string }, b: { at: string }) => (a.at < b.at ? -1 : 1);

it('resolves packs by their bases, to the millisecond, and puts the values of a time together', async () => {
  expect((await readingsOf(dataset, 'pack.senml', sample)).sort(byTime)).toEqual(readings);
  const pretty = JSON.stringify(JSON.parse(sample), null, 2);
  expect((await readingsOf(dataset, 'pack.senml', pretty)).sort(byTime)).toEqual(readings);
  const { outcomes, totals } = await parseBytes(`${sample}\n${sample}\n`, { known: [dataset] });
  expect(outcomes.filter(({ reading }) => reading)).toHaveLength(6);
  expect(totals).toMatchObject({ lines: 6, valid: 6, passedOver: { 'other-parameter': 2, joined: 2 } });
});

it('adds the base value, and lets a record of bases give none', async () => {
  const text = pack(
    { bn: 'a:', bt: 1_777_629_600, bv: 100 },
    { n: 'voltage', u: 'V', v: 20.1 },
    { bv: -1, n: 'current', u: 'A', v: 2 },
  );
  expect(await readingsOf(dataset, 'pack.senml', text)).toEqual([
    { sensorId: 'a', at: '2026-05-01T10:00:00.000Z', voltage: 120.1, current: 1 },
  ]);
});

it.each([
  ['a time relative to now', { n: 'a:voltage', u: 'V', v: 1 }, 'invalid-timestamp'],
  ['another unit', { n: 'a:voltage', u: 'mV', v: 1, t: 1_777_629_600 }, 'wrong-unit'],
  ['a name of other letters', { n: 'ä:voltage', u: 'V', v: 1, t: 1_777_629_600 }, 'invalid-sensor-id'],
  ['a field that has to be understood', { n: 'a:voltage', v: 1, t: 1_777_629_600, x_: 1 }, 'unknown-field'],
  ['a newer version', { bver: 11, n: 'a:voltage', v: 1, t: 1_777_629_600 }, 'unknown-field'],
  ['a value of another type', { n: 'a:voltage', v: '1', t: 1_777_629_600 }, 'wrong-type'],
])('rejects %s', async (_, record, reason) => {
  expect((await outcomesOf(dataset, 'pack.senml', pack(record))).rejected).toEqual([`1 ${reason}`]);
});

it('recognises packs', () => {
  expect(senml.recognises(sample)).toBe(true);
  expect(senml.recognises('[{"id":1,"value":2}]')).toBe(false);
});
