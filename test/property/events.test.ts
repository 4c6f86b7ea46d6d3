import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import { parseSegment, parseSegmentRows } from '../../core/lines/parse-segment.ts';
import { splitByPartition } from '../../core/partition/partition.ts';
import { decodePartition, encodePartition } from '../../core/partition/partition-file.ts';
import { encodeParts } from '../../core/partition/parts.ts';
import { type Columns, readingAt, stateAt } from '../../core/set/columns.ts';
import { identityText } from '../../core/set/identity.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { union } from '../../core/set/union.ts';
import { decodePage, encodePage } from '../../core/statistics/page-bytes.ts';
import { mergeStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';

/** Of every type, and with all that an identity can be of. */
const dataset = defineDataset({
  kind: 'events',
  name: 'visits',
  timeZone: 'Europe/Madrid',
  shards: 2,
  entity: 'shop',
  at: 'when',
  identity: ['state', 'visit', 'code'],
  sequence: 'turn',
  measures: { paid: { unit: 'EUR', min: 0, max: 1e6, optional: true } },
  attributes: {
    visit: { type: 'integer' },
    code: { maxLength: 4 },
    state: { values: ['open', 'closed', 'lost'] },
    turn: { type: 'integer', min: 0, max: 9 },
    share: { type: 'number', min: 0, max: 1, optional: true },
    vip: { type: 'boolean', optional: true },
    until: { type: 'time', optional: true },
    place: { values: ['in', 'out'], optional: true },
  },
});
type Arrived = Reading & { uploadedMs: number };

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
/** Few identities, most of them at times that others have too. */
const event: fc.Arbitrary<Arrived> = fc
  .record({
    shop: fc.constantFrom('a', 'b', 'C'),
    atMs: fc.integer({ min: 0, max: 4 }).map((step) => 1_711_800_000_000 + step * 21_600_000),
    revision: fc.nat(1),
    visit: fc.constantFrom(1, 2, -1e15, 4_294_967_296),
    code: fc.constantFrom('', 'x', 'ñ'),
    state: fc.constantFrom('open', 'closed', 'lost'),
    turn: fc.nat(9),
    share: maybe(fc.constantFrom(0, 0.1, 1)),
    vip: maybe(fc.constantFrom(0, 1)),
    until: maybe(fc.constantFrom(0, 1_711_800_000_001, 4_102_444_799_999)),
    place: maybe(fc.constantFrom('in', 'out')),
    paid: maybe(fc.constantFrom(0, 1.5, 99)),
    isWithdrawn: fc.nat(9).map((n) => n === 0),
    uploadedMs: fc.constantFrom(0, 0, 1_762_000_000_000),
  })
  .map((one) => ({
    ...{ sensorId: one.shop, timestampMs: one.atMs, revision: one.revision, uploadedMs: one.uploadedMs },
    values: [one.paid, one.visit, one.turn, one.share, one.vip, one.until],
    attributes: [one.code, one.state, one.place],
    ...(one.isWithdrawn ? { withdrawn: true as const } : {}),
  }));
const deliveries = fc.array(event, { minLength: 1, maxLength: 60 }).chain((events) => {
  const indexes = events.map((_, index) => index);
  const delivery = fc
    .tuple(
      fc.shuffledSubarray(indexes, { minLength: indexes.length }),
      fc.array(fc.constantFrom(...indexes), { maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
    )
    .map(([order, repeats, size]) => {
      const all = [...repeats, ...order].map((index) => events[index] as Arrived);
      return Array.from({ length: Math.ceil(all.length / size) }, (_, batch) =>
        all.slice(batch * size, (batch + 1) * size),
      );
    });
  return fc.tuple(delivery, delivery);
});

const setOf = (batch: readonly Arrived[]) => {
  const builder = new ColumnsBuilder(dataset);
  for (const one of batch) builder.add(one, one.uploadedMs);
  return builder.build();
};
const unite = (a: Columns, b: Columns) => union(dataset, a, b).columns;
const bytesOf = (set: Columns) => encodeParts([{ dataset, columns: set }]).bytes;

test('a set of events is the same bytes in whatever order, batches and repeats they came', () => {
  fc.assert(
    fc.property(deliveries, ([one, other]) => {
      const [a, b] = [one.map(setOf), other.map(setOf).reverse()].map((sets) => sets.reduce(unite));
      expect(bytesOf(a as Columns)).toEqual(bytesOf(b as Columns));
      expect(unite(a as Columns, b as Columns)).toBe(a);
      expect(bytesOf(setOf(one.flat()))).toEqual(bytesOf(a as Columns));
    }),
    { numRuns: 100 },
  );
});

test('each identity of entity, time and named fields has one event: that of the highest rank, and contested where several say different things at it', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const all = Map.groupBy(events, (one) => identityText(dataset, one));
      const set = setOf(events);
      expect(set.length).toBe(all.size);
      for (let row = 0; row < set.length; row++) {
        const { reading, uploadedMs, contested } = stateAt(set, row);
        const of = all.get(identityText(dataset, reading)) ?? [];
        const rank = (one: Arrived) => one.revision * 1e14 + one.uploadedMs;
        const highest = Math.max(...of.map(rank));
        const contents = new Set(of.filter((one) => rank(one) === highest).map((one) => encodeReading(dataset, one)));
        expect(rank({ ...reading, uploadedMs })).toBe(highest);
        expect(encodeReading(dataset, reading)).toBe([...contents].sort().at(-1));
        expect(contested).toBe(contents.size > 1);
      }
    }),
  );
}); // biome-ignore format: a step a line

