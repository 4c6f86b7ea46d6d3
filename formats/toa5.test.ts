import { expect, it } from 'vitest';
import { defineDataset } from '../core/dataset/dataset.ts';
import { readingsOf } from '../test/support/file-readings.ts';
import { toa5 } from './toa5.ts';

const sample = `"TOA5","Dam","CR1000X","12345","CR1000X.Std.05.00","CPU:dam.CR1X","4711","TenMinutes"
"TIMESTAMP","RECORD","AirTC_Avg","Rain_mm_Tot"
"TS","RN","Deg C","mm"
"","","Avg","Tot"
"2026-05-01 00:10:00",0,11.5,0
"2026-05-01 00:20:00",1,"NAN",0.2
"2026-05-01 00:30:00.5",2,11.75,-7999
`;

const dataset = defineDataset({
  name: 'masts',
  timeZone: 'Europe/Madrid',
  shards: 1,
  defaultSensorId: 'dam',
  measures: {
    airTemperature: { unit: '°C', min: -60, max: 60, optional: true },
    rain: { unit: 'mm', min: 0, max: 100, optional: true },
  },
  formats: [
    toa5.with({
      match: '*.dat',
      zone: '+01:00',
      columns: { airTemperature: 'AirTC_Avg', rain: { column: 'Rain_mm_Tot', nothing: [-7999] } },
    }),
  ],
});

it('reads a table of a logger, whose clock is never changed', async () => {
  expect(await readingsOf(dataset, 'dam.dat', sample)).toEqual([
    { sensorId: 'dam', at: '2026-04-30T23:10:00.000Z', airTemperature: 11.5, rain: 0 },
    { sensorId: 'dam', at: '2026-04-30T23:20:00.000Z', rain: 0.2 },
    { sensorId: 'dam', at: '2026-04-30T23:30:00.500Z', airTemperature: 11.75 },
  ]);
});

it('recognises such a file by its first cell', () => {
  expect(toa5.recognises(sample)).toBe(true);
  expect(toa5.recognises('TIMESTAMP,RECORD,AirTC_Avg\n')).toBe(false);
});
