import { expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../../core/dataset/dataset.ts';
import type { DatasetDefinition } from '../../../core/dataset/definition.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { partitionKey, splitByPartition } from '../../../core/partition/partition.ts';
import { encodePartition } from '../../../core/partition/partition-file.ts';
import { type DaySpan, inSpan } from '../../../core/time/day-span.ts';
import { effectsPage } from '../../../operator/withdraw/withdraw-page.ts';
import { setOf } from '../../../test/support/parse-bytes.ts';
import { changesOfSeries, lineOf } from './changes.ts';
import { effectsOf } from './effects.ts';

const uploadedMs = Date.parse('2026-03-01T12:00:00Z');
const gauges = (change: Partial<DatasetDefinition> = {}) =>
  defineDataset({
    name: 'gauges',
    timeZone: 'UTC',
    shards: 1,
    measures: {
      level: { unit: 'm', min: 0, max: 9 },
      wind: { unit: 'm/s', min: 0, max: 50, optional: true },
    },
    ...change,
  });
const reading = (at: string, more: Partial<Reading> = {}): Reading => ({
  ...{ sensorId: 'mill', timestampMs: Date.parse(at), revision: 0, values: [1, 40], attributes: [] },
  ...more,
});

/** What a series' readings, stored by an older rule, would become by `dataset`. */
async function changes(
  dataset: Dataset,
  stored: readonly Reading[],
  { undo, from = '1970-01-01', to = '2099-12-31' }: { undo: boolean; from?: string; to?: string },
) {
  const parts = splitByPartition(dataset, setOf(dataset, stored));
  const files = new Map(
    parts.map(({ id, columns }) => [partitionKey(dataset, id), encodePartition(dataset, id, columns)]),
  );
  const ports = {
    curatedBucket: 'curated',
    curated: {
      read: async ({ key }: { key: string }) => {
        const bytes = files.get(key);
        return bytes && { bytes, etag: '', metadata: {} };
      },
    },
    async *partitions(_: Dataset, span: DaySpan) {
      yield* parts.map(({ id }) => id).filter(({ day }) => inSpan(day, span));
    },
  };
  return changesOfSeries(ports, { dataset, sensorId: 'mill', span: { from, to }, undo, uploadedMs });
}

const outOfTime = ['1970-01-01T00:00:00Z', '2026-03-02T12:00:01Z'];

test('whatever its time, a reading can be withdrawn', async () => {
  const dataset = gauges({ earliest: '2010-01-01' });
  const found = await changes(
    dataset,
    outOfTime.map((at) => reading(at)),
    { undo: false },
  );
  expect(found.changes.map((change) => JSON.parse(lineOf(dataset, change, uploadedMs)).withdrawn)).toEqual([
    ...[true, true],
  ]);
  expect(found.rejected).toEqual([]);
});

test('what the dataset no longer takes stays withdrawn, and is named before anything is done; the rest comes back', async () => {
  const dataset = gauges({
    earliest: '2010-01-01',
    measures: {
      level: { unit: 'm', min: 0, max: 9 },
      wind: { unit: 'm/s', min: 0, max: 30, optional: true },
    },
  });
  const sound = '2026-02-01T00:00:00Z';
  const stored = [
    ...outOfTime.map((at) => reading(at)),
    reading('2026-02-02T00:00:00Z', { values: [10, 20] }),
    reading('2026-02-03T00:00:00Z', { values: [1, 40] }),
    reading(sound, { values: [1, 20] }),
  ].map((each) => ({ ...each, withdrawn: true as const }));
  const found = await changes(dataset, stored, { undo: true });
  expect(found.changes.map(({ reading: of }) => of)).toEqual([reading(sound, { values: [1, 20] })]);
  expect(found.rejected.map(({ reason }) => reason)).toEqual([
    'too-early',
    'out-of-range',
    'out-of-range',
    'in-the-future',
  ]);
  // Only partitions that change: the months that they are in are shown.
  expect(found.partitions.map(({ id }) => id.day)).toEqual(['2026-02-01']);
  const page = effectsPage([found], [], { undo: true });
  expect(page).toContain('brings back  1 reading, at 2026-02-01T00:00:00.000Z: level 1 m, wind 20 m/s\n');
  expect(page).toMatch(
    /leaves +1 reading as it is, since what would be stored is rejected as too-early: .*2010/,
  );
  expect(page).toMatch(/leaves +2 readings as they are, .* out-of-range: level is 10/);
});

test("a day is the local one, also where the clock went back over a midnight that it had shown", async () => {
  const dataset = gauges({ timeZone: 'America/St_Johns' });
  // At 00:01 of the 7th it became 23:01 of the 6th again, up to another midnight.
  const ofSixth = ['2010-11-06T02:30:00Z', '2010-11-07T02:29:00Z', '2010-11-07T02:31:00Z', '2010-11-07T03:29:00Z'];
  const ofSeventh = ['2010-11-07T02:30:30Z', '2010-11-07T03:30:00Z', '2010-11-08T03:29:00Z'];
  const stored = [...ofSixth, ...ofSeventh].map((at) => reading(at)).sort((a, b) => a.timestampMs - b.timestampMs);
  for (const [day, expected] of [['2010-11-06', ofSixth], ['2010-11-07', ofSeventh]] as const) {
    const found = await changes(dataset, stored, { undo: false, from: day, to: day });
    expect(found.changes.map(({ reading: { timestampMs } }) => timestampMs)).toEqual(expected.map(Date.parse));
  }
}); // biome-ignore format: lists of times

test('days and months are read eight at a time, and told in their order whichever comes first', async () => {
  const dataset = gauges();
  const months = Array.from({ length: 24 }, (_, month) => new Date(Date.UTC(2024, month)).toISOString());
  const stored = months.map((at) => reading(at));
  const parts = splitByPartition(dataset, setOf(dataset, stored));
  const reads = { now: 0, most: 0 };
  /** The later it was asked for, the sooner it is there. */
  let turns = 100;
  const slowly = async <Value>(value: Value): Promise<Value> => {
    reads.most = Math.max(reads.most, ++reads.now);
    for (let turn = turns--; turn > 0; turn--) await Promise.resolve();
    reads.now--;
    return value;
  };
  const ports = {
    curatedBucket: 'curated',
    curated: {
      read: async ({ key }: { key: string }) => {
        const part = parts.find(({ id }) => partitionKey(dataset, id) === key);
        return slowly(
          part && { bytes: encodePartition(dataset, part.id, part.columns), etag: '', metadata: {} },
        );
      },
    },
    async *partitions() {
      yield* parts.map(({ id }) => id);
    },
  };
  const found = await changesOfSeries(ports, {
    ...{ dataset, sensorId: 'mill', undo: false, uploadedMs },
    span: { from: '2024-01-01', to: '2025-12-31' },
  });
  expect(found.changes.map((change) => change.reading.timestampMs)).toEqual(
    stored.map(({ timestampMs }) => timestampMs),
  );
  expect(reads).toEqual({ now: 0, most: 8 });
  Object.assign(reads, { most: 0 });
  turns = 100;
  const effects = await effectsOf({ ofSeries: () => slowly({ rows: [], more: false }) }, found);
  expect(effects.map(({ month, after }) => [month, after.count])).toEqual(
    stored.map(({ timestampMs }) => [new Date(timestampMs).toISOString().slice(0, 7), 0]),
  );
  expect(reads).toEqual({ now: 0, most: 8 });
});
