import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import type { DatasetDefinition } from '../../core/dataset/definition.ts';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import { splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { decodePart, encodeParts } from '../../core/partition/parts.ts';
import { type Columns, readingAt } from '../../core/set/columns.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { union } from '../../core/set/union.ts';
import { mergeStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';

const definition: DatasetDefinition = {
  name: 'levels',
  timeZone: 'Europe/Madrid',
  shards: 2,
  measures: {
    level: { unit: 'm', min: -1e15, max: 1e15 },
    flow: { unit: 'm³/s', min: 0, max: 9, optional: true },
  },
  attributes: { note: { maxLength: 3, optional: true } },
  alerts: { flood: { measure: 'level', above: 1, below: -1 } },
};
const dataset = defineDataset(definition);

/** Few identities, so that many readings are repeats, corrections or conflicts. */
const reading: fc.Arbitrary<Reading> = fc.record({
  sensorId: fc.constantFrom('a', 'b', 'C'),
  timestampMs: fc.integer({ min: 0, max: 60 }).map((step) => 1_711_800_000_000 + step * 3_600_000),
  revision: fc.integer({ min: 0, max: 2 }),
  values: fc.tuple(
    fc
      .oneof(fc.constantFrom(0, 1, 10, 9, 0.1), fc.double({ min: -1e15, max: 1e15, noNaN: true }))
      .map((v) => v + 0),
    fc.option(fc.constantFrom(0, 1, 2), { nil: null }),
  ),
  attributes: fc.tuple(fc.option(fc.constantFrom('', 'x', 'ñ', '\ufeff'), { nil: null })),
});
/** Readings, and two ways in which they arrive: each permuted, with repeats, in batches. */
const deliveries = fc.array(reading, { minLength: 1, maxLength: 60 }).chain((readings) => {
  const indexes = readings.map((_, index) => index);
  const delivery = fc
    .tuple(
      fc.shuffledSubarray(indexes, { minLength: indexes.length }),
      fc.array(fc.constantFrom(...indexes), { maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
    )
    .map(([order, repeats, size]) => {
      const all = [...repeats.slice(0, 10), ...order, ...repeats.slice(10)].map(
        (index) => readings[index] as Reading,
      );
      return Array.from({ length: Math.ceil(all.length / size) }, (_, batch) =>
        all.slice(batch * size, (batch + 1) * size),
      );
    });
  return fc.tuple(delivery, delivery, fc.boolean());
});

type Merge = (a: Columns, b: Columns) => Columns;
const sound: Merge = (a, b) => union(dataset, a, b).columns;

const setOf = (batch: readonly Reading[]) => {
  const builder = new ColumnsBuilder(dataset);
  for (const one of batch) builder.add(one);
  return builder.build();
};

/** What is stored after the batches were merged, each `repeated` times: files and statistics, by partition. */
function stored(batches: readonly Reading[][], merge: Merge, repeated: number): string {
  const files = new Map<string, { file: Columns; day: string; shard: number }>();
  for (const batch of batches) {
    const { bytes, index } = encodeParts([{ dataset, columns: setOf(batch) }]);
    for (const { day, shard, start, end } of [...index, ...(repeated > 1 ? index : [])]) {
      const key = `${day}/${shard}`;
      const part = decodePart(dataset, bytes.subarray(start, end));
      const current = files.get(key)?.file;
      files.set(key, { file: current ? merge(current, part) : part, day, shard });
    }
  }
  const sorted = [...files.values()].sort((a, b) =>
    a.day < b.day ? -1 : a.day > b.day ? 1 : a.shard - b.shard,
  );
  const days = sorted.map(({ file }) => statisticsByDay(dataset, file));
  return JSON.stringify({
    files: sorted.map(({ file, day, shard }) =>
      Buffer.from(encodePartition(dataset, { dataset: 'levels', day, shard }, file)).toString('base64'),
    ),
    days: days.map((day) => [...day]),
    months: ['C', 'a', 'b'].map((id) =>
      mergeStatistics(
        dataset,
        days.flatMap((day) => day.get(id) ?? []),
      ),
    ),
  });
}

const sameBytes = (merge: Merge) =>
  fc.property(deliveries, ([first, second, twice]) => {
    expect(stored(second, merge, twice ? 2 : 1)).toBe(stored(first, merge, 1));
  });

test('any order, repetition and batching stores the same bytes and statistics', () => {
  fc.assert(sameBytes(sound), { numRuns: 300 });
});

test('a merge in which the last to arrive wins does not', () => {
  const lastWins: Merge = (a, b) => {
    const kept = splitByPartition(dataset, a).flatMap(({ columns }) => {
      const taken = new Set(
        Array.from(b.timestampMs, (at, row) => `${b.sensors[b.sensor[row] ?? -1]} ${at}`),
      );
      return Array.from({ length: columns.length }, (_, row) => row)
        .filter(
          (row) => !taken.has(`${columns.sensors[columns.sensor[row] ?? -1]} ${columns.timestampMs[row]}`),
        )
        .map((row) => readingAt(columns, row));
    });
    return setOf([...kept, ...Array.from({ length: b.length }, (_, row) => readingAt(b, row))]);
  };
  expect(fc.check(sameBytes(lastWins), { numRuns: 300 }).failed).toBe(true);
});

test('a merge that keeps repeats does not', () => {
  const countTwice: Merge = (a, b) => {
    const { columns, repeated } = union(dataset, a, b);
    const shifted = Array.from({ length: repeated }, (_, at) => ({
      ...readingAt(b, 0),
      timestampMs: (b.timestampMs[0] as number) + at + 1,
    }));
    return union(dataset, columns, setOf(shifted)).columns;
  };
  expect(fc.check(sameBytes(countTwice), { numRuns: 300 }).failed).toBe(true);
});

test('union is commutative, associative and idempotent, and its counts add up', () => {
  const set = fc.array(reading, { maxLength: 40 }).map(setOf);
  fc.assert(
    fc.property(set, set, set, (a, b, c) => {
      const ab = union(dataset, a, b);
      expect(union(dataset, b, a).columns).toEqual(ab.columns);
      expect(sound(ab.columns, c)).toEqual(sound(a, sound(b, c)));
      expect(sound(ab.columns, b)).toBe(ab.columns);
      expect(ab.added + ab.replaced + ab.repeated).toBe(b.length);
      expect(ab.columns.length).toBe(a.length + ab.added);
    }),
    { numRuns: 300 },
  );
});

test('union is what a map of identities holds by the conflict rule, and its counts are of that', () => {
  const rowsOf = (set: Columns) => Array.from({ length: set.length }, (_, row) => readingAt(set, row));
  const identity = ({ sensorId, timestampMs }: Reading) => `${sensorId} ${timestampMs}`;
  const wins = (a: Reading, b: Reading) =>
    a.revision === b.revision
      ? encodeReading(dataset, a) > encodeReading(dataset, b)
      : a.revision > b.revision;
  // Long ones too, with rows between two changes that are copied as a block.
  const set = fc
    .oneof(fc.array(reading, { maxLength: 20 }), fc.array(reading, { maxLength: 180, size: 'max' }))
    .map(setOf);
  fc.assert(
    fc.property(set, set, (a, b) => {
      const kept = new Map(rowsOf(a).map((row) => [identity(row), row]));
      const counts = { added: 0, replaced: 0, repeated: 0, changedSensors: new Set<string>() };
      for (const row of rowsOf(b)) {
        const known = kept.get(identity(row));
        const change = known === undefined ? 'added' : wins(row, known) ? 'replaced' : 'repeated';
        counts[change]++;
        if (change === 'repeated') continue;
        counts.changedSensors.add(row.sensorId);
        kept.set(identity(row), row);
      }
      const { columns, ...counted } = union(dataset, a, b);
      expect(counted).toEqual(counts);
      expect(columns).toEqual(setOf([...kept.values()]));
      expect(rowsOf(columns)).toHaveLength(kept.size);
      expect(new Map(rowsOf(columns).map((row) => [identity(row), row]))).toEqual(kept);
    }),
  );
});
