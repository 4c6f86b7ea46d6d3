import { expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../../../core/partition/partition.ts';
import { encodePartition } from '../../../core/partition/partition-file.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { type DaySpan, inSpan } from '../../../core/time/day-span.ts';
import { effectsPage } from '../../../operator/withdraw/withdraw-page.ts';
import type { LedgerEntry } from '../../../ports/queries.ts';
import { MemoryObjects } from '../../../test/support/memory-objects.ts';
import { changesOfFile } from './changes.ts';
import { readFile } from './file-readings.ts';

const uploadedMs = Date.parse('2026-03-01T12:00:00Z');
const gaugesUpTo = (max: number) =>
  defineDataset({
    name: 'gauges',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: 0, max } },
    csv: { timestamp: ['time', 'iso'], sensorId: 'gauge' },
  });
const key = 'landing/gauges/old.csv';
const time = (day: number) => `2026-02-0${day}T00:00:00Z`;

/** What a file is withdrawn as, of which an older rule, with a higher bound, took all rows. */
async function withdrawn({
  rows,
  others = {},
  of = key,
}: {
  /** Gauge, day and level. */
  rows: readonly (readonly [string, number, number])[];
  /** Other files of the same second. */
  others?: Readonly<Record<string, readonly (readonly [string, number, number])[]>>;
  of?: string;
}) {
  const today: Dataset = gaugesUpTo(9);
  const objects = new MemoryObjects(() => uploadedMs);
  const ledgers = new Map<string, Partial<LedgerEntry>>();
  const builder = new ColumnsBuilder(today);
  for (const [name, held] of Object.entries({ [of]: rows, ...others })) {
    const lines = held.map(([gauge, day, level]) =>
      of.startsWith('raw/')
        ? `${JSON.stringify({ dataset: 'gauges', sensorId: gauge, timestamp: time(day), level })}\n`
        : `${gauge},${time(day)},${level}\n`,
    );
    objects.put('raw', name, `${of.startsWith('raw/') ? '' : 'gauge,time,level\n'}${lines.join('')}`);
    const times = held.map(([, day]) => Date.parse(time(day)));
    const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
    const sensors = [...new Set(held.map(([gauge]) => gauge))];
    const holds = [{ dataset: 'gauges', readings: held.length, fromMs, toMs, sensors }];
    ledgers.set(name, { state: 'Completed', holds });
    for (const [sensorId, day, level] of held) {
      const reading = { sensorId, timestampMs: Date.parse(time(day)), revision: 0, values: [level], attributes: [] };
      builder.add(reading, name.startsWith('raw/') ? 0 : uploadedMs);
    }
  }
  const parts = splitByPartition(today, builder.build());
  for (const { id, columns } of parts)
    objects.put('curated', partitionKey(today, id), encodePartition(today, id, columns));
  const all = async function* (prefix: string) {
    for await (const version of objects.list({ bucket: 'raw', prefix })) yield { bucket: 'raw', ...version };
  };
  const ports = {
    curated: objects,
    curatedBucket: 'curated',
    segments: objects,
    objects: () => all(''),
    versionsOf: all,
    async *partitions(_: Dataset, span: DaySpan) {
      yield* parts.map(({ id }) => id).filter(({ day }) => inSpan(day, span));
    },
    ledgers: {
      ledger: async () => undefined,
      ledgers: async (segments: readonly { key: string }[]) =>
        segments.map((segment) => ledgers.get(segment.key) as LedgerEntry | undefined),
    },
  };
  const files = await readFile(ports, { key: of, vanished: false, datasets: [today], tell: () => {} });
  const later = { undo: false, uploadedMs: uploadedMs + 60_000 };
  const changes = await Promise.all(files.map((file) => changesOfFile(ports, file, later)));
  return {
    times: changes.flatMap((found) => found.changes.map(({ reading }) => reading.timestampMs)),
    page: effectsPage(changes, [], later),
  };
} // biome-ignore format: rows of one line

test('of a file is withdrawn also what an older rule took of it, and the page says so', async () => {
  const { times, page } = await withdrawn({ rows: [['mill', 1, 5], ['mill', 2, 12], ['weir', 3, 15]] }); // biome-ignore format: rows
  expect(times).toEqual([1, 2, 3].map((day) => Date.parse(time(day))));
  expect(page).toMatch(/withdraws +3 readings\nof them +2 readings that other rules took of the file/);
});

test('also where the file has nothing at all as it is read today', async () => {
  const { times } = await withdrawn({ rows: [['mill', 2, 12]] });
  expect(times).toEqual([Date.parse(time(2))]);
});

test('what another file of the same second may have brought is left, and named', async () => {
  // The other one's weir of the second day is of the time and a series of this one too.
  const { times, page } = await withdrawn({
    rows: [['mill', 1, 5], ['mill', 3, 12], ['weir', 3, 15]],
    others: { 'landing/gauges/other.csv': [['weir', 2, 13], ['weir', 4, 3]] },
  }); // biome-ignore format: rows
  expect(times).toEqual([Date.parse(time(1)), Date.parse(time(3))]);
  expect(page).toMatch(/leaves +2 readings that other rules .*landing\/gauges\/other\.csv/);
});

test('what an older rule took of an object of the stream is counted', async () => {
  const { times, page } = await withdrawn({ of: 'raw/2026/02/01/00/a', rows: [['mill', 1, 5], ['mill', 2, 12]] }); // biome-ignore format: rows
  expect(times).toEqual([Date.parse(time(1))]);
  expect(page).toMatch(/leaves +1 reading that other rules took of the file, as its ledger counts/);
});
