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

/** A reading, and when the file was uploaded that it came in. */
type Arrived = Reading & { uploadedMs: number };

/** Few identities, so that many readings are repeats, corrections, conflicts or withdrawals. */
const measured: fc.Arbitrary<Arrived> = fc.record({
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
  uploadedMs: fc.constantFrom(0, 0, 0, 1_762_000_000_000, 1_762_000_000_001),
});
/** One in ten says that there is no reading, with values or without. */
const reading: fc.Arbitrary<Arrived> = fc
  .tuple(measured, fc.nat(9), fc.boolean())
  .map(([one, withdraws, isBare]) => {
    if (withdraws > 0) return one;
    return isBare
      ? { ...one, withdrawn: true, values: [null, null], attributes: [null] }
      : { ...one, withdrawn: true };
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
        (index) => readings[index] as Arrived,
      );
      return Array.from({ length: Math.ceil(all.length / size) }, (_, batch) =>
        all.slice(batch * size, (batch + 1) * size),
      );
    });
  return fc.tuple(delivery, delivery, fc.boolean());
});

type Merge = (a: Columns, b: Columns) => Columns;
const sound: Merge = (a, b) => union(dataset, a, b).columns;

const setOf = (batch: readonly Arrived[]) => {
  const builder = new ColumnsBuilder(dataset);
  for (const one of batch) builder.add(one, one.uploadedMs);
  return builder.build();
};

/**
 * What is stored after the batches were merged, each `repeated` times: files and statistics, by partition. Months and all sensors are
 * folded from their days in the order in which the partitions came.
 */
function stored(batches: readonly Arrived[][], merge: Merge, repeated: number): string {
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
  const asTheyCame = [...files.values()].map(({ file }) => statisticsByDay(dataset, file));
  const content = {
    files: sorted.map(({ file, day, shard }) =>
      Buffer.from(encodePartition(dataset, { dataset: 'levels', day, shard }, file)).toString('base64'),
    ),
    days: days.map((day) => [...day]),
    months: ['C', 'a', 'b'].map((id) =>
      mergeStatistics(
        dataset,
        asTheyCame.flatMap((day) => day.get(id) ?? []),
      ),
    ),
    all: mergeStatistics(
      dataset,
      asTheyCame.flatMap((day) => [...day.values()]),
    ),
  };
  return JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

const sameBytes = (merge: Merge) =>
  fc.property(deliveries, ([first, second, twice]) => {
    expect(stored(second, merge, twice ? 2 : 1)).toBe(stored(first, merge, 1));
  });

const arrivedAt = (columns: Columns, row: number): Arrived => {
  return { ...readingAt(columns, row), uploadedMs: columns.uploadedMs[row] as number }; // a row of them
};

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
        .map((row) => arrivedAt(columns, row));
    });
    return setOf([...kept, ...Array.from({ length: b.length }, (_, row) => arrivedAt(b, row))]);
  };
  expect(fc.check(sameBytes(lastWins), { numRuns: 300 }).failed).toBe(true);
});

test('a merge that keeps repeats does not', () => {
  const countTwice: Merge = (a, b) => {
    const { columns, repeated } = union(dataset, a, b);
    const shifted = Array.from({ length: repeated }, (_, at) => ({
      ...arrivedAt(b, 0),
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
      expect(ab.added + ab.replaced + ab.repeated + ab.superseded + ab.contested).toBe(b.length);
      expect(ab.columns.length).toBe(a.length + ab.added);
    }),
    { numRuns: 300 },
  );
});

/** The rule of one identity in so many words, for {@link union} to be held against. */
interface State {
  reading: Arrived;
  contested: boolean;
}
const contentOf = ({ reading: { revision: _, uploadedMs: __, ...content } }: State) =>
  encodeReading(dataset, { ...content, revision: 0 });
const rankOf = (a: State, b: State) =>
  a.reading.revision - b.reading.revision || a.reading.uploadedMs - b.reading.uploadedMs;

function unite(a: State, b: State): State {
  const byRank = rankOf(a, b);
  if (byRank !== 0) return byRank > 0 ? a : b;
  const differ = contentOf(a) !== contentOf(b);
  const { reading } = contentOf(a) > contentOf(b) ? a : b;
  return { reading, contested: a.contested || b.contested || differ };
}

function relation(b: State, a: State | undefined) {
  if (a === undefined) return 'added';
  if (contentOf(a) === contentOf(b)) return 'repeated';
  const byRank = rankOf(b, a);
  return byRank === 0 ? 'contested' : byRank > 0 ? 'replaced' : 'superseded';
}

test('union is what a map of identities holds by the conflict rule, and its counts are of that', () => {
  const statesOf = (set: Columns): State[] =>
    Array.from({ length: set.length }, (_, row) => ({
      reading: arrivedAt(set, row),
      contested: set.contested[row] === 1,
    }));
  const identity = ({ reading: { sensorId, timestampMs } }: State) => `${sensorId} ${timestampMs}`;
  // Long ones too, with rows between two changes that are copied as a block.
  const set = fc
    .oneof(fc.array(reading, { maxLength: 20 }), fc.array(reading, { maxLength: 180, size: 'max' }))
    .map((readings) => ({ readings, columns: setOf(readings) }));
  const mapOf = (readings: readonly Arrived[]) => {
    const map = new Map<string, State>();
    for (const one of readings) {
      const state = { reading: one, contested: false };
      const known = map.get(identity(state));
      map.set(identity(state), known ? unite(known, state) : state);
    }
    return map;
  };
  fc.assert(
    fc.property(set, set, (a, b) => {
      const kept = mapOf(a.readings);
      expect(new Map(statesOf(a.columns).map((state) => [identity(state), state]))).toEqual(kept);
      const counts = { added: 0, replaced: 0, repeated: 0, superseded: 0, contested: 0 };
      for (const state of statesOf(b.columns)) {
        const known = kept.get(identity(state));
        counts[relation(state, known)]++;
        kept.set(identity(state), known ? unite(known, state) : state);
      }
      const { columns, ...counted } = union(dataset, a.columns, b.columns);
      expect(counted).toEqual(counts);
      expect(statesOf(columns)).toHaveLength(kept.size);
      expect(new Map(statesOf(columns).map((state) => [identity(state), state]))).toEqual(kept);
      // The same as if all lines had come in one segment.
      expect(columns).toEqual(setOf([...a.readings, ...b.readings]));
    }),
  );
});

test('statistics of a set with withdrawn readings are those of the set without them', () => {
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 60 }).map(setOf), (set) => {
      const counting = Array.from({ length: set.length }, (_, row) => row).filter(
        (row) => set.withdrawn[row] === 0,
      );
      const without = statisticsByDay(dataset, setOf(counting.map((row) => arrivedAt(set, row))));
      const found = [...statisticsByDay(dataset, set)];
      const values = found
        .filter(([, { count }]) => count > 0)
        .map(([id, { contested: _, ...rest }]) => [id, rest]);
      expect(values).toEqual([...without].map(([id, { contested: _, ...rest }]) => [id, rest]));
      const contested = counting.filter((row) => set.contested[row] === 1).length;
      expect(found.reduce((sum, [, statistics]) => sum + statistics.contested, 0)).toBe(contested);
    }),
  );
});
