import { expect, test } from 'vitest';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { statisticsByDay } from '../../../core/statistics/statistics.ts';
import waterTemperature from '../../../datasets/water-temperature.ts';
import { computeDays } from './day-statistics.ts';

const builder = new ColumnsBuilder(waterTemperature);
for (let index = 0; index < 60_000; index++) {
  builder.add({
    sensorId: `sensor-${index % 5}`,
    timestampMs: Date.UTC(2026, 2, 2) + index,
    revision: 0,
    values: [index % 17, (index % 13) / 10],
    attributes: [],
  });
}
const columns = builder.build();

test('are the statistics of the sensors that are asked for', async () => {
  const asked = ['sensor-1', 'sensor-4', 'nobody'];
  const computed = await computeDays(waterTemperature, columns, asked);
  expect(computed).toEqual(statisticsByDay(waterTemperature, columns, new Set(asked)));
  expect([...computed.keys()]).toEqual(['sensor-1', 'sensor-4']);
});

test('leave the event loop its turns', async () => {
  let turns = 0;
  let running = true;
  const turn = (): void => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await computeDays(waterTemperature, columns, columns.sensors);
  running = false;
  expect(turns).toBeGreaterThan(1);
});
