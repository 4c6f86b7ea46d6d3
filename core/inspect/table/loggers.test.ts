import { expect, test } from 'vitest';
import { inspectsEach } from '../../../test/support/inspect-cases.ts';
import { inspected } from '../../../test/support/inspected.ts';

const hours = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const rows = (row: (hour: number) => string) => hours.map((hour) => `${row(hour)}\n`).join('');
const two = (hour: number) => String(hour).padStart(2, '0');

/** Tables as loggers and their apps write them; made up. */
inspectsEach({
  'iButton, the unit of the only value in a column.csv': {
    bytes: `1-Wire/iButton Part Number: DS1922L\n\nDate/Time,Unit,Value\n${rows((hour) => `6/13/26 ${hour % 12 || 12}:00:00 AM,C,${hour}.562`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '-05:00', sensorId: 's' },
    measures: { Value: '°C' },
    first: ['2026-06-13T05:00:00.000Z', 's', 0.562],
    readings: 12,
  },
  'SensorPush, the name of the zone in the header.csv': {
    bytes: `"Timestamp (America/New_York)","Temperature (°F)"\n${rows((hour) => `"2026-06-13 ${two(hour)}:00:00",5${hour}.5`)}`,
    asks: ['sensor'],
    answers: { sensorId: 's' },
    measures: { 'Temperature (°F)': '°F' },
    first: ['2026-06-13T04:00:00.000Z', 's', 50.5],
    readings: 12,
  },
  'Elitech, units right behind names.csv': {
    bytes: `No.,Time,Temperature°C,Humidity%RH\n${rows((hour) => `${hour + 1},2026-06-13 ${two(hour)}:00:00,${hour}.5,60`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+08:00', sensorId: 's' },
    measures: { 'Temperature°C': '°C', 'Humidity%RH': '%' },
    first: ['2026-06-12T16:00:00.000Z', 's', 0.5, 60],
    readings: 12,
  },
  'Lascar, the numbers of rows under the name of the logger, and a serial number in the first.txt': {
    bytes: `kitchen,Time,Celsius(°C),Serial Number\n${rows((hour) => `${hour + 1},13/06/2026 ${two(hour)}:00:00,${hour}.5,${hour === 0 ? '010012345' : ''}`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+00:00', sensorId: 's' },
    measures: { 'Celsius(°C)': '°C' },
    first: ['2026-06-13T00:00:00.000Z', 's', 0.5],
    readings: 12,
  },
  'Solinst, milliseconds beside the time.csv': {
    bytes: `Location:\nMW-7\nDate,Time,ms,LEVEL\n${rows((hour) => `2026/06/13,${two(hour)}:00:00,0,1.${hour}`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+00:00', sensorId: 's' },
    measures: { LEVEL: 'unknown' },
    first: ['2026-06-13T00:00:00.000Z', 's', 1],
    readings: 12,
  },
  'openSenseMap, a type of sensor beside the phenomenon.csv': {
    bytes: `createdAt,value,boxId,phenomenon,sensorType,unit\n${rows((hour) => `2026-06-13T${two(hour)}:00:00Z,${hour}.5,5b0a,Temperatur,BME280,°C\n2026-06-13T${two(hour)}:00:00Z,60,5b0a,Feuchte,BME280,%`)}`,
    asks: ['sensor'],
    answers: { sensorColumn: 'boxId' },
    measures: { Temperatur: '°C', Feuchte: '%' },
    first: ['2026-06-13T00:00:00.000Z', '5b0a', 0.5, 60],
    readings: 12,
  },
  'Rotronic, units for names.csv': {
    bytes: `Date,Time,%RH,°C\n${rows((hour) => `13.06.2026,${two(hour)}:00:00,60.5,${hour}.5`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+00:00', sensorId: 's' },
    measures: { '%RH': '%', '°C': '°C' },
    first: ['2026-06-13T00:00:00.000Z', 's', 60.5, 0.5],
    readings: 12,
  },
  'a report, the date once a day.csv': {
    bytes: `Date,Time,T (°C)\n${rows((hour) => `${hour % 6 === 0 ? `2026-06-1${hour / 6 + 3}` : ''},${two(hour % 6)}:00,${hour}.5`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+00:00', sensorId: 's' },
    measures: { 'T (°C)': '°C' },
    first: ['2026-06-13T00:00:00.000Z', 's', 0.5],
    readings: 12,
  },
  'ARPA, the id of a sensor with the word in front, and small letters for units.csv': {
    bytes: `IdSensore,Data,temp_c,IdOperatore\n${rows((hour) => `5551,13/06/2026 ${two(hour)}.00.00,${hour}.5,1\n6001,13/06/2026 ${two(hour)}.00.00,9.5,1`)}`,
    asks: ['zone'],
    answers: { zone: '+01:00' },
    measures: { temp_c: '°C' },
    first: ['2026-06-12T23:00:00.000Z', '5551', 0.5],
    readings: 24,
  },
  'SYNOP, stations by numbers with zeros in front.csv': {
    bytes: `numer_sta;date;t\n${rows((hour) => `07005;20260613${two(hour)}0000;28${hour % 10}.15\n81401;20260613${two(hour)}0000;29${hour % 10}.15`)}`,
    asks: ['zone'],
    answers: { zone: 'UTC' },
    measures: { t: 'unknown' },
    first: ['2026-06-13T00:00:00.000Z', '07005', 280.15],
    readings: 24,
  },
});

test('ids with zeros in front are no measures, and wind from 045 is', () => {
  const text = `time,dev_no,dir\n${rows((hour) => `2026-06-13T${two(hour)}:00:00Z,0${7000 + hour},${String(hour * 15).padStart(3, '0')}`)}`;
  const { measures, unread } = inspected('a.csv', text);
  expect(measures.map(({ column }) => column)).toEqual(['dir']);
  expect(unread).toEqual([{ column: 'dev_no', reason: 'it is a code, by the zeros in front of it' }]);
});

test('the time of the maximum of a day is not that of its row', () => {
  const formatOf = (header: string, row: (day: number) => string) => {
    const text = `${header}\n${hours.map((hour) => row(hour + 10)).join('\n')}\n`;
    const { definition, findings } = inspected('a.csv', text, { zone: 'UTC', sensorId: 's' });
    const [format] = definition.formats ?? [];
    return [format?.time, findings.some(({ subject }) => subject === 'time of day')];
  };
  const daily = (day: number) => `2026-06-${day},25.5,14:${day},0.2`;
  expect(formatOf('fecha,tmax,hora,prec', daily)).toEqual([{ column: 'fecha', format: 'yyyy-MM-dd' }, true]);
  // Of a sample a day the time is its own, as it is of several rows a day.
  const deep = (day: number) => `2026-06-${day},1.5,14:${day},0.2`;
  expect(formatOf('date,depth_m,time,nitrate', deep)).toEqual([{ column: ['date', 'time'], format: 'yyyy-MM-dd HH:mm' }, false]);
  const sample = (day: number) => `2026-06-${day},lake,14:${day},0.2`;
  expect(formatOf('date,site,time,nitrate', sample)).toEqual([{ column: ['date', 'time'], format: 'yyyy-MM-dd HH:mm' }, false]);
  const hourly = (hour: number) => `2026-06-13,25.5,${hour}:00,0.2`;
  expect(formatOf('date,temp,hour,rain', hourly)).toEqual([{ column: ['date', 'hour'], format: 'yyyy-MM-dd HH:mm' }, false]);
}); // biome-ignore format: short

test('texts in hexadecimal are no numbers, and cells of several units are told', () => {
  const text = `time,T,payload\n${rows((hour) => `2026-06-13T${two(hour)}:00:00Z,${hour}.5,${hour.toString(16).padStart(8, '0')}`)}`;
  const { measures, unread } = inspected('a.csv', text);
  expect(measures.map(({ column }) => column)).toEqual(['T']);
  expect(unread).toEqual([{ column: 'payload', reason: 'it has numbers in hexadecimal' }]);
  const mixed = `time,station,T\n${rows((hour) => `2026-06-13T${two(hour)}:00:00Z,A,${hour}.5 °C\n2026-06-13T${two(hour)}:00:00Z,B,5${hour}.5 °F`)}`;
  expect(() => inspected('a.csv', mixed)).toThrow('T: its cells have several units, °C and °F');
}); // biome-ignore format: short