test('a partition of events is read as it was written, and its day counts by each text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 60 }), async (events) => {
      for (const { id, columns } of splitByPartition(dataset, setOf(events))) {
        const read = (await decodePartition(dataset, encodePartition(dataset, id, columns))).columns;
        const rows = (set: Columns) => Array.from({ length: set.length }, (_, row) => readingAt(set, row));
        expect(rows(read)).toEqual(rows(columns));
        const statistics = statisticsByDay(dataset, read);
        expect(decodePage(encodePage(statistics))).toEqual(
          new Map([...statistics].sort(([a], [b]) => (a < b ? -1 : 1))),
        );
        const counting = rows(columns).filter(({ withdrawn }) => !withdrawn);
        const { count, counts } = mergeStatistics(dataset, [...statistics.values()]);
        expect(count).toBe(counting.length);
        for (const [at, name] of [[1, 'state'], [2, 'place']] as const)
          expect(counts?.[name] ?? {}).toEqual(Object.fromEntries([...Map.groupBy(counting, ({ attributes }) => attributes[at])].flatMap(([text, of]) => (text == null ? [] : [[text, of.length]]))));
      }
    }),
  );
}); // biome-ignore format: a step a line

/** A line of an event, as it should be or not. */
const line = fc
  .tuple(event, fc.constantFrom(...Object.keys(dataset.measures), ...Object.keys(dataset.attributes), 'when', 'shop', 'none'))
  .chain(([one, field]) =>
    fc
      .tuple(fc.constantFrom<unknown>(undefined, null, 'open', '', 'x\ud83d', 1, 1.5, -1, 1e16, true, 'true', 'NA', '2026-05-01T10:00:00Z', '2026-05-01', [], {}), fc.nat(2))
      .map(([value, spoils]) => {
        const { sensorId, timestamp, ...fields } = JSON.parse(encodeReading(dataset, one)) as Record<string, unknown>;
        const named = { ...fields, shop: sensorId, when: timestamp };
        return JSON.stringify(spoils === 0 ? { ...named, [field]: value } : named);
      }),
  ); // biome-ignore format: a step a line

test('bytes and the schema come to the same events, rejections and dropped values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async (lines) => {
      const body = Buffer.from(`${lines.join('\n')}\n`);
      const source = { key: 'raw/2026/01/01/00/x', arrivedMs: 4e12 };
      async function* bytes() {
        yield body;
      }
      const [read, reasons]: [Reading[], unknown[]] = [[], []];
      const segment = { source, datasets: [dataset] };
      const totals = await parseSegment(
        { ...segment, bytes: bytes() },
        { reading: (_, __, reading) => read.push(reading), rejected: (...told) => reasons.push(told) },
      );
      const byRows: unknown[] = [];
      const found = await parseSegmentRows(
        { ...segment, bytes: bytes() },
        { rejected: (...told) => byRows.push(told) },
      );
      const rows = found.rows.flatMap((buffer) => Array.from({ length: buffer.length }, (_, row) => buffer.readingAt(row)));
      expect(rows).toEqual(read);
      expect(byRows).toEqual(reasons);
      expect(found.totals).toEqual(totals);
    }),
    { numRuns: 150 },
  );
}); // biome-ignore format: a step a line
