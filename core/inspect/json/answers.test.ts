import { describe, expect, test } from 'vitest';
import { inspected, readAsInspected } from '../../../test/support/inspected.ts';
import type { Answers } from '../finding.ts';

const hours = [0, 1, 2];
const iso = (hour: number) => `2026-06-13T0${hour}:00:00.000Z`;
const seconds = (hour: number) => Date.parse(iso(hour)) / 1000;
const read = (document: unknown, answers?: Answers) =>
  readAsInspected('a.json', JSON.stringify(document), answers);
const told = (document: unknown, subject: string, answers?: Answers) =>
  inspected('a.json', JSON.stringify(document), answers)
    .findings.filter((finding) => finding.subject === subject)
    .map(({ certainty, value }) => `${certainty}: ${value}`); // biome-ignore format: short

/** Answers of servers, which tell when they were given and how long that took, beside what was measured; made up. */
describe('Netatmo', () => {
  const answer = { status: 'ok', time_exec: 0.04, time_server: seconds(9) };

  test('values in steps from a start are told, with the way out', () => {
    const body = [{ beg_time: seconds(0), step_time: 3600, value: hours.map((hour) => [hour + 0.5, 60]) }];
    expect(() => inspected('a.json', JSON.stringify({ body, ...answer }))).toThrow(
      'the values at $.body[*].value have no times of their own, but stand in steps by step_time from beg_time: have them written with a time each (of Netatmo with optimize=false)',
    );
    const rrd = { meta: { start: seconds(0), end: seconds(3), step: 3600, legend: ['t'] }, data: hours.map((hour) => [hour + 0.5]) };
    expect(() => inspected('a.json', JSON.stringify(rrd))).toThrow('the values at $.data have no times of their own');
  });

  test('lists under their times are read at these', async () => {
    const body = Object.fromEntries(hours.map((hour) => [seconds(hour), [hour + 0.5, 60]]));
    const { found, readings } = await read({ body, ...answer }, { sensorId: 's' });
    expect(found.measures.map(({ column }) => column)).toEqual(['element 1', 'element 2']);
    expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5, 60]));
  });

  test('a station and its modules: each by its own time, and which is the sensor is asked', async () => {
    const module = (id: string, at: number, data: object) => ({
      ...{ _id: id, module_name: `name of ${id}`, firmware: 50, last_message: seconds(at) + 99 },
      dashboard_data: { time_utc: seconds(at), date_max_temp: seconds(0), max_temp: 20, ...data },
    });
    const station = { ...module('s', 2, { Temperature: 9, CO2: 500 }), station_name: 'home', date_setup: 1435834348 };
    const modules = [module('a', 0, { Temperature: 15.5 }), module('b', 1, { Rain: 0.1 })];
    const document = { body: { devices: [{ ...station, modules }] }, ...answer };
    expect(inspected('a.json', JSON.stringify(document)).questions).toEqual([
      expect.objectContaining({ subject: 'sensor', options: ['--sensor-column _id', '--sensor-column station_name'] }),
    ]);
    const { found, readings } = await read(document, { sensorColumn: '_id' });
    expect(found.measures.map(({ column }) => column)).toEqual(['max_temp', 'Temperature', 'Rain']);
    expect(readings).toEqual([[iso(0), 'a', 20, 15.5, null], [iso(1), 'b', 20, null, 0.1]]);
    expect(found.unread).toContainEqual({
      column: 'CO2',
      reason: 'it stands around the records, beside a time of its own: it is of another reading',
    });
    expect(found.unread).toContainEqual({ column: 'last_message', reason: 'by its numbers it has times, near those that are read' });
  });
}); // biome-ignore format: short

