import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeRows, queryRows, type Row, type Scale, validateRows } from '../../bench/growth/cases.ts';
import { type GrowthWorld, startGrowthWorld } from '../../bench/growth/world.ts';
import { synthesize } from '../../demo/synthesize.ts';
import { root } from '../support/cloud-world.ts';

/** What grows with what, by requests and bytes: they are the same on every machine, however busy. */
const scale: Scale = { factors: [1, 8], readings: 2_000, sensors: 20, turns: 1 };

const directory = mkdtempSync(join(tmpdir(), 'caudal-growth-'));
let world: GrowthWorld;
beforeAll(async () => {
  world = await startGrowthWorld({ assembly: await synthesize(root), directory });
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});

const all = async (rows: AsyncIterable<Row>): Promise<Row[]> => Array.fromAsync(rows);
/** The smallest and the largest of what grows. */
function ends(rows: readonly Row[], grows: string): [Row, Row] {
  const [first, ...rest] = rows.filter((row) => row.grows.startsWith(grows));
  const last = rest.at(-1);
  if (first === undefined || last === undefined) throw new Error(`no rows in which ${grows} grows`);
  return [first, last];
}
const bytes = ({ usage }: Row): number => usage.bytesRead + usage.bytesWritten;
/** Of a series on a page, as JSON carries bytes: two measures of 50 bytes and its id. */
const bytesOnPage = 120;
/** Ids and numbers of another length, headers of a multipart object: what may differ by without growing. */
const slack = 4_096;

describe('validation', () => {
  let rows: Row[];
  beforeAll(async () => {
    rows = await all(validateRows(world, scale));
  });

  it('takes the same requests whatever the object holds', () => {
    expect(new Set(rows.map(({ usage }) => usage.requests)).size).toBe(1);
  });

  it('reads the object once, and nothing else of its size', () => {
    for (const { usage, inputBytes } of rows) expect(usage.bytesRead).toBeLessThan(inputBytes + slack);
  });

  it('writes no faster than the readings grow', () => {
    const [one, more] = ends(rows, 'readings');
    expect(more.usage.bytesWritten).toBeLessThan(8 * one.usage.bytesWritten + slack);
  });
});

describe('merging a batch of one size', () => {
  let rows: Row[];
  beforeAll(async () => {
    rows = await all(mergeRows(world, scale));
  });

  it("takes the same requests whatever is there: its own sensors', not the partition's", () => {
    const reads = ['BatchGetItem', 'HeadObject', 'Query'];
    const isRead = ([action]: [string, number]) => reads.some((name) => action.endsWith(name));
    const named = rows.map(({ usage }) => Object.entries(usage.byAction));
    const others = named.map((of) => JSON.stringify(of.filter((entry) => !isRead(entry)).sort()));
    expect(new Set(others).size).toBe(1);
    // A month without a page looks for each of its days, 28 to 31 of them, whether it has a file and no page.
    for (const grows of new Set(rows.map((row) => row.grows))) {
      const [one, more] = ends(rows, grows);
      expect(Math.abs(more.usage.requests - one.usage.requests), grows).toBeLessThanOrEqual(3);
    }
  });

  it("grows no faster than the partition's bytes", () => {
    const [one, more] = ends(rows, "the partition's readings");
    expect(bytes(more)).toBeLessThan(8 * bytes(one));
    expect(bytes(more)).toBeGreaterThan(bytes(one));
  });

  it('does not grow with the history before its month', () => {
    const [one, more] = ends(rows, 'days of history');
    expect(Math.abs(bytes(more) - bytes(one))).toBeLessThan(slack);
  });

  it('grows with the days of its month by a page of a day', () => {
    const [one, more] = ends(rows, 'days of its own month');
    const series = (more.size - one.size) * scale.sensors;
    expect(bytes(more) - bytes(one)).toBeLessThan(series * bytesOnPage + slack);
  });
});

describe('a query of the API', () => {
  let rows: Row[];
  beforeAll(async () => {
    rows = await all(queryRows(world, scale));
  });

  it("takes the same requests for a sensor's month whatever the history, the readings and the other sensors, and reads those on its page", () => {
    const months = rows.filter((row) => row.function === 'query');
    expect(new Set(months.map(({ usage }) => JSON.stringify(usage.byAction))).size).toBe(1);
    for (const grows of new Set(months.map((row) => row.grows))) {
      const [one, more] = ends(months, grows);
      const series = grows.startsWith('sensors') ? more.size - one.size : 0;
      expect(Math.abs(bytes(more) - bytes(one)), grows).toBeLessThan(series * bytesOnPage + slack);
    }
  });

  it.each(['table', 'year of days'])(
    'takes the same requests and bytes for a %s whatever the history',
    (name) => {
      const found = rows.filter((row) => row.function === name);
      expect(new Set(found.map(({ usage }) => JSON.stringify(usage.byAction))).size).toBe(1);
      const [one, more] = ends(found, 'months of history');
      expect(Math.abs(bytes(more) - bytes(one))).toBeLessThan(slack);
    },
  );

  it("takes the same requests for a day's readings whatever the history and the other sensors, and reads its partition at the most", () => {
    const days = rows.filter((row) => row.function === 'readings');
    expect(new Set(days.map(({ usage }) => JSON.stringify(usage.byAction))).size).toBe(1);
    const [one, more] = ends(days, 'months of history');
    expect(Math.abs(bytes(more) - bytes(one))).toBeLessThan(slack);
    const [few, many] = ends(days, 'sensors in the partition');
    expect(bytes(many) - bytes(few)).toBeLessThan((many.size - few.size) * bytesOnPage + slack);
  });
});
