import { describe, expect, test } from 'vitest';
import { inspectsEach } from '../../../test/support/inspect-cases.ts';
import { inspected, readAsInspected } from '../../../test/support/inspected.ts';

inspectsEach({
  'a column a sensor.csv': {
    bytes:
      'Time,P1 T (°C),P1 VWC (%),P2 T (°C),P2 VWC (%)\n2026-05-01T00:00:00Z,10.5,20,11.5,30\n2026-05-01T01:00:00Z,10.6,21,,31\n',
    asks: ['sensor'],
    answers: { sensorColumns: ['{sensorId} T (°C)', '{sensorId} VWC (%)'] },
    measures: { 'T (°C)': '°C', 'VWC (%)': '%' },
    first: ['2026-05-01T00:00:00.000Z', 'P1', 10.5, 20],
    readings: 4,
  },
});

describe('columns that may be sensors', () => {
  const table = (...names: readonly string[]) => {
    const row = (hour: number) =>
      `2026-05-01T0${hour}:00:00Z,${names.map((_, at) => hour + at / 10).join(',')}`;
    return `Time,${names.join(',')}\n${row(0)}\n${row(1)}\n`;
  };
  const asked = (...names: readonly string[]) => inspected('a.csv', table(...names)).questions[0];

  test.each([
    [['T1', 'T2', 'T3'], 'T{sensorId}'],
    [['Temp1 (°C)', 'Temp2 (°C)'], 'Temp{sensorId} (°C)'],
    [['North T_C', 'South T_C'], '{sensorId} T_C'],
  ])('%j: the owner is asked, with what describes them', async (names, pattern) => {
    const question = asked(...names);
    expect(question?.text).toContain(`Columns called ${pattern}`);
    expect(question?.options[0]).toBe(`--sensor-columns '${pattern}'`);
    const { readings, found } = await readAsInspected('a.csv', table(...names), { sensorColumns: [pattern] });
    expect([found.questions, readings.length]).toEqual([[], names.length * 2]);
  });

  test('are none where their names are of different things', () => {
    expect(asked('Temp', 'Hum', 'Rain')?.text).not.toContain('Columns');
    expect(asked('Air temp', 'Air hum')?.text).not.toContain('Columns');
  });

  test('are looked for where the owner says so', () => {
    const bytes = table('T1', 'T2');
    expect(() => inspected('a.csv', bytes, { sensorColumns: ['X{sensorId}'] })).toThrow(
      'there are Time, T1, T2',
    );
    expect(() => inspected('a.csv', bytes, { sensorColumns: ['T1'] })).toThrow(
      '{sensorId} stands in it once',
    );
  });
});
