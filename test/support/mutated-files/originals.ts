import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import gadgetTelemetry from '../../../datasets/gadget-telemetry.ts';
import waterTemperature from '../../../datasets/water-temperature.ts';
import airHourly from '../../fixtures/real-files/datasets/air-hourly.ts';
import buoy from '../../fixtures/real-files/datasets/buoy-es.ts';
import fieldLogger from '../../fixtures/real-files/datasets/field-logger.ts';
import weather from '../../fixtures/real-files/datasets/weather-multi.ts';

/** The datasets of the original files. */
export const knownDatasets: readonly Dataset[] = [
  airHourly,
  buoy,
  fieldLogger,
  gadgetTelemetry,
  waterTemperature,
  weather,
];

/** A reading that a row of the original file states, as a person reads it. */
export interface Truth {
  readonly sensorId: string;
  readonly timestampMs: number;
  /** By the names of the dataset's measures and attributes; `null` where the row states none. */
  readonly fields: Readonly<Record<string, number | string | null>>;
}

/** A line under the header, by its cells. */
interface Row {
  readonly cells: readonly string[];
  /** Nothing where the row states no reading. */
  readonly truth: Truth | undefined;
}

/** What a column holds, as far as it tells one column from another. */
export type ColumnKind = 'time' | 'sensor' | 'measure' | 'attribute' | 'other';

/** A file before it is mutated. */
export interface Original {
  readonly name: string;
  readonly dataset: Dataset;
  readonly format: 'csv' | 'ndjson';
  readonly delimiter: string;
  /** Lines above the header. */
  readonly preface: readonly string[];
  /** Column names of CSV, keys of JSON. */
  readonly header: readonly string[];
  readonly kinds: readonly ColumnKind[];
  readonly rows: readonly Row[];
  /** How day and month are written in the times, for the mutation that swaps them. */
  readonly order: 'iso' | 'day-first' | 'month-first' | 'year-first';
  /** It is as its dataset says: every row that states a reading is read, of a file that is not mutated. */
  readonly isSound: boolean;
}

/** How a person reads a file: which column is what, and how a time is written. */
interface Reader {
  readonly dataset: Dataset;
  readonly delimiter?: string;
  readonly time: string;
  readonly sensor?: string;
  readonly defaultSensor?: string;
  /** Field by column. */
  readonly fields: Readonly<Record<string, string>>;
  readonly order: Original['order'];
  /** The instant of a cell, UTC ms; NaN for none. By row, where the cell alone does not tell. */
  readonly instant: (cell: string, row: number) => number;
  readonly number?: (cell: string) => number;
  readonly isSound?: boolean;
  readonly headerLine?: number;
}

const iso = (cell: string) => Date.parse(cell);

/** Clock time of summer in Madrid, UTC+2: all that the fixtures have. */
function madridSummer(cell: string, [day, month]: readonly [number, number]): number {
  const parts = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d)$/.exec(cell)?.slice(1).map(Number) ?? [];
  return Date.UTC(parts[2] ?? NaN, (parts[month] ?? NaN) - 1, parts[day], (parts[3] ?? NaN) - 2, parts[4]);
}

/** Days of autumn and winter in Madrid, UTC+1. */
function madridWinterDay(cell: string): number {
  const [year = NaN, month = NaN, day = NaN] = cell.split('/').map(Number);
  return Date.UTC(year, month - 1, day, -1);
}

/** The clock of Berlin in the night of 25 October 2026, by the order of the rows of the fixture. */
const berlinNight = ['2026-10-24T23:30Z', '2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-25T02:00Z'].map(iso); // biome-ignore format: a list

const weatherReader: Reader = {
  ...{ dataset: weather, time: 'time', sensor: 'station', order: 'iso', instant: iso },
  fields: { temp: 'temp', hum: 'hum', wind: 'wind' },
};
const buoyReader: Reader = {
  ...{ dataset: buoy, delimiter: ';', time: 'Fecha', defaultSensor: 'boya-1', order: 'day-first' },
  fields: { 'Temperatura (°C)': 'temperature', 'Iluminancia (lx)': 'light' },
  instant: (cell) => madridSummer(cell, [0, 1]),
};
const loggerReader: Reader = {
  ...{ dataset: fieldLogger, time: 'TIMESTAMP', defaultSensor: 'mast-1', order: 'iso' },
  fields: { AirTC_Avg: 'AirTC_Avg', RH: 'RH', Rain_mm_Tot: 'Rain_mm_Tot' },
  instant: (cell) => Date.parse(`${cell.replace(' ', 'T')}+01:00`),
};

