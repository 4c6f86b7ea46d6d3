import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatSamples, sampleOf } from '../../test/support/format-samples.ts';
import { inspected, readAsInspected } from '../../test/support/inspected.ts';
import type { Answers } from './finding.ts';
import { inspectFile, sampleOf as wholeLines } from './inspect-file.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../test/fixtures/real-files/${name}`, import.meta.url));

interface Case {
  readonly bytes: Uint8Array | string;
  /** What is asked where nothing is said. */
  readonly asks?: readonly string[];
  readonly answers?: Answers;
  /** Measures by their columns, with units. */
  readonly measures: Readonly<Record<string, string>>;
  /** The first reading: its time, sensor and values. */
  readonly first: readonly (string | number | null)[];
  readonly readings: number;
  readonly rejected?: readonly string[];
}

/** Files as loggers, spreadsheets and portals write them, each with what a person would say that it is. */
const cases: Readonly<Record<string, Case>> = {
  'toa5/met10.dat': {
    bytes: fixture('toa5/met10.dat'),
    asks: ['zone'],
    answers: { zone: '+01:00' },
    measures: { AirTC_Avg: '°C', RH: '%', Rain_mm_Tot: 'mm' },
    first: ['2026-04-30T23:10:00.000Z', 'Mast_A', 11.5, 80.1, 0],
    readings: 5,
  },
  'toa5/met10-stripped.csv': {
    bytes: fixture('toa5/met10-stripped.csv'),
    asks: ['zone', 'sensor'],
    answers: { zone: '+01:00', sensorId: 'mast' },
    measures: { AirTC_Avg: 'unknown', RH: 'unknown', Rain_mm_Tot: 'mm' },
    first: ['2026-04-30T23:10:00.000Z', 'mast', 11.5, 80.1, 0],
    readings: 5,
  },
  'decimal-comma/estacion.csv': {
    bytes: fixture('decimal-comma/estacion.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'boya-1' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2026-05-01T08:00:00.000Z', 'boya-1', 14.5, 1234],
    readings: 4,
  },
  'windows-1252/estacion1252.csv': {
    bytes: fixture('windows-1252/estacion1252.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'boya-1' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2026-05-01T08:00:00.000Z', 'boya-1', 14.5, 1234],
    readings: 4,
  },
  'us-dates/us.csv': {
    bytes: fixture('us-dates/us.csv'),
    asks: ['zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', sensorId: 'boya-1' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2025-05-01T10:00:00.000Z', 'boya-1', 10.1, 100],
    readings: 31,
  },
  'one-bad-sensor/multi.csv': {
    bytes: fixture('one-bad-sensor/multi.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-01T00:00:00.000Z', 'W1', 10, 80, 3],
    readings: 10,
  },
  'cr-only/cr-only.csv': {
    bytes: fixture('cr-only/cr-only.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-02T00:00:00.000Z', 'CRONLY', 10.5, 50, 1],
    readings: 2,
  },
  'hour-24/day.csv': {
    bytes: fixture('hour-24/day.csv'),
    asks: ['zone'],
    answers: { zone: 'Europe/Berlin' },
    measures: { pm10: 'unknown' },
    first: ['2026-04-30T23:00:00.000Z', 'DEXX001', 10],
    readings: 24,
  },
  'dst-overlap/oct.csv': {
    bytes: fixture('dst-overlap/oct.csv'),
    asks: ['zone'],
    answers: { zone: 'Europe/Berlin' },
    measures: { pm10: 'unknown' },
    first: ['2026-10-24T23:30:00.000Z', 'DEXX002', 8.5],
    readings: 6,
  },
  'split-date-time/split.csv': {
    bytes: fixture('split-date-time/split.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'b' },
    measures: { Temp: 'unknown' },
    first: ['2026-05-01T08:00:00.000Z', 'b', 14.5],
    readings: 1,
  },
  'delimiter-tie/notas.csv': {
    bytes: fixture('delimiter-tie/notas.csv'),
    asks: ['order', 'zone', 'sensor'],
    answers: { zone: 'Europe/Madrid', order: 'day-first', sensorId: 'b' },
    measures: { 'Temperatura (°C)': '°C', 'Iluminancia (lx)': 'lx' },
    first: ['2026-05-01T08:00:00.000Z', 'b', 14.5, 1234],
    readings: 1,
  },
  'excel/sep-line.csv': {
    bytes: fixture('excel/sep-line.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-08-03T00:00:00.000Z', 'XL1', 10.5, 50, 1],
    readings: 1,
  },
  'excel/pipe.csv': {
    bytes: fixture('excel/pipe.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-08-03T00:00:00.000Z', 'PIPE1', 10.5, 50, 1],
    readings: 1,
  },
  'excel/units-row.csv': {
    bytes: fixture('excel/units-row.csv'),
    measures: { temp: '°C', hum: '%', wind: 'm/s' },
    first: ['2026-08-03T00:00:00.000Z', 'UNITS1', 10.5, 50, 1],
    readings: 2,
  },
  'ragged/spaces-in-station.csv': {
    bytes: fixture('ragged/spaces-in-station.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-02T00:00:00.000Z', 'Upper Mill 4', 10, 50, 1],
    readings: 3,
  },
  'ragged/trailing-header.csv': {
    bytes: fixture('ragged/trailing-header.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-05-02T00:00:00.000Z', 'R2', 10, 50, 1],
    readings: 2,
  },
  'renamed-column/renamed.csv': {
    bytes: fixture('renamed-column/renamed.csv'),
    measures: { Temp: 'unknown', Hum: 'unknown', wind_ms: 'm/s' },
    first: ['2026-08-01T00:00:00.000Z', 'REN1', 10.5, 50, 1],
    readings: 2,
  },
  'reupload/v1.csv': {
    bytes: fixture('reupload/v1.csv'),
    measures: { temp: 'unknown', hum: 'unknown', wind: 'unknown' },
    first: ['2026-06-01T00:00:00.000Z', 'W2', 9.8, 50, 1],
    readings: 5,
  },
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
    rejected: ['missing'],
  },
  'a header that begins as a remark.txt': {
    bytes:
      '#YY  MM DD hh mm WDIR WSPD\n#yr  mo dy hr mn degT m/s\n2026 05 01 00 50 220  5.0\n2026 05 01 00 40 230  5.1\n2026 05 01 00 30 999 99.0\n',
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: '41001' },
    measures: { WDIR: 'unknown', WSPD: 'unknown' },
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
  'json-shapes/array-one-line.json': {
    bytes: fixture('json-shapes/array-one-line.json'),
    measures: { battery: 'unknown', signal: 'unknown' },
    first: ['2026-05-01T10:00:00.000Z', 'arr-1', 80, -70],
    readings: 3,
  },
  'json-shapes/python-isoformat.ndjson': {
    bytes: fixture('json-shapes/python-isoformat.ndjson'),
    measures: { battery: 'unknown', signal: 'unknown' },
    first: ['2026-05-01T10:00:00.123Z', 'py-1', 80, -70],
    readings: 2,
  },
  'json-shapes/ttn.ndjson': {
    bytes: fixture('json-shapes/ttn.ndjson'),
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
  'separated thousands.csv': {
    bytes: 'Time;Sensor;Lux\n2026-05-01T10:00:00Z;L1;"1,234"\n2026-05-01T11:00:00Z;L1;"12,345"\n',
    asks: ['decimal'],
    answers: { decimal: '.' },
    measures: { Lux: 'unknown' },
    first: ['2026-05-01T10:00:00.000Z', 'L1', 1234],
    readings: 2,
  },
};

test.each(Object.entries(cases))(
  '%s',
  async (name, { bytes, asks = [], answers = {}, measures, ...expected }) => {
    const file = name.split('/').at(-1) as string; // a split has a last part
    expect(inspected(file, bytes).questions.map(({ subject }) => subject)).toEqual(asks);
    const { found, readings, rejected, totals } = await readAsInspected(file, bytes, answers);
    expect(found.questions).toEqual([]);
    expect(totals.refusal).toBeUndefined();
    expect(Object.fromEntries(found.measures.map(({ column, unit }) => [column, unit]))).toEqual(measures);
    expect([readings[0], readings.length, rejected]).toEqual([
      expected.first,
      expected.readings,
      expected.rejected ?? [],
    ]);
  },
);

test('ids of a SensorThings server are no measures', () => {
  const at = (id: number) => ({
    ...{ '@iot.id': id, phenomenonTime: '2026-05-01T10:00:00Z', result: 20.5 },
    Datastream: { '@iot.id': 3, name: 'temp' },
  });
  const found = inspected('a.json', JSON.stringify({ value: [at(7), at(9)] }));
  expect(found.measures.map(({ name }) => name)).toEqual(['result']);
  expect(found.unread.map(({ reason }) => reason)).toContain('it is an annotation of OData');
});

test.each(['<0.1', '12.3*', '', '-9999 E'])(
  'a first row with %s for its number is a row, and none of units',
  async (cell) => {
    for (const time of ['2026-05-01T10:00:00Z', '1777629600']) {
      const at = (minutes: number) =>
        time.includes('T') ? time.replace('10:00', `10:${minutes}`) : String(Number(time) + 60 * minutes);
      const bytes = `station,time,no2\nA,${time},${cell}\nA,${at(10)},0.5\nA,${at(20)},0.6\n`;
      const { found, totals } = await readAsInspected('a.csv', bytes);
      expect(found.definition.formats?.[0]).not.toHaveProperty('skipRows');
      expect(totals.lines).toBe(3);
    }
  },
);

test('rows of one sensor and time that nothing read tells apart are told', () => {
  const repeated = (bytes: string) =>
    inspected('a.csv', bytes, { zone: 'UTC' }).findings.find(({ subject }) => subject === 'rows of one time');
  const found = { certainty: 'guessed', value: '2 of 4' };
  expect(
    repeated(
      'site,logger,Time,T\nA,1,2026-05-13 00:00,2.5\nA,2,2026-05-13 00:00,2.6\nB,1,2026-05-13 00:00,2\nB,2,2026-05-13 00:00,3\n',
    ),
  ).toMatchObject(found);
  expect(
    repeated('site,Date,Time,T\nA,20260513,50,1\nA,20260513,100,2\nA,20260514,0,3\nA,20260514,50,4\n'),
  ).toMatchObject(found);
  expect(repeated('site,Time,T\nA,2026-05-13 00:00,1\nA,2026-05-13 00:00,1\n')).toBeUndefined();
});

test.each([
  ['T,T', '2.5,3', 'line 1 does not name each column, and none twice'],
  ['T,H', '20,5,50,1', 'line 1 has 3 cells and the rows have 5'],
])('a header of %s above %s names nothing, and it is said why', (names, cells, why) => {
  const { findings } = inspected(
    'a.csv',
    `Time,${names}\n2026-05-13 00:00,${cells}\n2026-05-13 00:10,${cells}\n`,
  );
  expect(findings.find(({ subject }) => subject === 'header')?.reason).toContain(why);
});

test('times that no one form reads are shown', () => {
  const bytes = 'Time,T\n2026-05-13T00:20:00Z,20.5\n2026-05-13 00:30 CEST,20.6\n';
  expect(() => inspected('a.csv', bytes)).toThrow('the cells of Time, such as 2026-05-13T00:20:00Z');
});

test.each([
  ['[{"bn":"urn:dev:a:","bt":1777593600,"n":"temp","u":"Cel","v":23.1}]', 'formats/json/senml.ts'],
  ['[["2026-05-01T10:00:00Z",20.5]]', 'no objects'],
])('of %s nothing is worked out, and it is said why', (bytes, why) => {
  expect(() => inspected('a.json', bytes)).toThrow(why);
});

test('values of a row each are converted from the unit that their row says, or called by it', async () => {
  const bytes =
    'station,time,parameter,value,unit\nA,2026-05-01T00:00:00Z,temp,12.5,C\nA,2026-05-01T01:00:00Z,temp,13,C\nA,2026-05-01T00:00:00Z,air,50,°F\nA,2026-05-01T01:00:00Z,air,10,°C\n';
  const units = { temp: '°C', air: '°C' };
  const { readings, rejected } = await readAsInspected('a.csv', bytes, { units });
  expect([readings, rejected]).toEqual([
    [
      ['2026-05-01T00:00:00.000Z', 'A', 12.5, 10],
      ['2026-05-01T01:00:00.000Z', 'A', 13, null],
    ],
    ['wrong-unit'],
  ]);
});

/** What only an owner can say of the samples of formats that ship. */
const askedOfShipped: Readonly<Record<string, readonly string[]>> = {
  'davis-weatherlink': ['zone', 'sensor'],
  'dwd-cdc': [],
  hobo: [],
  meteostat: ['sensor'],
  'noaa-ghcn-daily': ['zone'],
  'noaa-isd-lite': ['sensor'],
  openaq: [],
  'sensor-community': [],
  thingspeak: ['sensor'],
  toa5: ['zone'],
  'usgs-rdb': [],
};

test.each([...formatSamples])('%s is recognised, and reads its sample', async (name, bytes) => {
  const found = inspected('a.txt', bytes);
  expect(found.shipped?.format.name).toBe(name);
  const subjects = found.questions.map(({ subject }) => subject);
  expect(subjects).toEqual(askedOfShipped[name]);
  const answers = {
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

test('every finding has its certainty and its reason', () => {
  for (const [name, { bytes }] of Object.entries(cases))
    for (const { subject, certainty, reason } of inspected(name, bytes).findings) {
      expect(['certain', 'guessed', 'asked'], `${name} ${subject}`).toContain(certainty);
      expect(reason.length, `${name} ${subject}`).toBeGreaterThan(10);
    }
});

test.each([
  ['nothing', '', 'empty'],
  ['a workbook', Buffer.from('504b030414000600', 'hex'), 'ZIP'],
  ['JSON without a number', '{"time":"2026-05-01T00:00:00Z","id":"a"}', 'no value of it is a number'],
  ['JSON without a time', '{"id":"a","x":1}', 'says when'],
  ['JSON that breaks off', '{"id":"a","x":', 'no document of it is whole'],
  ['prose', 'It was a dark night.\nAnd it rained.\n', 'no row of it has a number'],
  ['rows without a time', 'a,b\n1,2\n3,4\n', 'says when'],
  ['rows without a number', fixture('renamed-column/all-empty.csv'), 'no column of it has numbers'],
])('of %s nothing is made, and why is said', (_, bytes, message) => {
  const start = { bytes: Buffer.from(bytes), isWhole: true, name: 'x.csv' };
  expect(inspectFile(start, { name: 'x', answers: {}, shipped: { text: [], json: [] } })).toEqual({
    fault: expect.stringContaining(message),
  });
});

test('of a file that goes on only whole lines are looked at', () => {
  const cut = (text: string, encoding: BufferEncoding) =>
    wholeLines({ bytes: Buffer.from(text, encoding), isWhole: false, name: 'x' }).toString(encoding);
  expect(cut('a\nbc', 'utf8')).toBe('a\n');
  expect(cut('a\nbc', 'utf16le')).toBe('a\n');
  expect(cut('abc', 'utf8')).toBe('abc');
});
