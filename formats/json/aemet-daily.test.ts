import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { aemetDaily } from './aemet-daily.ts';

const day = (fecha: string, more: object) => ({
  ...{ fecha, indicativo: '0000X', nombre: 'A CORUÑA, FARO', provincia: 'A CORUÑA', altitud: '58' },
  ...more,
});
const sample = JSON.stringify(
  [
    day('2026-03-28', { tmed: '11,4', prec: '12,6', tmin: '-0,2', horatmin: '06:10', dir: '24' }),
    day('2026-03-29', { tmed: '12,0', prec: 'Ip', tmin: '8,4', horatmin: 'Varias', dir: '99' }),
    day('2026-03-30', { prec: '0,0', horatmin: '23:59' }),
  ],
  null,
  2,
);
const bytes = Buffer.from(sample, 'latin1');

const dataset = (encoding?: 'utf-8') =>
  defineDataset({
    ...{ name: 'climate', timeZone: 'Europe/Madrid', shards: 1 },
    measures: {
      temperature: { unit: '°C', min: -40, max: 50, optional: true },
      coldest: { unit: '°C', min: -40, max: 50, optional: true },
      rain: { unit: 'mm', min: 0, max: 1_000, optional: true },
      direction: { unit: '°', min: 0, max: 360, optional: true },
    },
    attributes: { station: { maxLength: 64 }, coldestAt: { maxLength: 8, optional: true } },
    formats: [
      aemetDaily.with({
        match: '*.json',
        ...(encoding && { encoding }),
        fields: {
          ...{
            temperature: '@.tmed',
            coldest: '@.tmin',
            rain: '@.prec',
            station: '@.nombre',
            coldestAt: '@.horatmin',
          },
          direction: { path: '@.dir', scale: 10, nothing: [99, 88] },
        },
      }),
    ],
  });

const common = { sensorId: '0000X', station: 'A CORUÑA, FARO' };
const readings = [
  { ...common, at: '2026-03-27T23:00:00.000Z', temperature: 11.4, coldest: -0.2, rain: 12.6, direction: 240, coldestAt: '06:10' },
  { ...common, at: '2026-03-28T23:00:00.000Z', temperature: 12, coldest: 8.4, coldestAt: 'Varias' },
  { ...common, at: '2026-03-29T22:00:00.000Z', rain: 0, coldestAt: '23:59' },
]; // biome-ignore format: a reading a line

it('reads days as the service gives them, by the local calendar, with decimal commas and the letters of ISO-8859-15', async () => {
  expect(await readingsOf(dataset(), 'daily.json', bytes)).toEqual(readings);
  expect(await readingsOf(dataset('utf-8'), 'daily.json', sample)).toEqual(readings);
});

it('refuses a file whose letters are of another encoding', async () => {
  await expect(readingsOf(dataset(), 'daily.json', sample)).rejects.toThrow(
    'written in UTF-8, not in iso-8859-15',
  );
  await expect(readingsOf(dataset('utf-8'), 'daily.json', bytes)).rejects.toThrow('not-utf8');
});

it('recognises such files', () => {
  expect(aemetDaily.recognises(sample)).toBe(true);
  expect(aemetDaily.recognises('[{"fecha":"2026-03-28"}]')).toBe(false);
});