describe('Frost', () => {
  const observation = (elementId: string, value: number, unit: string, more: object = {}) => ({
    ...{ elementId, value, unit, timeOffset: 'PT0H', timeResolution: 'PT1H', qualityCode: 0 },
    level: { levelType: 'height_above_ground', unit: 'm', value: 2 },
    ...more,
  });
  const answer = (observations: (hour: number) => readonly object[]) => ({
    ...{ '@type': 'ObservationResponse', createdAt: iso(9), queryTime: 0.05, currentItemCount: 3, itemsPerPage: 3, offset: 0 },
    data: hours.map((hour) => ({ sourceId: 'SN18700:0', referenceTime: iso(hour), observations: observations(hour) })),
  });

  test('observations have the time and the source of what they are in', async () => {
    const document = answer((hour) => [observation('air_temperature', hour + 0.5, 'degC'), observation('wind_speed', 3, 'm/s')]);
    const { found, readings, rejected } = await read(document);
    expect(found.measures.map(({ column, unit }) => `${column}, ${unit}`)).toEqual(['air_temperature, degC', 'wind_speed, m/s']);
    expect([readings, rejected]).toEqual([hours.map((hour) => [iso(hour), 'SN18700:0', hour + 0.5, 3]), []]);
  });

  test('values that only their level tells apart, and an offset of the time, are told', () => {
    const twice = answer((hour) => [observation('soil', hour, 'degC'), observation('soil', 9, 'degC', { level: { unit: 'cm', value: 50 } })]);
    expect(told(twice, 'values of one time')).toEqual(['guessed: 3 of 6']);
    const daily = answer((hour) => [observation('sum(precipitation P1D)', hour, 'mm', { timeOffset: 'PT6H' }), observation('t', 1, 'degC')]);
    expect(told(daily, 'time offset')).toEqual(['guessed: timeOffset']);
  });
}); // biome-ignore format: short

test('of O&M the time of the phenomenon is read, and that of the result is told', async () => {
  const records = hours.map((hour) => ({ resultTime: iso(hour + 3), phenomenonTime: iso(hour), feature: 'f', result: hour + 0.5, uom: 'm' }));
  const { readings } = await read(records, { sensorId: 's' });
  expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5]));
  expect(told(records, 'time column')).toEqual(['guessed: phenomenonTime']);
}); // biome-ignore format: short

test('a time that by its name is of the server is never certain', () => {
  for (const name of ['time_server', 'received_at', 'resultTime', 'createdAt', 'generated']) {
    const records = hours.map((hour) => ({ [name]: iso(hour), t: hour }));
    expect(told(records, 'time')).toEqual([`guessed: ${name} as iso`]);
    expect(told(records.map((each, hour) => ({ ...each, at: iso(hour) })), 'time')).toEqual(['certain: at as iso']);
  }
}); // biome-ignore format: short

test('the time around records goes before one at which they were stored', async () => {
  const document = { time: iso(0), values: [{ name: 't', value: 1, updatedAt: iso(5) }, { name: 'h', value: 2, updatedAt: iso(6) }] };
  const { readings } = await read([document], { sensorId: 's' });
  expect(readings.map(([time]) => time)).toEqual([iso(0)]);
}); // biome-ignore format: short

test('OpenWeatherMap: what tells of the answer is no measure, and what stands around records is told', () => {
  const document = {
    ...{ cod: '200', message: 0, cnt: 3, calctime: 0.005 },
    list: hours.map((hour) => ({ dt: seconds(hour), main: { temp: 290 + hour } })),
    city: { id: 1, name: 'London', population: 9_000_000, timezone: 3600, sunrise: seconds(4), sunset: seconds(9) },
  };
  const { measures } = inspected('a.json', JSON.stringify(document));
  expect(measures.map(({ column }) => column)).toEqual(['temp', 'population']);
  expect(told(document, 'values around records')).toEqual(['guessed: population']);
}); // biome-ignore format: short