const decimalComma = (cell: string) => Number(cell.replaceAll('.', '').replace(',', '.'));

const fixtures: readonly (readonly [file: string, reader: Reader])[] = [
  ['real-files/one-bad-sensor/multi.csv', weatherReader],
  ['real-files/reupload/v1.csv', weatherReader],
  ['real-files/cr-only/cr-only.csv', weatherReader],
  ['real-files/ragged/ragged.csv', { ...weatherReader, isSound: false }],
  ['real-files/ragged/spaces-in-station.csv', weatherReader],
  ['real-files/renamed-column/renamed.csv', { ...weatherReader, fields: { Temp: 'temp', Hum: 'hum', wind_ms: 'wind' }, isSound: false }],
  ['real-files/renamed-column/all-empty.csv', { ...weatherReader, isSound: false }],
  ['real-files/excel/units-row.csv', { ...weatherReader, isSound: false }],
  ['real-files/excel/sep-line.csv', { ...weatherReader, delimiter: ';', headerLine: 1, isSound: false }],
  ['real-files/windows-1252/estacion1252.csv', buoyReader],
  ['real-files/decimal-comma/estacion.csv', { ...buoyReader, number: decimalComma, isSound: false }],
  ['real-files/us-dates/us.csv', { ...buoyReader, instant: (cell) => madridSummer(cell, [1, 0]), order: 'month-first', isSound: false }],
  ['real-files/toa5/met10-stripped.csv', loggerReader],
  ['real-files/toa5/met10.csv', { ...loggerReader, headerLine: 1, isSound: false }],
  ['real-files/dst-overlap/oct.csv', { dataset: airHourly, time: 'time', sensor: 'station', fields: { pm10: 'pm10' }, order: 'iso', instant: (_, row) => berlinNight[row] ?? NaN }],
  ['real-files/hour-24/day.csv', { dataset: airHourly, time: 'time', sensor: 'station', fields: { pm10: 'pm10' }, order: 'iso', instant: (_, row) => Date.UTC(2026, 4, 1, row - 1), isSound: false }],
  ['aquasense-2023-11.csv', { dataset: waterTemperature, time: 'Fecha', defaultSensor: 'aquasense', fields: { Medida: 'temperature', Desviaciones: 'deviation' }, order: 'year-first', instant: madridWinterDay }],
]; // biome-ignore format: a table

/** A number as a logger writes it; NaN for any other text. */
const plainNumber = (cell: string) => (/^-?\d+(?:\.\d+)?(?:e\d+)?$/.test(cell) ? Number(cell) : NaN);

/** Whether a number is within what its dataset calls measured. */
function isMeasured({ measures, missing }: Dataset, field: string, value: number): boolean {
  const { min = 0, max = 0 } = measures[field] ?? {};
  return value >= min && value <= max && !missing.includes(value);
}

/** What a row states. */
function truthOf(reader: Reader, header: readonly string[], cells: readonly string[], row: number) {
  if (cells.length !== header.length) return undefined;
  const cell = (column: string) => cells[header.indexOf(column)] ?? '';
  const timestampMs = reader.instant(cell(reader.time), row);
  const sensorId = reader.sensor === undefined ? reader.defaultSensor : cell(reader.sensor);
  if (Number.isNaN(timestampMs) || !sensorId) return undefined;
  const fields: Record<string, number | string | null> = {};
  for (const [column, field] of Object.entries(reader.fields)) {
    const text = cell(column);
    const value = (reader.number ?? plainNumber)(text);
    if (reader.dataset.attributes[field]) fields[field] = text || null;
    else fields[field] = isMeasured(reader.dataset, field, value) ? value : null;
  }
  const states = Object.keys(reader.dataset.measures).filter((name) => (fields[name] ?? null) !== null);
  const lacks = Object.entries(reader.dataset.measures).some(
    ([name, { optional }]) => !optional && !states.includes(name),
  );
  return states.length === 0 || lacks ? undefined : { sensorId, timestampMs, fields };
}

function kindOf({ time, sensor, fields, dataset }: Reader, column: string): ColumnKind {
  if (column === time) return 'time';
  if (column === sensor) return 'sensor';
  const field = fields[column];
  if (field === undefined) return 'other';
  return dataset.attributes[field] ? 'attribute' : 'measure';
}

function original(name: string, text: string, reader: Reader): Original {
  const { dataset, delimiter = ',', order, isSound = true, headerLine = 0 } = reader;
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '');
  const [header = [], ...rows] = lines
    .slice(headerLine)
    .map((line) => line.split(delimiter).map((cell) => cell.replaceAll('"', '')));
  return {
    ...{ name, dataset, format: 'csv', delimiter, header, order, isSound },
    preface: lines.slice(0, headerLine),
    kinds: header.map((column) => kindOf(reader, column)),
    rows: rows.map((cells, row) => ({ cells, truth: truthOf(reader, header, cells, row) })),
  };
}

