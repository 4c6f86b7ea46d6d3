import { describe, expect, test } from 'vitest';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import stockTicks from '../../datasets/stock-ticks.ts';
import { defaultSeries, type MqttSeries, readMqttLine, readMqttSensor } from './mqtt-series.ts';

const datasets = [gadgetTelemetry, stockTicks];
const payload = { timestamp: '2026-05-01T00:00:00Z', battery: 50, signal: -70 };

/** The series of a line, or why there is none. */
function seriesOf(series: MqttSeries | undefined, topic: string, message: object): string {
  if (series === undefined) throw new Error('no series was read');
  const text = JSON.stringify(message);
  const line = readMqttLine(text, {
    topic,
    series,
    dataset: gadgetTelemetry,
    datasets,
    arrivedMs: Date.now(),
  });
  return line.kind === 'reading' ? line.reading.sensorId : `${line.reason}: ${line.detail}`;
}

describe('a level of the topic', () => {
  test.each([
    ['2', 'tele/kitchen/SENSOR', 'kitchen'],
    ['-2', 'tele/kitchen/SENSOR', 'kitchen'],
    ['1', 'Río 2/SENSOR', 'Río 2'],
    ['-1', 'a/b', 'b'],
  ])('%s of %s names the series', (typed, topic, series) => {
    expect(seriesOf(readMqttSensor(typed), topic, payload)).toBe(series);
  });

  test('that is not there, or can be no id, is told where the message names no series', () => {
    expect(seriesOf(readMqttSensor('4'), 'a/b', payload)).toMatch(
      /^missing-field: .*the topic "a\/b" has no level 4/,
    );
    expect(seriesOf(readMqttSensor('2'), 'a//b', payload)).toMatch(
      /^missing-field: .*level 2 of the topic is "": it is empty/,
    );
    expect(seriesOf(readMqttSensor('4'), 'a/b', { ...payload, sensorId: 'own' })).toBe('own');
  });
});

describe('a member of the message', () => {
  test.each<[string, object, string]>([
    ['$.device', { device: 'g1' }, 'g1'],
    ['$.device.id', { device: { id: 7 } }, '7'],
    ["$['device id']", { 'device id': 'g1' }, 'g1'],
    ['$["a"].b', { a: { b: 'g1' } }, 'g1'],
    ['$.sensorId', { sensorId: 'g1' }, 'g1'],
  ])('%s of %j names the series, and is no field', (typed, more, series) => {
    expect(seriesOf(readMqttSensor(typed), 'x', { ...payload, ...more })).toBe(series);
  });

  test('that is missing, no id, or one name of two is told', () => {
    const series = readMqttSensor('$.device.id');
    expect(seriesOf(series, 'x', payload)).toMatch(
      /^missing-field: .*\$\.device\.id is not in the message either/,
    );
    expect(seriesOf(series, 'x', { ...payload, sensorId: 'own' })).toBe('own');
    expect(seriesOf(series, 'x', { ...payload, sensorId: 'own', device: { id: 'g1' } })).toMatch(
      /^unknown-field: .*both given/,
    );
    expect(seriesOf(series, 'x', { ...payload, device: { id: [1] } })).toMatch(
      /^invalid-sensor-id: \$\.device\.id is \[1\]: neither/,
    );
    expect(seriesOf(series, 'x', { ...payload, device: { id: 'g1', model: 'm' } })).toMatch(
      /^unknown-field: "device"/,
    );
    const read = (text: string) =>
      readMqttLine(text, { topic: 'x', series: series as MqttSeries, dataset: gadgetTelemetry, datasets, arrivedMs: Date.now() }); // biome-ignore format: short
    expect(read('{"device":{"id":"g1","model":"m","id":"g2"}}')).toMatchObject({
      reason: 'unknown-field',
      detail: expect.stringContaining('"id" is given twice'),
    });
    expect(read('{')).toMatchObject({ reason: 'not-json' });
  });

  test('goes together with messages that name their dataset', () => {
    const text = JSON.stringify({ ...payload, dataset: 'gadget-telemetry', device: 'g1' });
    const series = readMqttSensor('$.device') as MqttSeries;
    expect(
      readMqttLine(text, { topic: 'x', series, dataset: undefined, datasets, arrivedMs: Date.now() }),
    ).toMatchObject({
      reading: { sensorId: 'g1' },
    });
  });
});

test.each(['0', '-0', '1.5', 'x', '$', '$.', '$..a', '$.a[0]', "$['a", ''])('%s names nothing', (typed) => {
  expect(readMqttSensor(typed)).toBeUndefined();
});

test('by default the last level names the series, unless all messages would have the same one', () => {
  for (const filter of ['gadgets/+', 'a/#', 'a/b'])
    expect(defaultSeries(filter)).toEqual({ kind: 'level', level: -1 });
  const none = defaultSeries('tele/+/SENSOR');
  expect(seriesOf(none, 'tele/kitchen/SENSOR', payload)).toMatch(/^missing-field: .*give --mqtt-sensor/);
  expect(seriesOf(none, 'tele/kitchen/SENSOR', { ...payload, sensorId: 'own' })).toBe('own');
});
