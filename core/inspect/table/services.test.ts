import { expect, test } from 'vitest';
import { inspectsEach } from '../../../test/support/inspect-cases.ts';
import { inspected, readAsInspected } from '../../../test/support/inspected.ts';

const hours = [0, 1, 2, 3, 4, 5];
const rows = (row: (hour: number) => string) => hours.map((hour) => `${row(hour)}\n`).join('');

/** Tables as national services and plants write them; made up. */
inspectsEach({
  'Climate Data Online, rain in inches beside the date.csv': {
    bytes: `"STATION","DATE","PRCP","TMAX"\n${rows((hour) => `"USW00014739","2025-06-0${hour + 1}","0.0${hour}","6${hour}"`)}`,
    asks: ['zone'],
    answers: { zone: '-05:00' },
    measures: { PRCP: 'unknown', TMAX: 'unknown' },
    first: ['2025-06-01T05:00:00.000Z', 'USW00014739', 0, 60],
    readings: 6,
  },
  'the Environment Agency, a date beside the value.csv': {
    bytes: `dateTime,date,value,quality\n${rows((hour) => `2025-06-01T0${hour}:00:00,2025-06-01,1.2${hour},Good`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: 's' },
    measures: { value: 'unknown' },
    first: ['2025-06-01T00:00:00.000Z', 's', 1.2],
    readings: 6,
  },
  'AQS, by the clock of Greenwich, whatever the parameters are.csv': {
    bytes: `"State Code","Site Num","Parameter Code","Parameter Name","Date Local","Time Local","Date GMT","Time GMT","Sample Measurement","Units of Measure"\n${rows((hour) => `"01","0010","44201","Ozone","2025-06-01","0${hour}:00","2025-06-01","1${hour}:00",0.01${hour},"ppm"\n"01","0010","62101","Outdoor Temperature","2025-06-01","0${hour}:00","2025-06-01","1${hour}:00",7${hour},"°F"`)}`,
    asks: ['sensor'],
    answers: { sensorId: '01-0010' },
    measures: { Ozone: 'ppm', 'Outdoor Temperature': '°F' },
    first: ['2025-06-01T10:00:00.000Z', '01-0010', 0.01, 70],
    readings: 6,
  },
  'INMET, hours as 0100 UTC.csv': {
    bytes: `Data;Hora UTC;T (°C);\n${rows((hour) => `2025/06/01;0${hour}00 UTC;1${hour},5;`)}`,
    asks: ['sensor'],
    answers: { sensorId: 'A701' },
    measures: { 'T (°C)': '°C' },
    first: ['2025-06-01T00:00:00.000Z', 'A701', 10.5],
    readings: 6,
  },
  'the Bureau of Meteorology, commas in a name of the time.csv': {
    bytes: `hm,Station Number,Year Month Day Hour Minutes in YYYY,MM,DD,HH24,MI format in Local time,Air Temperature in degrees C,#\n${rows((hour) => `hm,086071,2025,06,01,0${hour},30, 1${hour}.2,#`)}`,
    asks: ['zone'],
    answers: { zone: '+10:00' },
    measures: { 'Air Temperature in degrees C': '°C' },
    first: ['2025-05-31T14:30:00.000Z', '086071', 10.2],
    readings: 6,
  },
  'FMI, parts of the time in Finnish.csv': {
    bytes: `"Havaintoasema","Vuosi","Kuukausi","Päivä","Aika [UTC]","Lämpötila [°C]"\n${rows((hour) => `"Kaisaniemi","2025","6","1","0${hour}:00","1${hour}.5"`)}`,
    asks: ['sensor'],
    answers: { sensorId: 'Kaisaniemi' },
    measures: { 'Lämpötila [°C]': '°C' },
    first: ['2025-06-01T00:00:00.000Z', 'Kaisaniemi', 10.5],
    readings: 6,
  },
  'NDBC, units in a remark, and nothing but 999 in a column.txt': {
    bytes: `#YY  MM DD hh mm WSPD ATMP DEWP\n#yr  mo dy hr mn m/s  degC degC\n${rows((hour) => `2025 06 01 0${hour} 50 5.${hour} 25.1 999.0`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: '41001' },
    measures: { WSPD: 'm/s', ATMP: '°C', DEWP: '°C' },
    first: ['2025-06-01T00:50:00.000Z', '41001', 5, 25.1, null],
    readings: 6,
  },
  'a plant, by its tags, with codes that are no measures.csv': {
    bytes: `TagName;TimeString;VarValue;Validity code;Time_ms\n${rows((hour) => `Tank 1;13.06.2025 0${hour}:00:00;1${hour},5;192;${45_821 + hour},5`)}`,
    asks: ['zone'],
    answers: { zone: 'UTC' },
    measures: { VarValue: 'unknown', Time_ms: 'unknown' },
    first: ['2025-06-13T00:00:00.000Z', 'Tank 1', 10.5, 45_821.5],
    readings: 6,
  },
  'ZENTRA, units in front of names.csv': {
    bytes: `Timestamps,°C Soil Temperature,kPa VPD,in Temperature (℃)\n${rows((hour) => `2025-06-13 0${hour}:00:00,15.${hour},1.${hour},20`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: 'z6' },
    measures: { '°C Soil Temperature': '°C', 'kPa VPD': 'kPa', 'in Temperature (℃)': '°C' },
    first: ['2025-06-13T00:00:00.000Z', 'z6', 15, 1, 20],
    readings: 6,
  },
  'KorEXO, dates and means above the header, which says what comes first.csv': {
    bytes: `KOR Export File,,,,,\nFILE CREATED:,6/3/2025,10:00:00,,,\nMEAN VALUE:,,,,15.1,1.2\nSENSOR SERIAL NUMBER:,,,,18A101,18A102\n,,,,,\nDate (MM/DD/YYYY),Time (HH:mm:ss),Site Name,Fault Code,Temp °C,ODO mg/L\n${rows((hour) => `06/01/2025,0${hour}:00:00,Lake,0,15.${hour},8.1${hour}`)}`,
    asks: ['zone'],
    answers: { zone: '-05:00' },
    measures: { 'Temp °C': '°C', 'ODO mg/L': 'mg/L' },
    first: ['2025-06-01T05:00:00.000Z', 'Lake', 15, 8.1],
    readings: 6,
  },
  'Netatmo, a table of the station above that of its values.csv': {
    bytes: `Station;Longitude;Latitude;ModuleName;ModuleType\n"Home";7.1;50.1;"Indoor";Indoor\nTimestamp;"Timezone : Europe/Berlin";Temperature;Humidity;CO2\n${rows((hour) => `${1_748_736_000 + 3600 * hour};"2025/06/01 0${hour + 2}:00:00";20.${hour};5${hour};50${hour}`)}`,
    asks: ['sensor'],
    answers: { sensorId: 's' },
    measures: { Temperature: 'unknown', Humidity: 'unknown', CO2: 'unknown' },
    first: ['2025-06-01T00:00:00.000Z', 's', 20, 50, 500],
    readings: 6,
  },
  'pandas, an index without a name.csv': {
    bytes: `,station,t,h\n${rows((hour) => `2025-06-01 0${hour}:00:00+00:00,A,1${hour}.5,5${hour}`)}`,
    measures: { t: 'unknown', h: 'unknown' },
    first: ['2025-06-01T00:00:00.000Z', 'A', 10.5, 50],
    readings: 6,
  },
  'a gauge, a number for the name of a parameter.txt': {
    bytes: `site\tdatetime\t00060\tcd\n${rows((hour) => `0${hour > 9 ? 2 : 1}646500\t2025-06-01 0${hour}:00\t${1000 + hour}\tA`)}`,
    asks: ['zone'],
    answers: { zone: '-05:00' },
    measures: { '00060': 'unknown' },
    first: ['2025-06-01T05:00:00.000Z', '01646500', 1000],
    readings: 6,
  },
  'a gauge, a flow between 1000 and 1059 that is no time of day.csv': {
    bytes: `site,date,flow\n${rows((hour) => `A,2025-06-0${hour + 1},${hour === 3 ? 'Ice' : 1000 + hour}`)}`,
    asks: ['zone'],
    answers: { zone: '-05:00' },
    measures: { flow: 'unknown' },
    first: ['2025-06-01T05:00:00.000Z', 'A', 1000],
    readings: 5,
  },
  'WeatherLink.com, units behind dashes.csv': {
    bytes: `"Date & Time","Barometer - in Hg","Temp - °F","Hum - %","Rain - in"\n${rows((hour) => `"06/13/25 0${hour + 1}:00 am","29.9${hour}","6${hour}.1","5${hour}","0.00"`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '-05:00', sensorId: 's' },
    measures: { 'Barometer - in Hg': 'inHg', 'Temp - °F': '°F', 'Hum - %': '%', 'Rain - in': 'in' },
    first: ['2025-06-13T06:00:00.000Z', 's', 29.9, 60.1, 50, 0],
    readings: 6,
  },
  'a spreadsheet, serial days with decimal commas.csv': {
    bytes: `id;fecha;temp\n${rows((hour) => `A;45809,${hour};1${hour},5`)}`,
    asks: ['zone'],
    answers: { zone: 'UTC' },
    measures: { temp: 'unknown' },
    first: ['2025-06-01T00:00:00.000Z', 'A', 10.5],
    readings: 6,
  },
  'HOBOlink, where the sensor stands behind the unit.csv': {
    bytes: `Line#,Date,"Temperature (S-THB 20601:20603-1), *C, North Field","RH (S-THB 20601:20603-2), %, North Field"\n${rows((hour) => `${hour + 1},2025-06-01 0${hour}:00:00,1${hour}.5,5${hour}`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '-05:00', sensorId: 's' },
    measures: { 'Temperature (S-THB 20601:20603-1), *C, North Field': '°C', 'RH (S-THB 20601:20603-2), %, North Field': '%' },
    first: ['2025-06-01T05:00:00.000Z', 's', 10.5, 50],
    readings: 6,
  },
  'NDBC by the year, 99 for nothing in all rows of one column and in some of another.txt': {
    bytes: `#YY  MM DD hh mm WSPD WVHT TIDE\n#yr  mo dy hr mn m/s  m    ft\n${rows((hour) => `2024 06 01 0${hour} 50 5.${hour} ${hour === 0 ? '99.00' : `1.${hour}`} 99.00`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: 'UTC', sensorId: '41001' },
    measures: { WSPD: 'm/s', WVHT: 'm', TIDE: 'ft' },
    first: ['2024-06-01T00:50:00.000Z', '41001', 5, null, null],
    readings: 6,
  },
  'AQS, a site of a county of a state.txt': {
    bytes: `State Code|County Code|Site Number|Date|Start Time|Sample Value\n${rows((hour) => `01|073|0023|20250601|0${hour}:00|.03${hour}`)}`,
    asks: ['zone'],
    answers: { zone: '-06:00' },
    measures: { 'Sample Value': 'unknown' },
    first: ['2025-06-01T06:00:00.000Z', '01-073-0023', 0.03],
    readings: 6,
  },
  'a logger, hours and minutes as one number behind the day of the year.csv': {
    bytes: `Year,DOY,HHMM,Tair\n,,,degC\n${rows((hour) => `2026,79,${14 + (hour >> 1)}${hour % 2 ? '30' : '00'},1${hour}.5`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+01:00', sensorId: 's' },
    measures: { Tair: '°C' },
    first: ['2026-03-20T13:00:00.000Z', 's', 10.5],
    readings: 6,
  },
  'a flux tower, the start and the end of its intervals.csv': {
    bytes: `TIMESTAMP_START,TIMESTAMP_END,TA,SW_IN\n${rows((hour) => `2026032010${hour}0,2026032010${hour}5,1${hour}.5,30${hour}`)}`,
    asks: ['zone', 'sensor'],
    answers: { zone: '+01:00', sensorId: 's' },
    measures: { TA: 'unknown', SW_IN: 'unknown' },
    first: ['2026-03-20T09:00:00.000Z', 's', 10.5, 300],
    readings: 6,
  },
}); // biome-ignore format: a file a line

test('the question of the order says what is so', () => {
  const textOf = (date: string) => inspected('a.csv', `Date,t\n${rows((hour) => `${date} 0${hour}:00,1`)}`).questions.find(({ subject }) => subject === 'order')?.text;
  expect(textOf('03/04/2026')).toContain('No date of it has a day above 12');
  expect(textOf('20/03/26')).toContain('(year-first)? Each of its dates can be read in either way.');
}); // biome-ignore format: short

test('what is another in each row is no sensor, unless each row is a station of one time', () => {
  const sensorOf = (head: string, row: (hour: number) => string) =>
    inspected('a.csv', `${head}\n${rows(row)}`).findings.find(({ subject }) => subject === 'sensor');
  expect(sensorOf('id,stationId,time,t', (hour) => `r${hour},A,2025-06-01T0${hour}:00:00Z,1`)).toMatchObject({ value: 'column stationId', certainty: 'certain' });
  expect(sensorOf('id,time,t', (hour) => `r${hour},2025-06-01T0${hour}:00:00Z,1`)).toBeUndefined();
  expect(sensorOf('id,time,t', (hour) => `r${hour},2025-06-01T00:00:00Z,1`)).toMatchObject({ value: 'column id' });
}); // biome-ignore format: short

test('a name of a column in a table above the rows is no sensor', () => {
  const file = `Stationsnamn;Stationsnummer\nStockholm;98230\n\nDatum;Tid (UTC);Lufttemperatur\n${rows((hour) => `2025-06-01;0${hour}:00:00;1${hour}.5`)}`;
  expect(inspected('a.csv', file).questions.map(({ subject }) => subject)).toContain('sensor');
});

test('a number that is usual for nothing, alone in a column, stands for nothing only where its unit does not have it', () => {
  const nothingOf = (unit: string, cell: string) =>
    inspected('a.csv', `station,time,x${unit},y\n${rows((hour) => `A,2025-06-01T0${hour}:00:00Z,${cell},${hour}`)}`).measures[0]?.nothing;
  expect([nothingOf('', '999'), nothingOf(' (hPa)', '999'), nothingOf(' (°C)', '999'), nothingOf('', '99')]).toEqual([[999], [], [999], []]);
}); // biome-ignore format: short

test('parts of a file that are each under a line with their sensor are no one sensor', async () => {
  const part = (mark: string, station: string, first: number) => `${mark}Station: ${station}\n${rows((hour) => `2025-06-01T0${hour}:00:00Z,${first + hour}`)}`;
  expect(() => inspected('a.csv', `time,temp\n${part('', 'A', 10)}${part('', 'B', 20)}`)).toThrow('parts of several sensors, A, B');
  const { found, readings } = await readAsInspected('a.csv', `time,temp\n${part('# ', 'A', 10)}${part('# ', 'B', 20)}`);
  expect(found.findings).toContainEqual(expect.objectContaining({ subject: 'sensor', certainty: 'guessed', value: expect.stringContaining('# Station: {sensorId}') }));
  expect(readings.map(([, sensorId, value]) => [sensorId, value])).toEqual([
    ...hours.map((hour) => ['A', 10 + hour]),
    ...hours.map((hour) => ['B', 20 + hour]),
  ]);
  const rowsOfStations = `station,time,temp\n${rows((hour) => `Station ${hour},2025-06-01T0${hour}:00:00Z,1`)}`;
  expect((await readAsInspected('a.csv', rowsOfStations)).readings).toHaveLength(6);
}); // biome-ignore format: short

test('hours in columns, and units in rows, are told to be that', () => {
  const across = `Date,00:00,01:00,02:00,03:00\n${rows((hour) => `2025-06-0${hour + 1},1.${hour},2.${hour},3.${hour},4.${hour}`)}`;
  expect(() => inspected('a.csv', across)).toThrow('its columns are hours of a day, 00:00, 01:00, 02:00');
  const mixed = `id,time,temp,unit\n${rows((hour) => `A,2025-06-01T0${hour}:00:00Z,1${hour},${hour % 2 ? 'F' : 'C'}`)}`;
  expect(() => inspected('a.csv', mixed)).toThrow('its rows are in several units by column unit, °C and °F');
});

test('an hour in a column that is not beside the date is of its time, and 24 ends the day', async () => {
  const file = `id,Date,load,HE\n${[22, 23, 24].map((hour) => `A,06/13/2025,${hour},${hour}\n`).join('')}A,06/14/2025,1,1\n`;
  const { readings } = await readAsInspected('a.csv', file, { zone: 'UTC' });
  expect(readings).toEqual([
    ['2025-06-13T22:00:00.000Z', 'A', 22],
    ['2025-06-13T23:00:00.000Z', 'A', 23],
    ['2025-06-14T00:00:00.000Z', 'A', 24],
    ['2025-06-14T01:00:00.000Z', 'A', 1],
  ]);
});

test('cells of several numbers are told to be that', () => {
  const file = `"STATION","DATE","SOURCE","LATITUDE","TMP"\n${rows((hour) => `"72509014739","2025-06-01T0${hour}:54:00","7","42.36","+01${hour}0,5"`)}`;
  expect(() => inspected('a.csv', file)).toThrow('take ISD-Lite of the same station');
});
