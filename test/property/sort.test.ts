import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortedOrder } from '../../core/set/sort.ts';

test('rows are sorted by rank, time and row, however many came late', () => {
  const rows = fc.integer({ min: 1, max: 4 }).chain((sensors) =>
    fc.tuple(
      fc.shuffledSubarray(
        Array.from({ length: sensors }, (_, rank) => rank),
        { minLength: sensors },
      ),
      fc.array(fc.tuple(fc.nat(sensors - 1), fc.boolean(), fc.nat(20)), { maxLength: 200, size: 'max' }),
      fc.constantFrom(1, 1e13),
      fc.boolean(),
    ),
  );
  fc.assert(
    fc.property(rows, ([ranks, steps, scale, mostlyAscends]) => {
      const sensor = Uint32Array.from(steps, ([number]) => number);
      const times = steps.map(([, isLate, step], row) => {
        return scale * (mostlyAscends && !(isLate && row % 7 === 0) ? row : step);
      });
      const timestampMs = Float64Array.from(times);
      const found = sortedOrder({ sensor, timestampMs, length: steps.length }, Uint32Array.from(ranks));
      const rank = (row: number) => ranks[sensor[row] as number] as number;
      const expected = times
        .map((_, row) => row)
        .sort((a, b) => rank(a) - rank(b) || (times[a] as number) - (times[b] as number) || a - b);
      expect([...found.rows]).toEqual(expected);
      expect([...found.timestampMs]).toEqual(expected.map((row) => times[row]));
      expect([...found.starts]).toEqual(
        Array.from({ length: ranks.length + 1 }, (_, at) => expected.filter((row) => rank(row) < at).length),
      );
    }),
    { numRuns: 2_000 },
  );
});
