import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shardOf } from '../partition/partition.ts';
import { leastDepth, maxSeriesOnPage, nextPage, pageAt, pageHash, seriesOnPage, splitOff } from './pages.ts';

/** Pages by number: a trie that was cut at random. */
const tries = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 40 }).map((cuts) => {
  const depths = new Map([[0, 0]]);
  for (const cut of cuts) {
    let n = 0;
    for (let next = 0; ; n = next) {
      next = nextPage(cut, n, depths.get(n) as number);
      if (next === n) break;
    }
    const depth = depths.get(n) as number;
    if (depth === 24) continue;
    depths.set(n, depth + 1);
    depths.set(n + 2 ** depth, depth + 1);
  }
  return depths;
});
const hashes = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('a series is found from page 0 on, on the one page that its hash ends in the number of', () => {
  fc.assert(
    fc.property(tries, hashes, (depths, hash) => {
      const its = [...depths].filter(([n, depth]) => pageAt(hash, depth) === n);
      expect(its).toHaveLength(1);
      let n = 0;
      let steps = 0;
      for (let next = nextPage(hash, n, depths.get(n) as number); next !== n; steps++) {
        n = next;
        expect(depths.has(n)).toBe(true);
        next = nextPage(hash, n, depths.get(n) as number);
      }
      expect(n).toBe(its[0]?.[0]);
      expect(steps).toBeLessThanOrEqual(n.toString(2).replaceAll('0', '').length);
    }),
  );
});

test('all pages are found from page 0 on by what splits off', () => {
  fc.assert(
    fc.property(tries, (depths) => {
      const found = [];
      const places = [{ n: 0, depth: 0 }];
      for (let place = places.pop(); place !== undefined; place = places.pop()) {
        const depth = depths.get(place.n) as number;
        expect(place.depth).toBe(leastDepth(place.n));
        expect(depth).toBeGreaterThanOrEqual(place.depth);
        found.push(place.n);
        places.push(...splitOff(place.n, place.depth, depth));
      }
      expect(found.sort((a, b) => a - b)).toEqual([...depths.keys()].sort((a, b) => a - b));
    }),
  );
});

test('pages of a shard are of like sizes, since their hash says nothing of the shard', () => {
  const ids = Array.from({ length: 64_000 }, (_, index) => `sensor-${index}`).filter(
    (id) => shardOf(id, 16) === 3,
  );
  const sizes = Map.groupBy(ids, (id) => pageAt(pageHash(id), 4));
  expect(sizes.size).toBe(16);
  for (const { length } of sizes.values()) {
    expect(length).toBeGreaterThan((0.7 * ids.length) / 16);
    expect(length).toBeLessThan((1.3 * ids.length) / 16);
  }
});

// Computed apart, in Python.
test('the hash is the same in every version: it is part of the layout', () => {
  expect(
    [pageHash('a'), pageHash('station-1'), pageHash('Wien Hohe Warte °')].map((hash) => hash.toString(16)),
  ).toEqual(['1a80b1b3', '2f1937dc', '170a7b34']);
});

test('a page has up to 256 series, and fewer of datasets with many measures', () => {
  const dataset = (measures: number) =>
    ({ measureNames: Array.from({ length: measures }, String), alerts: {} }) as never;
  expect(seriesOnPage(dataset(1))).toBe(maxSeriesOnPage);
  expect(seriesOnPage(dataset(3))).toBe(256);
  expect(seriesOnPage(dataset(20))).toBe(56);
  expect(seriesOnPage(dataset(5_000))).toBe(1);
});
