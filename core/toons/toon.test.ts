import { describe, expect, test } from 'vitest';
import {
  clientIdPattern,
  jobIdPattern,
  maxToonBytes,
  planToons,
  type Toon,
  toonIdPattern,
  uploadPrefix,
} from './toon.ts';

describe.each([
  { what: 'a job', pattern: jobIdPattern, longest: 64, others: '-_' },
  { what: 'a toon', pattern: toonIdPattern, longest: 64, others: '-_.' },
  { what: 'a client', pattern: clientIdPattern, longest: 128, others: '-_' },
])('the name of $what', ({ pattern, longest, others }) => {
  test.each(['a', 'Z', '0', `a${others}9`, 'x'.repeat(longest)])('may be %s', (name) => {
    expect(name).toMatch(pattern);
  });

  test.each(['', 'x'.repeat(longest + 1), ...[...others].map((other) => `${other}a`)])(
    'may not be "%s"',
    (name) => {
      expect(name).not.toMatch(pattern);
    },
  );

  test.each(['/', ' ', '\n', 'ñ', '#', '%', '..'].filter((text) => text !== '..' || !others.includes('.')))(
    'may not have %j before, within or after',
    (text) => {
      for (const name of [`${text}ab`, `a${text}b`, `ab${text}`]) expect(name).not.toMatch(pattern);
    },
  );
});

test("nobody's uploads are under the prefix of another, not even of one whose name begins the same", () => {
  expect(`${uploadPrefix('meter')}file`.startsWith(uploadPrefix('meter'))).toBe(true);
  expect(uploadPrefix('meter-2').startsWith(uploadPrefix('meter'))).toBe(false);
  expect(uploadPrefix('other').startsWith(uploadPrefix('meter'))).toBe(false);
});

test('a toon has up to 40 MiB', () => {
  expect(maxToonBytes / 2 ** 20).toBe(40);
});

describe.each([1, 99, 100, 101, 250, 10_000])('a plan of %i toons', (count) => {
  const toons = Array.from(
    { length: count },
    (_, index): Toon => ({
      toonId: `toon-${index}`,
      type: 'binary',
      source: { bucket: 'uploads', key: `toons/meter/${index}` },
      metadata: { index },
    }),
  );
  const items = Math.ceil(count / 100);

  test('has each with all that was said of it, its job, and its place as text', () => {
    const expected = toons.map((toon, index) => ({ ...toon, jobId: 'job', position: `${index}` }));
    expect(planToons('job', toons).map(({ progressKey, ...toon }) => toon)).toEqual(expected);
  });

  test('counts no more than 100 in an item, in as few items as that takes', () => {
    const counted = Map.groupBy(planToons('job', toons), ({ progressKey }) => progressKey);
    expect(Math.max(...[...counted.values()].map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(counted.size).toBe(items);
  });

  test('counts neighbours in different items, unless there is but one', () => {
    const keys = planToons('job', toons).map(({ progressKey }) => progressKey);
    const together = keys.filter((key, index) => key === keys[index + 1]);
    expect(together).toHaveLength(items === 1 ? count - 1 : 0);
  });

  test('names the items so that they sort by their number', () => {
    const keys = planToons('job', toons)
      .slice(0, items)
      .map(({ progressKey }) => progressKey);
    expect(keys).toEqual(keys.toSorted());
    expect(keys.every((key) => /^progress#\d+$/.test(key))).toBe(true);
  });
});
