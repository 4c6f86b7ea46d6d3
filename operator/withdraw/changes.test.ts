import { expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../core/dataset/dataset.ts';
import type { DatasetDefinition } from '../../core/dataset/definition.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { setOf } from '../../test/support/parse-bytes.ts';
import { changesOfSeries, lineOf } from './changes.ts';
import { effectsPage } from './withdraw-page.ts';

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
async function changes(dataset: Dataset, stored: readonly Reading[], undo: boolean) {
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
    async *partitions() {
      yield* parts.map(({ id }) => id);
    },
  };
  const span = { from: '1970-01-01', to: '2099-12-31' };
  const all = { fromMs: 0, toMs: Date.parse('2099-12-31T00:00:00Z') };
  return changesOfSeries(ports, { dataset, sensorId: 'mill', span, ...all, undo, uploadedMs });
}

const outOfTime = ['1970-01-01T00:00:00Z', '2026-03-02T12:00:01Z'];

test('whatever its time, a reading can be withdrawn', async () => {
  const dataset = gauges({ earliest: '2010-01-01' });
  const found = await changes(
    dataset,
    outOfTime.map((at) => reading(at)),
    false,
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
  const found = await changes(dataset, stored, true);
  expect(found.changes.map(({ reading: of }) => of)).toEqual([reading(sound, { values: [1, 20] })]);
  expect(found.rejected.map(({ reason }) => reason)).toEqual([
    'too-early',
    'out-of-range',
    'out-of-range',
    'in-the-future',
  ]);
  // Only partitions that change: the months that they are in are shown.
  expect(found.partitions.map(({ id }) => id.day)).toEqual(['2026-02-01']);
  const page = effectsPage([found], []);
  expect(page).toContain('brings back  1 reading\n');
  expect(page).toMatch(
    /leaves +1 reading as it is, since what would be stored is rejected as too-early: .*2010/,
  );
  expect(page).toMatch(/leaves +2 readings as they are, .* out-of-range: level is 10/);
});
