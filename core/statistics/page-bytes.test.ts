import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSums, sumsOfValue } from './exact-sums.ts';
import { countsOnPage, decodePage, encodePage } from './page-bytes.ts';
import type { MeasureStatistics, PeriodStatistics } from './statistics.ts';

const measureOf = (values: readonly number[], atMs: number): MeasureStatistics => ({
  count: values.length,
  sums: addSums(values.map(sumsOfValue)),
  min: Math.min(...values) + 0,
  minAt: atMs,
  max: Math.max(...values) + 0,
  maxAt: atMs + 600_000,
});

const day = Date.UTC(2026, 0, 5);
const temperatures = (count: number, seed = 0) =>
  Array.from({ length: count }, (_, index) => Math.round(1_700 + 500 * Math.sin(seed + index)) / 100);

/** Realistic: two measures of two decimals. */
const station = (seed: number): PeriodStatistics => ({
  count: 144,
  contested: 0,
  measures: {
    temperature: measureOf(temperatures(144, seed), day + 600_000 * (seed % 100)),
    pressure: measureOf(
      temperatures(144, seed + 7).map((value) => value + 1_000),
      day,
    ),
  },
  alerts: {},
});
const stations = (count: number) =>
  new Map(Array.from({ length: count }, (_, index) => [`station-${index}`, station(index)]));

const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((integer) => integer / 100),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 1.7976931348623157e308, 2 ** 53, -(2 ** 53) - 2, 1e15, 1e-300),
);
const instants = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) - 600_001 });
const names = fc.constantFrom('temperature', 'wind', '風', '__proto', 'x');
const measures = fc
  .tuple(fc.array(values, { minLength: 1, maxLength: 5 }), instants)
  .map((of) => measureOf(...of));
const breaches = fc.record({
  count: fc.integer({ min: 1, max: 2 ** 40 }),
  worst: values.map((value) => value + 0),
  worstAt: instants,
});
const statistics: fc.Arbitrary<PeriodStatistics> = fc
  .record({
    more: fc.integer({ min: 0, max: 2 ** 40 }),
    contested: fc.integer({ min: 0, max: 1_000 }),
    measures: fc.dictionary(names, measures, { maxKeys: 4 }),
    alerts: fc.dictionary(names, breaches, { maxKeys: 3 }),
  })
  .map(({ more, ...of }) => {
    const most = Math.max(0, ...Object.values(of.measures).map(({ count }) => count));
    return { count: most + more, ...of, measures: { ...of.measures }, alerts: { ...of.alerts } };
  });
/** Of events: how many have each text, and what they come to. */
const ofEvents = fc.record(
  {
    counts: fc.dictionary(
      fc.constantFrom('status', 'kind'),
      fc.dictionary(fc.constantFrom('created', 'done', ''), fc.integer({ min: 1, max: 9_999 }), {
        minKeys: 1,
        noNullPrototype: true,
      }),
      { noNullPrototype: true },
    ),
    states: fc.dictionary(
      fc.constantFrom('bookings', 'current'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);
const pagesOfEvents = fc
  .array(
    fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.tuple(statistics, ofEvents)),
    { maxLength: 12 },
  )
  .map((entries) => new Map(entries.map(([id, [of, events]]) => [id, { ...of, ...events }])));
const pages = fc
  .array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), statistics), {
    maxLength: 12,
  })
  .map((entries) => new Map(entries));

describe('a page', () => {
  test('comes back to the bit, whatever is on it', () => {
    fc.assert(
      fc.property(fc.oneof(pages, pagesOfEvents), (page) => {
        expect(decodePage(encodePage(page))).toEqual(page);
        expect(countsOnPage(encodePage(page))).toEqual(
          new Map([...page].map(([id, { count }]) => [id, count])),
        );
        const [first = 'none', second = 'none'] = [...page.keys()].slice(1);
        for (const ids of [[], [first], [first, second, 'another']]) {
          const only = new Set(ids);
          expect(decodePage(encodePage(page), only)).toEqual(
            new Map([...page].filter(([id]) => only.has(id))),
          );
        }
        // One alone is looked for by its bytes: also one that begins as another does.
        for (const id of [
          ...page.keys(),
          ...[...page.keys()].flatMap((key) => [`${key}a`, key.slice(0, -1)]),
        ]) {
          const wanted = new Map([...page].filter(([key]) => key === id));
          expect(decodePage(encodePage(page), id)).toEqual(wanted);
          expect([...countsOnPage(encodePage(page), id).keys()]).toEqual([...wanted.keys()]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is the same bytes in any order of its series and of their names', () => {
    const backwards = <Value>(record: Record<string, Value>) =>
      Object.fromEntries(Object.entries(record).reverse());
    fc.assert(
      fc.property(pages, (page) => {
        const other = new Map(
          [...page].reverse().map(([id, of]) => {
            return [id, { ...of, measures: backwards(of.measures), alerts: backwards(of.alerts) }];
          }),
        );
        expect(Buffer.from(encodePage(other)).equals(encodePage(page))).toBe(true);
      }),
    );
  });

  test('differs when one value of one series differs by a bit', () => {
    const page = stations(3);
    const before = encodePage(page);
    const { temperature, pressure } = station(1).measures as Record<string, MeasureStatistics>;
    const sums = temperature?.sums as MeasureStatistics['sums'];
    for (const change of [
      { sums: { ...sums, squares: sums.squares + 1n } },
      { sums: { ...sums, sum: sums.sum + 1n } },
      { min: (temperature?.min ?? 0) * (1 - 2 ** -53) },
      { maxAt: (temperature?.maxAt ?? 0) + 1 },
    ]) {
      const of = { ...station(1), measures: { temperature: { ...temperature, ...change }, pressure } };
      const other = encodePage(new Map(page).set('station-1', of as PeriodStatistics));
      expect(Buffer.from(other).equals(before), JSON.stringify(Object.keys(change))).toBe(false);
    }
  });

  test('of 256 stations of two measures takes at most 80 bytes a series', () => {
    expect(encodePage(stations(256)).length).toBeLessThanOrEqual(256 * 80);
  });

  test('has the series in the order of their ids, and none is fine', () => {
    expect([...decodePage(encodePage(stations(12))).keys()]).toEqual([...stations(12).keys()].sort());
    expect(decodePage(encodePage(new Map()))).toEqual(new Map());
  });

  test('that ends too early, or goes on, is refused and never read as another', () => {
    const bytes = encodePage(stations(2));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodePage(bytes.subarray(0, length)), String(length)).toThrow(RangeError);
    expect(() => decodePage(Uint8Array.from([...bytes, 0]))).toThrow(/1 bytes after the page/);
  });
});
