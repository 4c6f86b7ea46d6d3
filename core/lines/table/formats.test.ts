import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import airHourly from '../../../test/fixtures/real-files/datasets/air-hourly.ts';
import buoy from '../../../test/fixtures/real-files/datasets/buoy-es.ts';
import fieldLogger from '../../../test/fixtures/real-files/datasets/field-logger.ts';
import weather from '../../../test/fixtures/real-files/datasets/weather-multi.ts';
import { definitionOf } from '../../../test/support/definition-of.ts';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { type Dataset, defineDataset } from '../../dataset/dataset.ts';
import type { DatasetDefinition } from '../../dataset/definition.ts';
import { type TextFormat, text } from '../../formats/text-format.ts';
import { endTimestampMs } from '../../time/calendar.ts';
import { parseSegmentRows } from '../parse-segment.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/real-files/${name}`, import.meta.url));

/** A dataset that reads its files by one format. */
const reading = (dataset: DatasetDefinition, format: Omit<TextFormat, 'kind'>): Dataset =>
  defineDataset({ ...definitionOf(dataset), formats: [text(format)] });

async function read(dataset: Dataset, bytes: Uint8Array | string, file = 'file.csv') {
  const key = `landing/${dataset.name}/${file}`;
  const parsed = await parseBytes(bytes, { key, known: [dataset] });
  const readings = parsed.outcomes.flatMap((outcome) => outcome.reading ?? []);
  const of = (measure: string) => {
    const at = dataset.measureNames.indexOf(measure);
    return readings.flatMap(({ values }) => values[at] ?? []);
  };
  return { ...parsed, readings, of };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const levels = {
  ...{ name: 'levels', timeZone: 'Europe/Madrid', shards: 1, defaultSensorId: 'well' },
  measures: { level: { unit: 'm', min: -10, max: 100 }, temperature: { unit: '°C', min: -60, max: 60, optional: true } },
  missing: [-999],
} as const; // biome-ignore format: a definition
const day = { column: 'time', format: 'yyyy-MM-dd HH:mm' } as const;

describe('files as users have them', () => {
  const spanish = { match: '*.csv', time: { column: 'Fecha', format: 'dd/MM/yyyy HH:mm' } } as const;
  const columns = { temperature: 'Temperatura (°C)', light: 'Iluminancia (lx)' };

  test('a decimal comma and points between thousands', async () => {
    const dataset = reading(buoy, { ...spanish, columns, decimal: ',', thousands: '.' });
    const { of, totals } = await read(dataset, fixture('decimal-comma/estacion.csv'));
    expect(totals).toMatchObject({ lines: 4, valid: 4, rejected: {} });
    expect(mean(of('temperature'))).toBe(15.6875);
    expect(mean(of('light'))).toBe(7108.5);
  });

  test('Windows-1252, where the format says so', async () => {
    const dataset = reading(buoy, { ...spanish, columns, encoding: 'windows-1252' });
    const { of } = await read(dataset, fixture('windows-1252/estacion1252.csv'));
    expect(of('temperature')).toHaveLength(4);
    expect(mean(of('temperature'))).toBe(15.6875);
  });

  test('the four lines above a table of a Campbell logger, which keeps its clock all year', async () => {
    const dataset = reading(
      { ...fieldLogger, timeZone: 'Europe/Madrid' },
      {
        ...{ match: '*.dat', skipLines: 1, skipRows: 2, delimiter: ',' },
        time: { column: 'TIMESTAMP', format: 'yyyy-MM-dd HH:mm:ss', zone: '+01:00' },
      },
    );
    const { readings, of, totals } = await read(dataset, fixture('toa5/met10.dat'), 'met10.dat');
    expect(totals).toMatchObject({ lines: 5, valid: 5 });
    expect(readings[0]?.timestampMs).toBe(Date.parse('2026-04-30T23:10:00Z'));
    expect(of('AirTC_Avg')).toHaveLength(4);
    expect(mean(of('AirTC_Avg'))).toBeCloseTo(11.9, 12);
    expect(of('RH')).toHaveLength(3);
    expect(of('Rain_mm_Tot')).toEqual([0, 0.2, 0, 0, 0.1]);
  });

  test('hours from 01:00 to 24:00', async () => {
    const { readings, of } = await read(airHourly, fixture('hour-24/day.csv'));
    expect(readings).toHaveLength(24);
    expect(mean(of('pm10'))).toBe(21.5);
    expect(readings.at(-1)?.timestampMs).toBe(Date.parse('2026-05-01T22:00:00Z'));
  });

  test('date and time in two columns', async () => {
    const dataset = reading(buoy, {
      match: '*.csv',
      time: { column: ['Date', 'Time'], format: 'dd.MM.yyyy HH:mm' },
      columns: { temperature: 'Temp' },
    });
    const { readings } = await read(dataset, fixture('split-date-time/split.csv'));
    expect(readings).toMatchObject([
      { timestampMs: Date.parse('2026-05-01T08:00:00Z'), values: [14.5, null] },
    ]);
  });

  test('as many commas in the name of a column as semicolons in the header', async () => {
    const { of } = await read(buoy, fixture('delimiter-tie/notas.csv'));
    expect(of('temperature')).toEqual([14.5]);
  });

  test('a line that names the separator, and bars between cells', async () => {
    expect((await read(weather, fixture('excel/sep-line.csv'))).of('temp')).toEqual([10.5]);
    expect((await read(weather, fixture('excel/pipe.csv'))).of('temp')).toEqual([10.5]);
  });

  test('a row of units, and remarks', async () => {
    const dataset = reading(weather, { match: '*.csv', skipRows: 1, comment: '#', time: { column: 'time', format: 'iso' }, columns: { sensorId: 'station' } }); // biome-ignore format: a format
    const { totals, of } = await read(dataset, fixture('excel/units-row.csv'));
    expect([totals.lines, of('temp')]).toEqual([2, [10.5, 11.5]]);
  });
});

describe('what a format can say', () => {
  test('columns of fixed widths, without a header', async () => {
    const dataset = reading(levels, {
      ...{ match: '*.txt', widths: [16, 8, 6], header: ['time', 'level', 'temperature'] },
      ...{ nothing: [99.9], time: day },
    });
    const body = '2026-05-01 00:00   1.250  12.5\n2026-05-01 01:00  -0.500  99.9\n';
    const { readings, totals } = await read(dataset, body, 'a.txt');
    expect(readings.map(({ values }) => values)).toEqual([[1.25, 12.5], [-0.5, null]]); // biome-ignore format: values
    expect(totals.dropped).toEqual({ levels: { temperature: { missing: 1 } } });
  });

  test('runs of spaces between cells', async () => {
    const dataset = reading(levels, { match: '*.txt', delimiter: 'spaces', time: { column: ['date', 'clock'], format: 'yyyy-MM-dd HH:mm' } }); // biome-ignore format: a format
    const { of } = await read(dataset, '  date  clock   level\n 2026-05-01  00:00    1.25\n', 'a.txt');
    expect(of('level')).toEqual([1.25]);
  });

  test('units that are not the measure, and a line by its scale and offset', async () => {
    const columns = {
      level: { column: 'raw', scale: 0.01, offset: -1 },
      temperature: { column: 'F', unit: '°F' },
    };
    const dataset = reading(levels, { match: '*.csv', time: day, columns });
    const { readings } = await read(
      dataset,
      'time,raw,F\n2026-05-01 00:00,350,50\n2026-05-01 01:00,300,-999\n',
    );
    expect(readings.map(({ values }) => values)).toEqual([[2.5, 10], [2, null]]); // biome-ignore format: values
  });

  test('a number that stands for nothing in one column alone', async () => {
    const columns = { level: { column: 'level', nothing: [0, 'dry'] } };
    const dataset = reading(levels, { match: '*.csv', time: day, columns });
    const { outcomes } = await read(
      dataset,
      'time,level,temperature\n2026-05-01 00:00,0,0\n2026-05-01 01:00,1,0\n2026-05-01 02:00,dry,0\n2026-05-01 03:00,2,1\n2026-05-01 04:00,2,1\n',
    );
    expect(outcomes.map(({ reason, reading: kept }) => reason ?? kept?.values)).toEqual([
      'missing',
      [1, 0],
      'missing',
      [2, 1],
      [2, 1],
    ]);
  });

  test('the sensor in the name of the file or of a folder, as a constant, or joined of columns', async () => {
    const rows = 'time,level\n2026-05-01 00:00,1\n';
    const sensorOf = async (format: Omit<TextFormat, 'kind' | 'time'>, file: string, body = rows) =>
      (await read(reading(levels, { time: day, ...format }), body, file)).readings[0]?.sensorId;
    expect(await sensorOf({ match: '{sensorId}_*.csv' }, 'pier-1_2026.csv')).toBe('pier-1');
    expect(await sensorOf({ match: 'wells/{sensorId}/*.csv' }, 'wells/N%C3%B3rdico/2026.csv')).toBe(
      'Nórdico',
    );
    expect(await sensorOf({ match: '*.csv', sensorId: 'mill' }, '2026.csv')).toBe('mill');
    const joined = { match: '*.csv', columns: { sensorId: ['site', 'probe'] } };
    expect(await sensorOf(joined, 'a.csv', 'site,probe,time,level\nA,7,2026-05-01 00:00,1\n')).toBe('A-7');
  });

  test('a sensor in the folder that is not the one in the name of the file is taken for neither', async () => {
    const dataset = reading(levels, { match: '{sensorId}_*.csv', time: day });
    const rows = 'time,level\n2026-05-01 00:00,1\n';
    expect((await read(dataset, rows, 'pier-1/pier-1_a.csv')).readings).toMatchObject([
      { sensorId: 'pier-1' },
    ]);
    const { outcomes } = await read(dataset, rows, 'pier-2/pier-1_a.csv');
    expect(outcomes[0]).toMatchObject({
      reason: 'invalid-sensor-id',
      detail: expect.stringContaining('another one'),
    });
  });

  test('times at the end of their interval', async () => {
    const dataset = reading(levels, { match: '*.csv', time: { ...day, shift: '-10 minutes', zone: 'UTC' } });
    const { readings } = await read(dataset, 'time,level\n2026-05-01 00:00,1\n');
    expect(readings[0]?.timestampMs).toBe(Date.parse('2026-04-30T23:50:00Z'));
  });

  test('the first format that takes the name of a file reads it; no other name is taken for a table', async () => {
    const dataset = defineDataset({
      ...levels,
      formats: [
        text({
          match: ['daily-*.txt', '*.day'],
          time: { column: 'd', format: 'yyyyMMdd' },
          columns: { level: 'h' },
        }),
        text({ match: '*.txt', time: day }),
      ],
    });
    expect((await read(dataset, 'd;h\n20260501;1\n', 'DAILY-1.TXT')).of('level')).toEqual([1]);
    expect((await read(dataset, 'd;h\n20260501;1\n', 'x.day')).of('level')).toEqual([1]);
    expect((await read(dataset, 'time,level\n2026-05-01 00:00,2\n', 'x.txt')).of('level')).toEqual([2]);
    const { totals } = await read(dataset, 'time,level\n2026-05-01 00:00,2\n', 'x.log');
    expect(totals.refusal?.reason).toBe('unknown-format');
  });
});

describe('encodings', () => {
  const table = `time;level;Lufttemperatur (°C)\n${'2026-05-01 00:00;1;12.5\n'.repeat(40)}`;
  const columns = { temperature: 'Lufttemperatur (°C)' };
  const marked = (bytes: Buffer) => Buffer.concat([Buffer.from('fffe', 'hex'), bytes]);

  test('UTF-16 with a mark is read as what it is, of tables and of JSON', async () => {
    const dataset = reading(levels, { match: '*.csv', time: day, columns });
    const little = marked(Buffer.from(table, 'utf16le'));
    for (const bytes of [little, Buffer.from(little).swap16()])
      for (const chunkBytes of [1, 7, 65_536]) {
        const { totals } = await parseBytes(bytes, {
          key: 'landing/levels/a.csv',
          known: [dataset],
          chunkBytes,
        });
        expect(totals).toMatchObject({ valid: 40, rejected: {} });
      }
    const json = '{"timestamp":"2026-05-01T00:00:00Z","level":1}\n'.repeat(20);
    const { totals } = await read(dataset, marked(Buffer.from(json, 'utf16le')), 'a.ndjson');
    expect(totals).toMatchObject({ valid: 20, rejected: {} });
  });

  test('UTF-16 without a mark is read where the format says so, and is no text elsewhere', async () => {
    const bytes = Buffer.from(table, 'utf16le');
    const dataset = reading(levels, { match: '*.csv', time: day, columns, encoding: 'utf-16le' });
    expect((await read(dataset, bytes)).totals).toMatchObject({ valid: 40 });
    const other = reading(levels, { match: '*.csv', time: day, columns });
    expect((await read(other, bytes)).totals.refusal?.reason).toBe('not-text');
  });

  test('a line of UTF-16 with half a character is rejected, of tables and of JSON', async () => {
    const dataset = reading(levels, { match: '*.csv', time: day, columns: { sensorId: 'station' } });
    const row = (at: number, id: string) => `2026-05-01 0${at}:00;1;${id}\n`;
    const rows = `time;level;station\n${row(0, 'a')}${row(1, 'b\ud800')}${row(2, 'c')}`;
    const { outcomes } = await read(dataset, marked(Buffer.from(rows, 'utf16le')));
    expect(outcomes.map(({ reason }) => reason)).toEqual([undefined, 'not-utf8', undefined]);
    const json = (id: string) => `{"sensorId":"${id}","timestamp":"2026-05-01T00:00:00Z","level":1}\n`;
    const lines = marked(Buffer.from(json('a') + json('b\ud800') + json('c'), 'utf16le'));
    const { totals, rows: kept } = await parseSegmentRows(
      {
        source: { key: 'landing/levels/a.ndjson', arrivedMs: endTimestampMs },
        datasets: [dataset],
        bytes: Readable.from([lines]),
      },
      { rejected: () => {} },
    );
    expect(totals).toMatchObject({ valid: 2, rejected: { 'not-utf8': 1 } });
    expect(kept).toHaveLength(1);
  });

  test('a file in UTF-8 is not read by the letters of another encoding', async () => {
    const rows = 'time;level;station\n2026-05-01 00:00;1;Köln\n2026-05-01 01:00;1;Köln\n';
    const dataset = reading(levels, { match: '*.csv', time: day, columns: { sensorId: 'station' }, encoding: 'windows-1252' }); // biome-ignore format: a format
    const { totals, outcomes } = await read(dataset, rows);
    expect(totals.refusal).toMatchObject({
      reason: 'contradicting-lines',
      detail: expect.stringContaining('UTF-8'),
    });
    expect(outcomes).toEqual([]);
    const { readings } = await read(dataset, Buffer.from(rows, 'latin1'));
    expect(readings.map(({ sensorId }) => sensorId)).toEqual(['Köln', 'Köln']);
  });
});

describe('what a format must not let in', () => {
  test('numbers with a decimal point, where a comma is declared and points stand between thousands', async () => {
    const dataset = reading(levels, {
      match: '*.csv',
      delimiter: ';',
      time: day,
      decimal: ',',
      thousands: '.',
    });
    const rows = (cells: readonly string[]) =>
      `time;level\n${cells.map((cell, at) => `2026-05-01 ${10 + at}:00;${cell}\n`).join('')}`;
    const { totals } = await read(dataset, rows(['1.250', '2.5', '3', '4', '5', '6', '7', '8', '9', '10']));
    expect(totals.refusal).toMatchObject({
      reason: 'contradicting-lines',
      detail: expect.stringContaining('1.250'),
    });
    const { totals: wrong } = await read(dataset, rows(['2.5', '3.5', '4.5']));
    expect(wrong.refusal).toMatchObject({
      reason: 'unreadable-lines',
      cause: expect.stringContaining('point'),
    });
  });

  test('a file whose columns are not those that the format names', async () => {
    const dataset = reading(levels, { match: '*.csv', time: day, columns: { temperature: 'Temp' } });
    const { totals } = await read(dataset, 'time,level,temp\n2026-05-01 00:00,1,2\n');
    expect(totals.refusal).toMatchObject({
      reason: 'missing-column',
      detail: expect.stringContaining('Temp'),
    });
  });

  test('the repeated hour of a zone of its own is told by that zone', async () => {
    const dataset = reading(
      { ...levels, timeZone: 'UTC' },
      { match: '*.csv', time: { ...day, zone: 'Europe/Berlin' } },
    );
    const { outcomes } = await read(
      dataset,
      'time,level\n2026-10-25 01:30,1\n2026-10-25 02:30,1\n2026-10-25 03:30,1\n',
    );
    expect(outcomes[1]).toMatchObject({
      reason: 'ambiguous-timestamp',
      detail: expect.stringContaining('Europe/Berlin'),
    });
  });
});

describe('a format is checked when its dataset loads', () => {
  const sound = { kind: 'text', match: '*.dat', time: day } as const;
  test.each<[unknown, string]>([
    [{ ...sound, kind: 'csv' }, 'formats[0].kind is "csv"'],
    [{ ...sound, match: '' }, 'formats[0].match'],
    [{ ...sound, match: [] }, 'formats[0].match'],
    [{ ...sound, delimeter: ',' }, 'formats[0].delimeter'],
    [{ ...sound, encoding: 'latin1' }, 'windows-1252'],
    [{ ...sound, delimiter: ' ' }, 'formats[0].delimiter'],
    [{ ...sound, widths: [3], delimiter: ',' }, 'none beside widths'],
    [{ ...sound, widths: [3, 4], header: ['a'] }, 'as many names as widths'],
    [{ ...sound, skipLines: -1 }, 'formats[0].skipLines'],
    [{ ...sound, decimal: ',', thousands: ',' }, 'another character than the decimal mark'],
    [{ ...sound, time: undefined }, 'formats[0].time'],
    [{ ...sound, time: { column: 'time', format: 'YYYY' } }, 'formats[0].time.format'],
    [{ ...sound, time: { ...day, zone: '+25:00' } }, 'formats[0].time.zone'],
    [{ ...sound, time: { ...day, shift: '10 minutes' } }, 'formats[0].time.shift'],
    [{ ...sound, time: { ...day, timezone: 'UTC' } }, 'formats[0].time.timezone'],
    [{ ...sound, columns: { height: 'h' } }, 'formats[0].columns.height'],
    [{ ...sound, columns: { level: { column: 'h', unit: 'cubits' } } }, '"cubits"; accepted: m, ft'],
    [{ ...sound, columns: { level: { column: 'h', unit: 'ft', scale: 2 } } }, 'a unit, or scale and offset'],
    [{ ...sound, columns: { level: { column: 'h', scale: 0 } } }, 'formats[0].columns.level.scale'],
    [{ ...sound, columns: { level: ['a', 'b'] } }, 'formats[0].columns.level'],
    [{ ...sound, match: '{sensorId}.dat', sensorId: 'x' }, "none where the file's name has it"],
    [{ ...sound, sensorId: 'x', columns: { sensorId: 'station' } }, 'none where a column has it'],
  ])('%j', (format, told) => {
    expect(() => defineDataset({ ...levels, formats: [format as TextFormat] })).toThrow(told);
  });

  test('a conversion beside a sentinel that is a value as well', () => {
    const columns = { level: { column: 'h', scale: 0.01 } };
    const within = { ...levels, missing: [99], formats: [text({ ...sound, columns })] };
    expect(() => defineDataset(within)).toThrow('no conversion where 99');
  });
});
