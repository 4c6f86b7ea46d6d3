import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../dataset/dataset.ts';
import { Assembly, type Part } from './assembly.ts';

const air = defineDataset({
  ...{ name: 'air', timeZone: 'UTC', shards: 1 },
  measures: { no2: { unit: 'ppb', min: 0, max: 500, optional: true }, o3: { unit: 'ppb', min: 0, max: 500, optional: true } },
}); // biome-ignore format: short
const given = { arrivedMs: Date.UTC(2026, 0, 1), isStored: true };

const part = (lineNumber: number, hour: number, fields: Part['fields'], sensorId = 'A'): Part => ({
  ...{ lineNumber, text: `line ${lineNumber}`, sensorId, fields },
  ...{ timestampMs: Date.UTC(2025, 0, 1, hour), shown: `${hour}` },
});

const told = (
  settled: readonly { lineNumber: number; outcome: ReturnType<Assembly['end']>[number]['outcome'] }[],
) =>
  settled.map(({ lineNumber, outcome }) => [
    lineNumber,
    outcome.kind === 'rejected' ? outcome.reason : outcome.reading.values,
  ]);

test('past its bound it closes what was begun first, and rejects what comes for that', () => {
  const assembly = new Assembly(air, given, { parts: 3, characters: 1_000 });
  const settled = [
    part(1, 0, { no2: 1 }),
    part(2, 0, { o3: 2 }),
    part(3, 1, { no2: 3 }),
    part(4, 2, { no2: 4 }), // one too many: 0 h is closed
    part(5, 0, { no2: 5 }),
    part(6, 1, { o3: 6 }),
    part(7, 0, { no2: 7 }, 'B'), // another series; one too many again
    part(8, 1, { o3: 8 }),
  ].flatMap((each) => [...assembly.add(each)]);
  expect(told(settled)).toEqual([[1, [1, 2]], [5, 'late-value'], [3, [3, 6]], [8, 'late-value']]);
  expect(told(assembly.end())).toEqual([[4, [4, null]], [7, [7, null]]]);
  expect(assembly.joined).toBe(2);
}); // biome-ignore format: values

test('it holds so many characters, too', () => {
  const assembly = new Assembly(air, given, { parts: 100, characters: 13 });
  expect(assembly.add(part(1, 0, { no2: 1 }))).toEqual([]);
  expect(assembly.add(part(2, 1, { no2: 1 }))).toEqual([]);
  expect(told(assembly.add(part(3, 2, { no2: 1 })))).toEqual([[1, [1, null]]]);
});

test('whatever the order, within its bounds each part is in the one reading of its sensor and time, or told of', () => {
  const parts = fc.array(fc.record({ hour: fc.nat(3), sensorId: fc.constantFrom('A', 'B'), name: fc.constantFrom('no2', 'o3'), value: fc.nat(2) }), { maxLength: 12 });
  fc.assert(
    fc.property(parts, fc.infiniteStream(fc.nat()), (rows, random) => {
      const read = (order: typeof rows) => {
        const assembly = new Assembly(air, given);
        for (const [at, { hour, sensorId, name, value }] of order.entries()) assembly.add(part(at, hour, { [name]: value }, sensorId));
        const settled = assembly.end();
        expect(settled.length + assembly.joined).toBe(order.length);
        return settled.map(({ outcome }) => (outcome.kind === 'rejected' ? outcome.reason : JSON.stringify(outcome.reading))).sort();
      };
      const shuffled = rows.map((row) => ({ row, key: random.next().value })).toSorted((a, b) => a.key - b.key).map(({ row }) => row);
      const readings = read(rows);
      expect(read(shuffled)).toEqual(readings);
      const identities = readings.flatMap((text) => (text.startsWith('{') ? [text.slice(0, text.indexOf('"revision"'))] : []));
      expect(new Set(identities).size).toBe(identities.length);
    }),
  );
}); // biome-ignore format: a step a line