describe('units', () => {
  const of = (records: readonly object[]) =>
    inspected('a.json', JSON.stringify(records)).measures.map(({ column, unit }) => `${column}, ${unit}`);

  test('stand beside each value, with the name of their vocabulary', () => {
    const records = hours.map((hour) => ({
      ...{ timestamp: iso(hour), elevation: { unitCode: 'wmoUnit:m', value: 27 } },
      temperature: { unitCode: 'wmoUnit:degC', value: hour, qualityControl: 'V' },
      windSpeed: { unitCode: 'wmoUnit:km_h-1', value: hour },
      rain: hour,
      rain_unit: 'mm',
    }));
    expect(of(records)).toEqual(['@.elevation.value, m', '@.temperature.value, °C', '@.windSpeed.value, km/h', 'rain, mm']);
  });

  test('that are several beside one value are told', () => {
    const records = hours.map((hour) => ({ timestamp: iso(hour), temp: { value: 20 + hour, unit: hour ? '°C' : '°F' }, rh: { value: 60, unit: '%' } }));
    expect(of(records)).toEqual(['@.temp.value, unknown', '@.rh.value, %']);
    expect(told(records, 'units')).toEqual(['guessed: °F, °C']);
  });

  test('of another value are not taken for that of the only one', () => {
    expect(of(hours.map((hour) => ({ timestamp: iso(hour), temp: hour, height: { unit: 'm', value: 'low' } })))).toEqual(['temp, unknown']);
    expect(of(hours.map((hour) => ({ timestamp: iso(hour), temp: hour, unit: '°C' })))).toEqual(['temp, °C']);
  });
}); // biome-ignore format: short

test('a list of times in order is that of the records, whatever the document says of itself', async () => {
  const value = [0, 1, 2, 3, 4, 5].map((hour) => ({ date: seconds(hour) * 1000, value: `${hour}.5`, quality: 'G' }));
  const document = { value, updated: seconds(9) * 1000, station: { key: '188790', height: 2 }, period: { from: seconds(0) * 1000 } };
  const { readings } = await read(document, { sensorId: 's' });
  expect(readings.map(([time, , value]) => [time, value])).toEqual(value.map(({ date, value }) => [new Date(date).toISOString(), Number(value)]));
}); // biome-ignore format: short

test('values under their times, by parameters with a unit each, whatever the list is called', async () => {
  const list = (value: (hour: number) => string) => Object.fromEntries(hours.map((hour) => [seconds(hour), value(hour)]));
  const data = { outdoor: { temperature: { unit: '℃', list: list((hour) => `${hour}.5`) }, humidity: { unit: '%', list: list(() => '60') } } };
  const { found, readings } = await read({ code: 0, msg: 'success', time: String(seconds(9)), data }, { sensorId: 's' });
  expect(found.measures.map(({ name, unit }) => `${name}, ${unit}`)).toEqual(['temperature, ℃', 'humidity, %']);
  expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5, 60]));
}); // biome-ignore format: short

test('values in lists have the names and units that the document has for them, as a guess', async () => {
  const fields = [{ name: 'AirTC_Avg', units: 'Deg C', process: 'Avg' }, { name: 'RH', units: '%', process: 'Smp' }];
  const head = { transaction: 0, signature: 38611, environment: { station_name: 'met10', serial_no: '5632' }, fields };
  const document = { head, data: hours.map((hour) => ({ no: hour, time: iso(hour), vals: [hour + 0.5, 60] })), more: false };
  const { found, readings } = await read(document, { sensorId: 's' });
  expect(found.measures.map(({ column, unit }) => `${column}, ${unit}`)).toEqual(['AirTC_Avg, °C', 'RH, %']);
  expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5, 60]));
  expect(told(document, 'names of values', { sensorId: 's' })).toEqual(['guessed: of those at @.vals']);
}); // biome-ignore format: short

