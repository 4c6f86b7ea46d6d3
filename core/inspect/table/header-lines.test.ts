import { expect, test } from 'vitest';
import { inspected, readAsInspected } from '../../../test/support/inspected.ts';

const hours = [0, 1, 2, 3, 4, 5];
const time = (hour: number) => `2026-06-13 0${hour}:00:00`;
const answers = { zone: '+00:00', sensorId: 's' };

/** Three values an hour, under a header of several lines. */
const fileOf = (header: readonly string[], delimiter = ',', row = (hour: number) => [time(hour), hour + 0.5, hour + 20, 60 + hour]) =>
  [...header, ...hours.map((hour) => row(hour).join(delimiter)), ''].join('\n'); // biome-ignore format: short

const values = hours.map((hour) => [hour + 0.5, hour + 20, 60 + hour]);

interface Case {
  readonly header: readonly string[];
  readonly delimiter?: string;
  /** Columns by which the format names the measures, with units. */
  readonly measures: readonly string[];
  readonly format: object;
  /** Of the header's finding. */
  readonly certainty: 'certain' | 'guessed';
}

test.each<[string, Case]>([
  ['FieldClimate, how each is summed up in a second line', {
    header: ['Date/Time;HC Air temperature [°C];HC Air temperature [°C];HC Relative humidity [%]', ';avg;max;avg'],
    delimiter: ';',
    measures: ['HC Air temperature [°C] avg, °C', 'HC Air temperature [°C] max, °C', 'HC Relative humidity [%] avg, %'],
    format: { headerLines: 2, delimiter: ';' },
    certainty: 'certain',
  }],
  ['a spreadsheet, one cell above several columns', {
    header: ['Date/Time,Air temperature [°C],,Relative humidity [%]', ',avg,max,avg'],
    measures: ['Air temperature [°C] avg, °C', 'Air temperature [°C] max, °C', 'Relative humidity [%] avg, %'],
    format: { skipLines: 2, header: ['Date/Time', 'Air temperature [°C] avg', 'Air temperature [°C] max', 'Relative humidity [%] avg'] },
    certainty: 'guessed',
  }],
  ['pandas, the name of the index in a third line', {
    header: [',temp,temp,hum', ',mean,max,mean', 'time,,,'],
    measures: ['temp mean, unknown', 'temp max, unknown', 'hum mean, unknown'],
    format: { headerLines: 3, delimiter: ',', time: { column: 'time' } },
    certainty: 'certain',
  }],
  ['pandas, a level of which each is another', {
    header: [',temp,temp,hum', ',mean,max,min', 'time,,,'],
    measures: ['temp mean, unknown', 'temp max, unknown', 'hum min, unknown'],
    format: { headerLines: 3 },
    certainty: 'certain',
  }],
  ['pandas, an index without a name', {
    header: [',temp,temp,hum', ',mean,max,mean'],
    measures: ['temp mean, unknown', 'temp max, unknown', 'hum mean, unknown'],
    format: { skipLines: 2, header: ['column1', 'temp mean', 'temp max', 'hum mean'], time: { column: 'column1' } },
    certainty: 'guessed',
  }],
  ['pandas, names of the levels', {
    header: ['variable,temp,temp,hum', 'statistic,mean,max,mean', 'time,,,'],
    measures: ['temp mean, unknown', 'temp max, unknown', 'hum mean, unknown'],
    format: { headerLines: 3, time: { column: 'variable statistic time' } },
    certainty: 'certain',
  }],
  ['pandas, a level of numbers', {
    header: [',temp,temp,hum', ',10,50,10', 'time,,,'],
    measures: ['temp 10, unknown', 'temp 50, unknown', 'hum 10, unknown'],
    format: { headerLines: 3 },
    certainty: 'certain',
  }],
  ['groups above names that are each another', {
    header: ['# made up', ',Air,Air,Soil', 'Time,T (°C),RH (%),VWC (%)'],
    measures: ['Air T (°C), °C', 'Air RH (%), %', 'Soil VWC (%), %'],
    format: { headerLines: 2 },
    certainty: 'certain',
  }],
  ['names that are there twice, above a row of units', {
    header: ['Date,T,T,RH', ',°C,°C,%'],
    measures: ['T, °C', 'T 2, °C', 'RH, %'],
    format: { skipLines: 2, header: ['Date', 'T', 'T 2', 'RH'] },
    certainty: 'guessed',
  }],
  ['a title of as many cells, and a row of units', {
    header: ['sep=;', 'Field 7;;;', 'Time;T;T;RH', ';avg;max;avg', ';°C;°C;%'],
    delimiter: ';',
    measures: ['T avg, °C', 'T max, °C', 'RH avg, %'],
    format: { skipLines: 2, headerLines: 2, skipRows: 1, delimiter: ';' },
    certainty: 'certain',
  }],
])('%s', async (_, { header, delimiter, measures, format, certainty }) => {
  const { found, readings, rejected, totals } = await readAsInspected('a.csv', fileOf(header, delimiter), answers);
  expect(found.measures.map(({ column, unit }) => `${column}, ${unit}`)).toEqual(measures);
  expect(found.definition.formats).toMatchObject([format]);
  expect(found.findings.find(({ subject }) => subject === 'header')?.certainty).toBe(certainty);
  expect([totals.refusal, rejected]).toEqual([undefined, []]);
  expect(readings).toEqual(values.map((row, hour) => [`2026-06-13T0${hour}:00:00.000Z`, 's', ...row]));
}); // biome-ignore format: a file beside what is found in it