const files: readonly Original[] = fixtures.map(([file, reader]) => {
  const bytes = readFileSync(new URL(`../../fixtures/${file}`, import.meta.url));
  const isWestern = file.includes('1252');
  return original(file, new TextDecoder(isWestern ? 'windows-1252' : 'utf-8').decode(bytes), reader);
});

const day = (number: number) => String(number).padStart(2, '0');
const decimals = (min: number, max: number) =>
  fc.integer({ min: min * 100, max: max * 100 }).map((hundredths) => String(hundredths / 100));
const cell = (usual: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom('', 'NA', '-999') });
/** One row a day, from a day on: mostly few rows, so that thresholds are reached from both sides. */
const days = fc.record({ first: fc.integer({ min: 0, max: 40 }), count: fc.integer({ min: 1, max: 24 }) });

const weatherRows = days.chain(({ first, count }) =>
  fc
    .array(fc.tuple(fc.constantFrom('W1', 'Río-2'), cell(decimals(-20, 40)), cell(decimals(0, 100)), cell(decimals(0, 30))), { minLength: count, maxLength: count })
    .map((rows) => rows.map(([station, ...values], row) => [station, `${new Date(Date.UTC(2026, 4, 1 + first + row)).toISOString().slice(0, 10)}T06:00:00Z`, ...values].join(',')).join('\n')),
); // biome-ignore format: an arbitrary

const buoyRows = days.chain(({ first, count }) =>
  fc
    .array(fc.tuple(decimals(0, 30), cell(fc.oneof(decimals(0, 900), fc.integer({ min: 1_000, max: 90_000 }).map(String)))), { minLength: count, maxLength: count })
    .map((rows) => rows.map((values, row) => {
      const date = new Date(Date.UTC(2026, 4, 1 + first + row));
      return [`${day(date.getUTCDate())}/${day(date.getUTCMonth() + 1)}/2026 12:00`, ...values].join(';');
    }).join('\n')),
); // biome-ignore format: an arbitrary

const gadgetReader: Reader = {
  ...{ dataset: gadgetTelemetry, time: 'timestamp', sensor: 'gadget', order: 'iso', instant: iso },
  fields: { battery: 'battery', signal: 'signal', temperature: 'temperature', firmware: 'firmware' },
};
const gadgetRows = days.chain(({ first, count }) =>
  fc
    .array(fc.tuple(fc.constantFrom('g-1', 'g-2'), decimals(0, 100), decimals(-140, -10), cell(decimals(-20, 60)), fc.constantFrom('v1.0', 'v1.2')), { minLength: count, maxLength: count })
    .map((rows) => rows.map(([gadget, ...values], row) => [gadget, `${new Date(Date.UTC(2026, 4, 1 + first + row)).toISOString().slice(0, 10)}T06:00:00.250Z`, ...values].join(',')).join('\n')),
); // biome-ignore format: an arbitrary

const header = {
  weather: 'station,time,temp,hum,wind',
  buoy: 'Fecha;Temperatura (°C);Iluminancia (lx)',
  gadget: 'gadget,timestamp,battery,signal,temperature,firmware',
};

/** The same rows as JSON, a line each. */
function asJson(csv: Original): Original {
  const names: Readonly<Record<string, string>> = {
    station: 'sensorId',
    gadget: 'sensorId',
    time: 'timestamp',
  };
  return { ...csv, format: 'ndjson', header: csv.header.map((column) => names[column] ?? column) };
}

/** A real file, or one of its shape with other rows. */
export const originals: fc.Arbitrary<Original> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...files) },
  { weight: 2, arbitrary: weatherRows.map((rows) => original('weather', `${header.weather}\n${rows}`, weatherReader)) },
  { weight: 2, arbitrary: buoyRows.map((rows) => original('buoy', `${header.buoy}\n${rows}`, buoyReader)) },
  { weight: 1, arbitrary: gadgetRows.map((rows) => original('gadget', `${header.gadget}\n${rows}`, gadgetReader)) },
  { weight: 2, arbitrary: weatherRows.map((rows) => asJson(original('weather as JSON', `${header.weather}\n${rows}`, weatherReader))) },
  { weight: 1, arbitrary: gadgetRows.map((rows) => asJson(original('gadget as JSON', `${header.gadget}\n${rows}`, gadgetReader))) },
); // biome-ignore format: a table
