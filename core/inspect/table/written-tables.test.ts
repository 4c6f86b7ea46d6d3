import { expect, test } from 'vitest';
import { inspectsEach } from '../../../test/support/inspect-cases.ts';
import { inspected } from '../../../test/support/inspected.ts';

/** The ways in which loggers, spreadsheets and portals write columns, numbers and times, each with what a person would say that it is. */
inspectsEach({
  'a logger that names its zone.csv': {
    bytes: `"Plot Title: Creek 4"
"#","Date Time, GMT-05:00","Temp, °C (LGR S/N: 10234567, SEN S/N: 10234567)","Humidity, %","End Of File (LGR S/N: 10234567)"
1,05/21/26 10:00:00 AM,21.45,55,
2,05/21/26 10:15:00 AM,21.52,56,
3,05/21/26 10:30:00 PM,21.6,57,
4,05/21/26 10:31:12 PM,,58,Logged
`,
    measures: { 'Temp, °C (LGR S/N: 10234567, SEN S/N: 10234567)': '°C', 'Humidity, %': '%' },
    first: ['2026-05-21T15:00:00.000Z', 'Creek 4', 21.45, 55],
    readings: 4,
  },
  'date and clock with a or p.txt': {
    bytes: 'Date\tTime\tOutTemp (F)\tRain (in)\n01/05/26\t 1:00a\t52.3\t0.00\n01/05/26\t12:30p\t---\t0.02\n',
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'America/Denver', order: 'month-first', sensorId: 'roof' },
    measures: { 'OutTemp (F)': '°F', 'Rain (in)': 'in' },
    first: ['2026-01-05T08:00:00.000Z', 'roof', 52.3, 0],
    readings: 2,
  },
  'hours in one number.txt': {
    bytes:
      'Station;YYYYMMDDHH;TT_TU;eor\n      44;2024010100;   6.4;eor\n      44;2024010101;   6.1;eor\n      44;2024010102;-999;eor\n',
    asks: ['zone'],
    answers: { zone: 'UTC' },
    measures: { TT_TU: 'unknown' },
    first: ['2024-01-01T00:00:00.000Z', '44', 6.4],
    readings: 2,
  },
  'a header that begins as a remark.txt': {
    bytes:
      '#YY  MM DD hh mm WDIR WSPD\n#yr  mo dy hr mn degT m/s\n2026 05 01 00 50 220  5.0\n2026 05 01 00 40 230  5.1\n2026 05 01 00 30 999 99.0\n',
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: '41001' },
    measures: { WDIR: '°', WSPD: 'm/s' },
    first: ['2026-05-01T00:50:00.000Z', '41001', 220, 5],
    readings: 2,
    rejected: ['no-value'],
  },
  'seconds since 1970.csv': {
    bytes:
      'id,ts,temperature_C,humidity_pct\nA1,1777593600,20.5,55\nA1,1777593660,20.6,55\nA2,1777593600,18,60\n',
    measures: { temperature_C: '°C', humidity_pct: '%' },
    first: ['2026-05-01T00:00:00.000Z', 'A1', 20.5, 55],
    readings: 3,
  },
  'no header.csv': {
    bytes: '2026-05-01 00:00:00,12.1,80\n2026-05-01 00:10:00,12.3,81\n',
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: 'x' },
    measures: { column2: 'unknown', column3: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'x', 12.1, 80],
    readings: 2,
  },
  'columns of fixed places.txt': {
    bytes:
      '2026-05-01 00:00   12.5        1013.2\n2026-05-01 01:00   12.6  0.2   1013.1\n2026-05-01 02:00    2.7        1013.0\n2026-05-01 03:00   12.9  1.2   1012.8\n',
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: 'x' },
    measures: { column3: 'unknown', column4: 'unknown', column5: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'x', 12.5, null, 1013.2],
    readings: 4,
  },
  'a spreadsheet of a country with decimal commas.csv': {
    bytes:
      'sep=;\nZeitpunkt;Messstelle;Pegel (cm);Temperatur [°C]\n01.02.2026 00:00;Elbe-1;123,4;5,6\n13.02.2026 00:15;Elbe-1;123,9;5,5\n',
    asks: ['zone'],
    answers: { zone: 'Europe/Berlin' },
    measures: { 'Pegel (cm)': 'cm', 'Temperatur [°C]': '°C' },
    first: ['2026-01-31T23:00:00.000Z', 'Elbe-1', 123.4, 5.6],
    readings: 2,
  },
  'names of months.csv': {
    bytes: 'time,site,pressure_hPa\n1-May-2026 00:00,Roof,1013.2\n1-May-2026 01:00,Roof,1013.1\n',
    asks: ['zone'],
    answers: { zone: 'UTC' },
    measures: { pressure_hPa: 'hPa' },
    first: ['2026-05-01T00:00:00.000Z', 'Roof', 1013.2],
    readings: 2,
  },
  'times that say UTC.tsv': {
    bytes:
      'time\tstation\tCO2 (ppm)\n2026-05-01 10:00:00 UTC\tMLO\t421.5\n2026-05-01 11:00:00 UTC\tMLO\t421.6\n',
    measures: { 'CO2 (ppm)': 'ppm' },
    first: ['2026-05-01T10:00:00.000Z', 'MLO', 421.5],
    readings: 2,
  },
  'days of a spreadsheet.csv': {
    bytes: 'Date,Device,Level (m)\n46143.5,W1,1.25\n46143.75,W1,1.5\n46144,W1,1.75\n',
    asks: ['zone'],
    answers: { zone: 'UTC' },
    measures: { 'Level (m)': 'm' },
    first: ['2026-05-01T12:00:00.000Z', 'W1', 1.25],
    readings: 3,
  },
  'day of the year.csv': {
    bytes: 'Year,DOY,Time,Ta_C\n2026,121,0:30,11.5\n2026,121,1:00,11.6\n',
    asks: ['zone', 'sensor'],
    answers: { zone: '+10:00', sensorId: 'x' },
    measures: { Ta_C: '°C' },
    first: ['2026-04-30T14:30:00.000Z', 'x', 11.5],
    readings: 2,
  },
  'lines about the station.csv': {
    bytes:
      'Station: Upper Mill\nLat: 51.5\n\nDate/Time (UTC),Temp (F),Rain (in)\n2026/05/01 0:05,55.4,0.01\n2026/05/01 0:10,55.3,0.00\n',
    measures: { 'Temp (F)': '°F', 'Rain (in)': 'in' },
    first: ['2026-05-01T00:05:00.000Z', 'Upper Mill', 55.4, 0.01],
    readings: 2,
  },
  'remarks between rows.csv': {
    bytes:
      '# exported\n\ntime;id;value\n2026-05-01T00:00:00+02:00;q;1.5\n# calibration\n2026-05-01T01:00:00+02:00;q;1.6\n',
    measures: { value: 'unknown' },
    first: ['2026-04-30T22:00:00.000Z', 'q', 1.5],
    readings: 2,
  },
  'Cyrillic.csv': {
    bytes: Buffer.concat([
      Buffer.from('time;station;'),
      Buffer.from('f2e5ecefe5f0e0f2f3f0e0', 'hex'),
      Buffer.from(' (C)\n2026-05-01 00:00;A;1,5\n2026-05-01 01:00;A;1,6\n'),
    ]),
    asks: ['zone'],
    answers: { zone: 'Europe/Sofia' },
    measures: { 'температура (C)': '°C' },
    first: ['2026-04-30T21:00:00.000Z', 'A', 1.5],
    readings: 2,
  },
  'UTF-16 as Excel writes it.txt': {
    bytes: Buffer.from(
      `\ufeff${'time\tsite\tNiveau (m)\r\n2026-05-01T00:00:00Z\tA\t1.5\r\n2026-05-01T01:00:00Z\tA\t1.75\r\n'}`,
      'utf16le',
    ),
    measures: { 'Niveau (m)': 'm' },
    first: ['2026-05-01T00:00:00.000Z', 'A', 1.5],
    readings: 2,
  },
  'a last column without a name.csv': {
    bytes: 'Time,T (°C),RH (%),\n2026-05-01 00:00,12.5,80,\n2026-05-01 00:10,12.6,81,\n',
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: 'x' },
    measures: { 'T (°C)': '°C', 'RH (%)': '%' },
    first: ['2026-05-01T00:00:00.000Z', 'x', 12.5, 80],
    readings: 2,
  },
  'numbers of rows without a name.csv': {
    bytes: ',time,T (°C)\n0,2026-05-01T00:00:00Z,12.5\n1,2026-05-01T00:10:00Z,12.6\n',
    asks: ['sensor'],
    answers: { sensorId: 'x' },
    measures: { 'T (°C)': '°C' },
    first: ['2026-05-01T00:00:00.000Z', 'x', 12.5],
    readings: 2,
  },
  'a unit a row.csv': {
    bytes:
      'station,time,parameter,value,unit\nA,2026-05-01T00:00:00Z,temp,12.5,°C\nA,2026-05-01T00:00:00Z,pH,7.1,\nA,2026-05-01T01:00:00Z,temp,50,°F\nA,2026-05-01T01:00:00Z,pH,7.2,\nA,2026-05-01T02:00:00Z,temp,50,gr\n',
    measures: { temp: '°C', pH: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'A', 12.5, 7.1],
    readings: 2,
    rejected: ['wrong-unit'],
  },
  'a field a row, as InfluxDB exports it.csv': {
    bytes:
      '#group,false,false,true,false,false,true,true\n#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string,string\n#default,_result,,,,,,\n,result,table,_start,_time,_value,_field,sensor\n,,0,2026-05-01T00:00:00Z,2026-05-01T10:00:00Z,20.5,temp,s1\n,,0,2026-05-01T00:00:00Z,2026-05-01T10:10:00Z,21.5,temp,s1\n,,1,2026-05-01T00:00:00Z,2026-05-01T10:00:00Z,50,hum,s1\n',
    measures: { temp: 'unknown', hum: 'unknown' },
    first: ['2026-05-01T10:00:00.000Z', 's1', 20.5, 50],
    readings: 2,
  },
  'a value a row.csv': {
    bytes:
      'station,time,parameter,value,unit\nA,2026-05-01T00:00:00Z,pm10,12,µg/m³\nA,2026-05-01T00:00:00Z,no2,30,µg/m³\nA,2026-05-01T01:00:00Z,pm10,13,µg/m³\nA,2026-05-01T01:00:00Z,no2,31,µg/m³\n',
    measures: { pm10: 'µg/m³', no2: 'µg/m³' },
    first: ['2026-05-01T00:00:00.000Z', 'A', 12, 30],
    readings: 2,
  },
  'words of European zones.csv': {
    bytes: 'time,station,T (°C)\n2026-10-25 02:30 CEST,A,10\n2026-10-25 02:30 CET,A,9.5\n',
    measures: { 'T (°C)': '°C' },
    first: ['2026-10-25T00:30:00.000Z', 'A', 10],
    readings: 2,
  },
  'a remark in quotes that has a line break.csv': {
    bytes:
      'time,station,T (°C),note\n2026-05-01T00:00:00Z,A,10,"first\nsecond, third"\n2026-05-01T01:00:00Z,A,11,\n2026-05-01T02:00:00Z,A,12,5\n',
    measures: { 'T (°C)': '°C' },
    first: ['2026-05-01T00:00:00.000Z', 'A', 10],
    readings: 3,
  },
  'separated thousands.csv': {
    bytes: 'Time;Sensor;Lux\n2026-05-01T10:00:00Z;L1;"1,234"\n2026-05-01T11:00:00Z;L1;"12,345"\n',
    asks: ['decimal'],
    answers: { decimal: '.' },
    measures: { Lux: 'unknown' },
    first: ['2026-05-01T10:00:00.000Z', 'L1', 1234],
    readings: 2,
  },
});

test('a quote by mistake does not put lines together', () => {
  const rows = ['time,note,T', '2026-05-01T00:00:00Z,5" pipe,1', '2026-05-01T01:00:00Z,,2', '2026-05-01T02:00:00Z,3" pipe,3'];
  const [format] = inspected('a.csv', rows.join('\n'), { sensorId: 'x' }).definition.formats ?? [];
  expect(format).not.toHaveProperty('multiline');
}); // biome-ignore format: a table
