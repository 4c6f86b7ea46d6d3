import { describe, expect, test } from 'vitest';
import { inspected, readAsInspected } from '../../../test/support/inspected.ts';

const hours = Array.from({ length: 24 }, (_, hour) => hour);
const time = (hour: number) => `2025-06-01 ${String(hour).padStart(2, '0')}:00:00`;
const rows = (row: (hour: number) => string) => hours.map((hour) => `${row(hour)}\n`).join('');
const answers = { zone: '+00:00', sensorId: 's' };
const values = hours.map((hour) => hour + 0.5);

/** Files as statistics programs, databases, portals and spreadsheets write them: each has 24 hours of 0.5 to 23.5. */
describe('each reading comes back from a file of', () => {
  test.each([
    ['R, write.table: names of rows, and none above them', 'r.txt', `"time" "t"\n${rows((hour) => `"${hour + 1}" "${time(hour)}" ${hour}.5`)}`, 0],
    ['R, midnight as the date alone', 'r.csv', `"time","t"\n${rows((hour) => `${hour === 0 ? '2025-06-01' : time(hour)},${hour}.5`)}`, 0],
    ['pandas, two indexes', 'p.csv', `Unnamed: 0.1,Unnamed: 0,time,t\n${rows((hour) => `${hour},${hour},${time(hour)},${hour}.5`)}`, 0],
    ['psql, aligned', 'p.txt', `        time         |  t\n---------------------+------\n${rows((hour) => ` ${time(hour)} | ${hour}.5`)}(24 rows)\n`, 1],
    ['MySQL, in a frame', 'm.txt', `+---+---+\n| time | t |\n+---+---+\n${rows((hour) => `| ${time(hour)} | ${hour}.5 |`)}+---+---+\n`, 1],
    ['SQLite, without a header', 's.txt', rows((hour) => `${time(hour)}|${hour}.5`), 0],
    ['a sonde, statistics above the header', 'e.csv', `Export,\n\nMean Value:,12.1\nStandard deviation:,2.1\ntime,t\n${rows((hour) => `${time(hour)},${hour}.5`)}`, 0],
    ['a portal, statistics below the rows', 'f.csv', `time,t\n${rows((hour) => `${time(hour)},${hour}.5`)}Average,12\nMin,0.5\nMax,23.5\n`, 3],
    ['a spreadsheet, units in the cells', 'u.csv', `time;t\n${rows((hour) => `${time(hour)};${hour},5 °C`)}`, 0],
    ['a market, intervals', 'e.csv', `"MTU (CET/CEST)","t"\n${rows((hour) => `"${time(hour)} - ${time(hour + 1)}","${hour}.5"`)}`, 0],
    ['a mail, weekdays', 'm.csv', `time;t\n${rows((hour) => `Sun, ${time(hour)};${hour}.5`)}`, 0],
    ['a logger whose file has its header again', 't.csv', `time,t\n${rows((hour) => `${time(hour)},${hour}.5`)}time,t\n`, 1],
  ] as const)('%s', async (_, name, text, others) => {
    const { readings, rejected, totals, found } = await readAsInspected(name, text, answers);
    expect(totals.refusal).toBeUndefined();
    expect(found.measures).toHaveLength(1);
    expect(found.measures.flatMap(({ nothing }) => nothing)).toEqual([]);
    expect(readings).toEqual(values.map((value, hour) => [`2025-06-01T${String(hour).padStart(2, '0')}:00:00.000Z`, 's', value]));
    expect(rejected).toHaveLength(others);
  }); // biome-ignore format: a file a line
});

test('of columns of one name each is read by the name and its number', async () => {
  const text = `time,t,t,t 2\n${rows((hour) => `${time(hour)},${hour}.5,2,3`)}`;
  const { found, readings } = await readAsInspected('d.csv', text, answers);
  expect(found.measures.map(({ column }) => column)).toEqual(['t', 't 3', 't 2']);
  expect(readings[1]).toEqual(['2025-06-01T01:00:00.000Z', 's', 1.5, 2, 3]);
});

test('what begins as a number is not taken for a word that stands for nothing', async () => {
  const text = `time,t,u\n${rows((hour) => `${time(hour)},${hour}.5,${hour === 9 ? '55 # cal' : hour === 8 ? 'OFF' : 1}`)}`;
  const { found, rejected } = await readAsInspected('c.csv', text, answers);
  expect(found.measures.flatMap(({ nothing }) => nothing)).toEqual(['OFF']);
  expect(rejected).toEqual(['wrong-type']);
});

test('a unit in cells is no part of a number of another unit', async () => {
  const text = `time,t\n${rows((hour) => `${time(hour)},${hour}.5 ${hour === 3 ? '°F' : '°C'}`)}`;
  const { readings, rejected } = await readAsInspected('c.csv', text, answers);
  expect([readings.length, rejected]).toEqual([23, ['wrong-type']]);
});

test('of cells of two forms both are told', () => {
  const text = `date,t\n${rows((hour) => `${hour < 12 ? `0${(hour % 9) + 1}/06/2025` : time(hour)},1.5`)}`;
  expect(() => inspected('d.csv', text)).toThrow(
    'the cells of date have no one form: 01/06/2025 is dd/MM/yyyy or MM/dd/yyyy, and 2025-06-01 12:00:00 is not',
  );
});

test('of many columns some are told', () => {
  const names = Array.from({ length: 300 }, (_, at) => `c${at}`);
  const text = `${names.join(',')}\n${rows((hour) => names.map((_, at) => `${at}.${hour}`).join(','))}`;
  expect(() => inspected('w.csv', text)).toThrow(/c0, c1, .* c19 and 280 more$/);
});

test.each(['\u00a0', '\u2009', '\u202f'])('spaces that are no break, %j, are spaces: between thousands, in front of units, in times', async (space) => {
  const at = (hour: number) => `13.06.2025${space}${String(hour).padStart(2, '0')}:00`;
  const table = `zeit;wert (lx);temp\n${rows((hour) => `${at(hour)};${space}1${space}2${String(hour).padStart(2, '0')},5${space};${hour},5${space}°C`)}`;
  const records = hours.map((hour) => JSON.stringify({ zeit: at(hour), wert: `1${space}2${String(hour).padStart(2, '0')},5`, temp: `${hour},5${space}°C` }));
  for (const [name, bytes] of [['a.csv', table], ['a.json', records.join('\n')]] as const) {
    const { readings, rejected, found } = await readAsInspected(name, bytes, answers);
    expect(readings).toEqual(hours.map((hour) => [`2025-06-13T${String(hour).padStart(2, '0')}:00:00.000Z`, 's', 1200.5 + hour, hour + 0.5]));
    expect([rejected, found.measures[1]?.unit]).toEqual([[], '°C']);
  }
}); // biome-ignore format: short
