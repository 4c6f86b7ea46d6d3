import { describe, expect, test } from 'vitest';
import { labelOf } from './column-label.ts';
import { expectedEveryOf } from './intervals.ts';
import { measuresOf } from './measures.ts';
import { sentinelsOf } from './sentinels.ts';
import { unitBounds, unitOf } from './unit-bounds.ts';

const found = (name: string, cells: readonly string[], units = {}) =>
  measuresOf([{ name, cells, below: [] }], { notation: { decimal: '.' }, answers: { units }, known: [] });

describe('names and units of columns', () => {
  test.each([
    ['Temperatura (°C)', 'temperatura', '°C'],
    ['AirTC_Avg', 'airTCAvg', undefined],
    ['Rain_mm_Tot', 'rainTot', 'mm'],
    ['Temp, °F (S/N 1)', 'temp', '°F'],
    ['wind_ms', 'wind', 'm/s'],
    ['T_C', 't', '°C'],
    ['PM2.5 [ug/m3]', 'pm2_5', 'µg/m³'],
    ['RH', 'rh', undefined],
    ['date', 'date2', undefined],
    ['температура', 'value', undefined],
    ['2m temp', 'value2mTemp', undefined],
    ['Vitamin C', 'vitamin', '°C'],
    ['Rain_in', 'rain', 'in'],
    ['SW_IN', 'swIN', undefined],
    ['Temp In', 'tempIn', undefined],
    ['humidity_in', 'humidityIn', undefined],
    ['Temp_F', 'temp', '°F'],
    ['WS_F', 'wsF', undefined],
    ['T_db', 'tDb', undefined],
    ['Temp (deg)', 'tempDeg', undefined],
    ['Wind dir (deg)', 'windDir', '°'],
  ])('%s is %s in %s', (column, name, unit) => {
    expect(labelOf(column, new Set())).toEqual({ name, unit });
  });

  test('two columns of one name have two names', () => {
    const taken = new Set<string>();
    expect(['Temp', 'temp (°C)'].map((column) => labelOf(column, taken).name)).toEqual(['temp', 'temp2']);
  });

  test('each unit with bounds is spelled in some way', () => {
    for (const unit of Object.keys(unitBounds)) expect(unitOf(unit), unit).toBe(unit);
  });
});

describe('bounds', () => {
  test('are those of the unit, and never such that they reject what the file has', () => {
    expect(found('T (°C)', ['1', '20']).measures).toMatchObject([{ min: -90, max: 60 }]);
    const [wide] = found('RH (%)', ['50', '104']).measures;
    expect(wide).toMatchObject({ min: 0, max: 200, range: { min: 50, max: 104 } });
    expect(wide?.findings.find(({ subject }) => subject === 'bounds of rh')).toMatchObject({
      certainty: 'guessed',
      reason: expect.stringContaining('50 to 104'),
    });
  });

  test('of no known unit are far around the values, and guessed', () => {
    expect(found('x', ['1', '250']).measures).toMatchObject([
      { unit: 'unknown', min: -100_000, max: 100_000 },
    ]);
  });

  test('are numbers that a dataset takes, however small or large those of the file are', () => {
    const [tiny, huge] = [found('RH %', ['-5e-324', '5']), found('RH %', ['1e300', '5'])];
    expect(tiny.measures).toMatchObject([{ min: -1e-15, max: 100 }]);
    expect(huge.measures).toMatchObject([{ min: 0, max: 1e15 }]);
    expect(found('x', ['1e300', '5']).measures).toMatchObject([{ min: -1e15, max: 1e15 }]);
    expect(found('x', ['123456789012345678', '223456789012345678'])).toMatchObject({
      measures: [],
      unread: [{ reason: expect.stringContaining('as ids are') }],
    });
  });

  test('of a column in which all stands for nothing are those of its unit', () => {
    const [empty] = found('Pressure (hPa)', ['-999', '-999']).measures;
    expect(empty).toMatchObject({ min: 300, max: 1100, range: undefined, nothing: [-999] });
  });

  test('the owner may say the unit', () => {
    expect(found('x', ['1'], { x: '°C' }).measures).toMatchObject([{ unit: '°C', min: -90, max: 60 }]);
  });
});

describe('what stands for nothing', () => {
  test.each([
    [[12, 13, -999], '°C', [-999], []],
    [[80, 81, -99], undefined, [], [-99]],
    [[80, 81, -7999], '%', [-7999], []],
    [[900, 950, 999], 'hPa', [], []],
    [[-99, -50, -120], 'dBm', [], []],
    [[1, 2, 3], '°C', [], []],
    [[-9999, -9999], undefined, [], [-9999]],
  ])('of %j in %s surely %j and probably %j do', (values, unit, sure, likely) => {
    expect(sentinelsOf(values, unit, new Set())).toEqual({ sure, likely });
  });

  test('a word among numbers does, as a guess; the usual ones need not be said', () => {
    const [measure] = found('x', ['1', '2', 'ERR', 'NA', '---', '', '3*']).measures;
    expect(measure?.nothing).toEqual(['ERR']);
  });
});

test.each([
  ['n', ['1', '2', '3'], 'numbers the rows'],
  ['Latitude', Array<string>(20).fill('51.5'), 'where the sensor stands'],
  ['note', ['wet', 'dry', '1'], 'texts'],
  ['calibrated', ['2026-01-01', '2026-01-01'], 'times'],
  ['empty', ['', 'NA'], 'nothing stands in it'],
  ['', ['1'], 'no name'],
])('the column %j is no measure', (name, cells, reason) => {
  expect(found(name, cells)).toMatchObject({
    measures: [],
    unread: [{ reason: expect.stringContaining(reason) }],
  });
});

test('an interval is what most steps are, if there are some', () => {
  const times = (...minutes: number[]) => minutes.map((minute) => minute * 60_000);
  expect(expectedEveryOf([times(0, 10, 20, 30, 50)])).toBe('10 minutes');
  expect(expectedEveryOf([times(0, 60, 120), times(30, 90)])).toBe('1 hour');
  expect(expectedEveryOf([times(0, 10)])).toBeUndefined();
  expect(expectedEveryOf([times(0, 1, 5, 30, 100, 107)])).toBeUndefined();
});

test('times in digits beside the time, and fractions of its second, are no measures', () => {
  const reasonOf = (name: string, ...cells: string[]) => found(name, cells).unread[0]?.reason;
  expect(reasonOf('TIMESTAMP_END', '202603201030', '202603201100')).toBe('it has times');
  expect(reasonOf('received_time', '1784505600123', '1784505660123')).toBe('it has times');
  expect(reasonOf('server_ts', '1784505600', '1784505660')).toBe('it has times');
  expect(reasonOf('offsetInNanos', '500000000', '0')).toContain('fraction of a second');
  expect(reasonOf('uptime', '202603', '202604')).toBeUndefined();
});
