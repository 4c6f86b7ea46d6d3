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
    const named = rows.map(({ usage }) => Object.entries(usage.byAction));
    const isRead = ([action]: [string, number]) => action.endsWith('BatchGetItem');
    const others = named.map((of) => JSON.stringify(of.filter((entry) => !isRead(entry)).sort()));
    expect(new Set(others).size).toBe(1);
    // Where there is no file yet, one more look at what is stored: the file may have been lost.
    const reads = named.map((of) => of.find(isRead)?.[1] ?? 0);
    expect(Math.max(...reads) - Math.min(...reads)).toBeLessThanOrEqual(1);
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

  it('grows with the days of its month by an item of a day and sensor', () => {
    const [one, more] = ends(rows, 'days of its own month');
    const items = (more.size - one.size) * scale.sensors;
    expect(bytes(more) - bytes(one)).toBeLessThan(items * 1_024);
  });
});

describe("a sensor's month in the API", () => {
  it('takes the same requests and bytes whatever the history, the readings and the other sensors', async () => {
    const rows = await all(queryRows(world, scale));
    expect(new Set(rows.map(({ usage }) => JSON.stringify(usage.byAction))).size).toBe(1);
    const sizes = rows.map(bytes);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(slack);
  });
});
