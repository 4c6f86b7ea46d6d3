import type { Dataset } from '../dataset/dataset.ts';

/*
 * Which page of its shard a series is on. Pages are cut as a trie over the bits of a hash of the sensor id, lowest first: page `n` of
 * depth `d` has the series of which the lowest `d` bits are `n`. A page that becomes too large keeps its number at depth `d + 1`, and
 * what has the next bit set goes to page `n + 2^d`. So a page's number says where it is, its depth what is on it, and who knows
 * neither finds a series by beginning at page 0. A page's depth only grows. `docs/adr/statistics-pages.md`.
 */

/** Most series on a page. */
export const maxSeriesOnPage = 256;
/** Most bytes of a page before it is compressed, unless a single series has more. */
export const maxPageBytes = 65_536;
/** No page is cut further: 2^24 pages of a shard are more than anybody has. */
export const maxPageDepth = 24;

/**
 * The hash that pages are cut by, 32 bits: FNV-1a over the UTF-8 bytes of the id, then the finalizer of MurmurHash3, so that it says
 * nothing of the series' shard, which is FNV-1a modulo the number of shards. Part of the layout.
 */
export function pageHash(sensorId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(sensorId)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The number that a page of this depth has if a series with this hash is on it. */
export const pageAt = (hash: number, depth: number): number => hash % 2 ** depth;

/**
 * Where to look for a series next, from page `n` of depth `depth` on the way to it: `n` itself when it is there. The way from page 0 on
 * has a step for each bit at the most that is set in the number of the page it ends at.
 */
export function nextPage(hash: number, n: number, depth: number): number {
  const rest = pageAt(hash, depth) - n; // the bits of n are bits of the hash
  return rest === 0 ? n : n + 2 ** lowestBit(rest);
}

/** @param value 1 to 2^32 - 1 */
const lowestBit = (value: number): number => 31 - Math.clz32(value & -value);

/** The pages that split off page `n` on its way from one depth to another, each with the lowest depth that it can have. */
export function splitOff(n: number, from: number, to: number): { n: number; depth: number }[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => ({
    n: n + 2 ** (from + index),
    depth: from + index + 1,
  }));
}

/** The depth from which on page `n` can be: that at which it splits off another, or 0. */
export const leastDepth = (n: number): number => (n === 0 ? 0 : 32 - Math.clz32(n));

/**
 * Most series that a page of the dataset should have: as many as fit in {@link maxPageBytes} with sums, extremes and alerts as long as
 * they mostly are, {@link maxSeriesOnPage} at the most. What is longer is cut further by its bytes.
 */
export function seriesOnPage({ measureNames, alerts }: Pick<Dataset, 'measureNames' | 'alerts'>): number {
  const bytes = 32 + 56 * measureNames.length + 16 * Object.keys(alerts).length;
  return Math.max(1, Math.min(maxSeriesOnPage, Math.floor(maxPageBytes / bytes)));
}