test('a forecast: lists of one value are values, at the times around them that vary', async () => {
  const parameter = (name: string, value: number) => ({ name, levelType: 'hl', level: 2, unit: name === 't' ? 'Cel' : '%', values: [value] });
  const timeSeries = hours.map((hour) => ({ validTime: iso(hour), parameters: [parameter('t', hour + 0.5), parameter('r', 60)] }));
  const { readings } = await read({ approvedTime: iso(5), referenceTime: iso(4), timeSeries }, { sensorId: 's' });
  expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5, 60]));
}); // biome-ignore format: short

describe('lists in several places of a document', () => {
  test('have the times of the one that has them, the names of what they are in, and are guessed at where only their place tells them apart', async () => {
    const data = [
      { name: 'Air temperature', unit: '°C', ch: 18, aggr: ['avg', 'max'], values: { avg: hours.map((hour) => hour + 0.5), max: hours.map(() => 20) } },
      { name: 'Precipitation', unit: 'mm', ch: 5, aggr: ['sum'], values: { sum: hours.map(() => null) } },
    ];
    const { found, readings } = await read({ dates: hours.map(iso), data }, { sensorId: 's' });
    expect(found.measures.map(({ column, unit }) => `${column}, ${unit}`)).toEqual(['Air temperature avg, °C', 'Air temperature max, °C']);
    expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5, 20]));
    expect(found.findings).toContainEqual(expect.objectContaining({ subject: 'names of values', certainty: 'guessed' }));
  });

  test('as CoverageJSON has them, by their names', async () => {
    const domain = { type: 'Domain', axes: { x: { values: [10] }, t: { values: hours.map(iso) } } };
    const parameters = { temp: { type: 'Parameter', unit: { symbol: '°C' } } };
    const ranges = { temp: { type: 'NdArray', axisNames: ['t'], shape: [3], values: hours } };
    const { found, readings } = await read({ type: 'Coverage', domain, parameters, ranges }, { sensorId: 's' });
    expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour]));
    expect([found.definition.formats?.[0], found.measures[0]?.name]).toMatchObject([{ records: '$.domain.axes.t.values[*]' }, 'temp']);
    expect(found.findings.filter(({ subject }) => subject === 'names of values')).toEqual([]);
  });

  test('are none where two of them have times', () => {
    const document = { a: { from: hours.map(iso) }, b: { to: hours.map(iso) }, c: { t: hours } };
    expect(() => inspected('a.json', JSON.stringify(document))).not.toThrow(/several places/);
    expect(inspected('a.json', JSON.stringify({ a: { from: hours.map(iso), t: hours } })).measures).toHaveLength(1);
  });
}); // biome-ignore format: short

test('stations under their times: each is a sensor, as a guess', async () => {
  const document = Object.fromEntries(hours.map((hour) => [iso(hour).slice(0, 16), { 1200535: { t: hour, p: 1000 }, 1210881: { t: hour + 9, p: 1001 } }]));
  const { found, readings } = await read(document, { zone: 'UTC' });
  expect(readings.slice(0, 2)).toEqual([[iso(0), '1200535', 0, 1000], [iso(0), '1210881', 9, 1001]]);
  expect(found.findings).toContainEqual(expect.objectContaining({ subject: 'sensor', certainty: 'guessed' }));
}); // biome-ignore format: short

test('where nothing says when, it is told what there is', () => {
  const items = hours.map((hour) => ({ at: `the ${hour}th`, temp: { N: '1' } }));
  expect(() => inspected('a.json', JSON.stringify({ Items: items, Count: 3 }))).toThrow(
    'no value of it says when; it has $.Items[*].at, $.Items[*].temp.N, $.Count',
  );
});

test('members of one name each, as of DynamoDB, are read beside others', async () => {
  const Items = hours.map((hour) => ({ pk: { S: 'A' }, ts: { N: String(seconds(hour)) }, temp: { N: `${hour}.5` } }));
  const { readings } = await read({ Items, Count: 3 }, { sensorId: 's' });
  expect(readings).toEqual(hours.map((hour) => [iso(hour), 's', hour + 0.5]));
}); // biome-ignore format: short
