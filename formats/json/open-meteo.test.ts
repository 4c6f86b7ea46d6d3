import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { readAsInspected } from '../../test/support/inspected.ts';
import { openMeteo } from './open-meteo.ts';

const answer = (offset: number) => ({
  ...{ latitude: 42.5, longitude: 1.5, generationtime_ms: 0.1, utc_offset_seconds: offset },
  ...{ timezone: 'Europe/Andorra', timezone_abbreviation: 'GMT+1', elevation: 1000 },
  hourly_units: { time: 'iso8601', temperature_2m: '°C', wind_speed_10m: 'km/h' },
  hourly: {
    time: ['2026-03-29T01:00', '2026-03-29T02:00', '2026-03-29T03:00'],
    temperature_2m: [1.5, null, 2.5],
    wind_speed_10m: [36, 18, 9],
  },
  daily: { time: ['2026-03-29'], temperature_2m_max: [9.5] },
});

const dataset = defineDataset({
  ...{ name: 'forecasts', timeZone: 'Europe/Madrid', shards: 1, defaultSensorId: 'soldeu' },
  measures: { temperature: { unit: '°C', min: -60, max: 60, optional: true } },
  formats: [openMeteo.with({ match: '*.json', fields: { temperature: '$.hourly.temperature_2m[*]' } })],
});

it('has one offset in an answer, also in an hour that the clock of its zone skips', async () => {
  const hours = (offset: number) => readingsOf(dataset, 'a.json', JSON.stringify({ ...answer(offset), hourly: { time: answer(0).hourly.time, temperature_2m: [1, 2, 3] } }));
  expect((await hours(3600)).map(({ at }) => at)).toEqual(['2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z']);
  expect((await hours(7200)).map(({ at }) => at)).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z']);
}); // biome-ignore format: short

it('is recognised, with the units that it says, and without a question about its clock', async () => {
  const { found, readings } = await readAsInspected('a.json', JSON.stringify(answer(3600)), {
    sensorId: 's',
  });
  expect(found.shipped?.format.name).toBe('open-meteo');
  expect(found.questions).toEqual([]);
  expect(found.measures.map(({ name, unit }) => [name, unit])).toEqual([
    ['temperature_2m', '°C'],
    ['windSpeed_10m', 'km/h'],
  ]);
  expect(readings).toEqual([
    ['2026-03-29T00:00:00.000Z', 's', 1.5, 36],
    ['2026-03-29T01:00:00.000Z', 's', null, 18],
    ['2026-03-29T02:00:00.000Z', 's', 2.5, 9],
  ]);
  expect(openMeteo.recognises('{"hourly":{"time":["2026-03-29T01:00"]}}')).toBe(false);
});