test('groups of columns may each be a sensor', async () => {
  const row = (hour: number) => [time(hour), hour, 60, hour + 9, 61];
  const text = fileOf([',North,,South,', 'Time,T (°C),RH (%),T (°C),RH (%)'], ',', row);
  const [question] = inspected('a.csv', text, { zone: 'UTC' }).questions;
  expect(question?.options[0]).toBe(
    "--sensor-columns '{sensorId} T (°C)' --sensor-columns '{sensorId} RH (%)'",
  );
  const sensorColumns = ['{sensorId} T (°C)', '{sensorId} RH (%)'];
  const { readings } = await readAsInspected('a.csv', text, { zone: 'UTC', sensorColumns });
  expect(readings.slice(0, 2)).toEqual([
    ['2026-06-13T00:00:00.000Z', 'North', 0, 60],
    ['2026-06-13T00:00:00.000Z', 'South', 9, 61],
  ]);
});

test.each([
  ['a row of units', ['time,t,u,v', ',°C,°C,%']],
  ['units and kinds below names', ['time,t,u,v', 'TS,Deg C,Deg C,%', ',Avg,Max,Smp']],
  ['another table above', ['Name,Long,Lat,', 'out,2.3,48.8,', 'time,t,u,v']],
  ['what names a station', ['Station,Kaisaniemi,Owner,FMI', 'time,t,u,v']],
])('%s is no header of several lines', (_, header) => {
  const { definition, measures } = inspected('a.csv', fileOf(header), answers);
  expect(measures.map(({ column }) => column)).toEqual(['t', 'u', 'v']);
  expect(definition.formats).not.toMatchObject([{ headerLines: 2 }]);
});

test('columns without a name that have the time and the sensor are called by their places', async () => {
  const row = (hour: number) => ['A', 'B'].map((id) => `${1781344800 + hour * 3600},${id},1,2,3,4,5,6,7,${hour}`).join('\n');
  const { found, readings, rejected } = await readAsInspected('a.csv', `,,a,b,c,d,e,f,g,h\n${hours.map(row).join('\n')}\n`);
  const header = found.findings.find(({ subject }) => subject === 'header');
  expect([header?.certainty, header?.reason]).toEqual(['guessed', expect.stringContaining('column1 and column2')]);
  expect(readings[3]).toEqual(['2026-06-13T11:00:00.000Z', 'B', 1, 2, 3, 4, 5, 6, 7, 1]);
  expect([readings.length, rejected]).toEqual([12, []]);
}); // biome-ignore format: short
