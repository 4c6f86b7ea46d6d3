import { expect, test } from 'vitest';
import { inspectsEach, realFile } from '../../../test/support/inspect-cases.ts';
import { readAsInspected } from '../../../test/support/inspected.ts';

/** Files as users have them, each with what a person would say that it is. */
inspectsEach({
  'toa5/met10.dat': {
    bytes: realFile('toa5/met10.dat'),
    asks: ['zone'],
    answers: { zone: '+01:00' },
    measures: { AirTC_Avg: '°C', RH: '%', Rain_mm_Tot: 'mm' },
    first: ['2026-04-30T23:10:00.000Z', 'Mast_A', 11.5, 80.1, 0],
    readings: 5,
  },
  'toa5/met10-stripped.csv': {
    bytes: realFile('toa5/met10-stripped.csv'),
    asks: ['zone', 'sensor'],
    answers: { zone: '+01:00', sensorId: 'mast' },
    measures: { AirTC_Avg: 'unknown', RH: 'unknown', Rain_mm_Tot: 'mm' },
    first: ['2026-04-30T23:10:00.000Z', 'mast', 11.5, 80.1, 0],
    readings: 5,
  },
  'decimal-comma/estacion.csv': {
    bytes: realFile('decimal-comma/estacion.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'boya-1' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2026-05-01T08:00:00.000Z', 'boya-1', 14.5, 1234],
    readings: 4,
  },
  'windows-1252/estacion1252.csv': {
    bytes: realFile('windows-1252/estacion1252.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'boya-1' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2026-05-01T08:00:00.000Z', 'boya-1', 14.5, 1234],
    readings: 4,
  },
  'us-dates/us.csv': {
    bytes: realFile('us-dates/us.csv'),
    asks: ['zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', sensorId: 'boya-1' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2025-05-01T10:00:00.000Z', 'boya-1', 10.1, 100],
    readings: 31,
  },
  'one-bad-sensor/multi.csv': {
    bytes: realFile('one-bad-sensor/multi.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'W1', 10, 80, 3],
    readings: 10,
  },
  'cr-only/cr-only.csv': {
    bytes: realFile('cr-only/cr-only.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-02T00:00:00.000Z', 'CRONLY', 10.5, 50, 1],
    readings: 2,
  },
  'hour-24/day.csv': {
    bytes: realFile('hour-24/day.csv'),
    asks: ['zone'],
    answers: { zone: 'Europe/Berlin' },
    measures: { pm10: 'unknown' },
    first: ['2026-04-30T23:00:00.000Z', 'DEXX001', 10],
    readings: 24,
  },
  'dst-overlap/oct.csv': {
    bytes: realFile('dst-overlap/oct.csv'),
    asks: ['zone'],
    answers: { zone: 'Europe/Berlin' },
    measures: { pm10: 'unknown' },
    first: ['2026-10-24T23:30:00.000Z', 'DEXX002', 8.5],
    readings: 6,
  },
  'split-date-time/split.csv': {
    bytes: realFile('split-date-time/split.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'b' },
    measures: { Temp: 'unknown' },
    first: ['2026-05-01T08:00:00.000Z', 'b', 14.5],
    readings: 1,
  },
  'delimiter-tie/notas.csv': {
    bytes: realFile('delimiter-tie/notas.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'b' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2026-05-01T08:00:00.000Z', 'b', 14.5, 1234],
    readings: 1,
  },
  'excel/sep-line.csv': {
    bytes: realFile('excel/sep-line.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-08-03T00:00:00.000Z', 'XL1', 10.5, 50, 1],
    readings: 1,
  },
  'excel/pipe.csv': {
    bytes: realFile('excel/pipe.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-08-03T00:00:00.000Z', 'PIPE1', 10.5, 50, 1],
    readings: 1,
  },
  'excel/units-row.csv': {
    bytes: realFile('excel/units-row.csv'),
    measures: { temp: '°C', hum: '%', wind: 'm/s' },
    first: ['2026-08-03T00:00:00.000Z', 'UNITS1', 10.5, 50, 1],
    readings: 2,
  },
  'ragged/spaces-in-station.csv': {
    bytes: realFile('ragged/spaces-in-station.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-02T00:00:00.000Z', 'Upper Mill 4', 10, 50, 1],
    readings: 3,
  },
  'ragged/trailing-header.csv': {
    bytes: realFile('ragged/trailing-header.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-02T00:00:00.000Z', 'R2', 10, 50, 1],
    readings: 2,
  },
  'renamed-column/renamed.csv': {
    bytes: realFile('renamed-column/renamed.csv'),
    measures: { Temp: 'unknown', Hum: 'unknown', wind_ms: 'm/s' },
    first: ['2026-08-01T00:00:00.000Z', 'REN1', 10.5, 50, 1],
    readings: 2,
  },
  'reupload/v1.csv': {
    bytes: realFile('reupload/v1.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-06-01T00:00:00.000Z', 'W2', 9.8, 50, 1],
    readings: 5,
  },
  'excel/quoted.csv': {
    bytes: realFile('excel/quoted.csv'),
    measures: { temp: 'unknown', hum: 'unknown' },
    first: ['2026-08-03T00:00:00.000Z', 'Q1', 1234.5, 50],
    readings: 3,
  },
  'excel/daily-ok.csv': {
    bytes: realFile('excel/daily-ok.csv'),
    asks: ['zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', sensorId: 'b' },
    measures: { Medida: 'unknown', Desviaciones: 'unknown' },
    first: ['2026-08-02T22:00:00.000Z', 'b', 19.5, 0.2],
    readings: 3,
  },
  'delete-file/good-station.csv': {
    bytes: realFile('delete-file/good-station.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2025-02-10T00:00:00.000Z', 'DELB', 1, 50, 1],
    readings: 2,
  },
  'delete-file/wrong-station.csv': {
    bytes: realFile('delete-file/wrong-station.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2025-02-10T00:00:00.000Z', 'DELA', 5, 50, 1],
    readings: 2,
  },
});

test('a ragged table has its header, and its bad rows are told', async () => {
  const { found, totals } = await readAsInspected('ragged.csv', realFile('ragged/ragged.csv'));
  expect(found.measures.map(({ name }) => name)).toEqual(['temp', 'hum', 'wind']);
  expect(found.findings).toContainEqual(
    expect.objectContaining({ subject: 'sensor', value: 'column station', certainty: 'certain' }),
  );
  expect(totals.refusal?.lines.map(({ line, reason }) => [line, reason])).toEqual([
    [2, 'wrong-columns'],
    [3, 'wrong-columns'],
    [5, 'invalid-timestamp'],
    [6, 'invalid-timestamp'],
    [8, 'invalid-timestamp'],
  ]);
});
