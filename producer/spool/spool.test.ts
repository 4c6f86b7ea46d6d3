import { appendFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PackedRecord } from '../../core/lines/packing.ts';
import { SpoolBacklog, type SpoolOptions } from './spool.ts';
import { continueRun, endRun, SpoolInUse } from './spool-directory.ts';

let directory: string;
let troubles: string[];
let safe: PackedRecord[];
const opened = new Set<SpoolBacklog>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'caudal-spool-'));
  [troubles, safe] = [[], []];
});
afterEach(async () => {
  for (const spool of opened) await spool.close(false).catch(() => {});
  opened.clear();
  await rm(directory, { recursive: true, force: true });
});

const run = '00112233445566ff';
async function openSpool(options: Partial<SpoolOptions> = {}): Promise<SpoolBacklog> {
  const spool = await SpoolBacklog.open({
    directory,
    run,
    sync: 'off',
    maxMiB: 100,
    segmentMiB: 16,
    onSafe: (record) => safe.push(record),
    onTrouble: (reason) => troubles.push(reason),
    ...options,
  });
  opened.add(spool);
  return spool;
}

const record = (text: string): PackedRecord => ({
  data: new TextEncoder().encode(text),
  lines: text.split('\n').length - 1,
});
const textOf = ({ data }: PackedRecord) => Buffer.from(data).toString();
const close = async (spool: SpoolBacklog, finished = false) => {
  opened.delete(spool);
  await spool.close(finished);
};
const segments = async () => (await readdir(directory)).filter((name) => name.endsWith('.spool')).sort();

/** Records of some 400 bytes, each written by itself: two fill a segment of 0.001 MiB. */
async function appendEach(spool: SpoolBacklog, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    await spool.append(record(`${'x'.repeat(400)}${index}\n`), index);
    await spool.end();
  }
}

/** Ends without any of the work of closing, as kill -9 does, but for the lock, which a dead process cannot hold. */
async function crash(spool: SpoolBacklog): Promise<void> {
  await spool.end();
  opened.delete(spool);
  for (const name of ['lock.sqlite', 'lock.pid']) await rm(join(directory, name));
}

async function takeAll(spool: SpoolBacklog): Promise<PackedRecord[]> {
  await spool.end();
  const all: PackedRecord[] = [];
  for (let batch = await spool.take(); batch !== undefined; batch = await spool.take()) all.push(...batch);
  return all;
}

describe('the spool', () => {
  it('gives back what was appended, in order, to the byte', async () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => `${text.replaceAll('\n', '')}\n`),
      {
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (lines) => {
        const spool = await openSpool();
        for (const [index, text] of lines.entries()) await spool.append(record(text), index + 1);
        const taken = await takeAll(spool);
        expect(taken.map(textOf)).toEqual(lines);
        spool.acknowledge(taken);
        await close(spool, true);
        expect(await readdir(directory)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('tells that a record is safe only when its file holds it', async () => {
    const spool = await openSpool({ sync: 'always' });
    spool.append(record('first\n'), 1);
    expect(safe).toEqual([]);
    await spool.end();
    expect(safe.map(textOf)).toEqual(['first\n']);
    expect(await readFile(join(directory, (await segments()).at(-1) ?? ''), 'utf8')).toContain('first\n');
  });

  it('continues after a crash with what was not acknowledged, and knows the position of its run', async () => {
    const spool = await openSpool();
    await spool.append(record('a\nb\n'), 2);
    await spool.append(record('c\n'), 3);
    await crash(spool);
    const next = await openSpool();
    expect(next.left).toEqual({ lines: 3, position: 3, damagedBytes: 0 });
    expect((await takeAll(next)).map(textOf)).toEqual(['a\nb\n', 'c\n']);
  });

  it('has no position for another run, and still sends what the first left', async () => {
    const spool = await openSpool();
    await spool.append(record('a\n'), 1);
    await crash(spool);
    const other = await openSpool({ run: 'ffffffffffffffff' });
    expect(other.left).toEqual({ lines: 1, position: 0, damagedBytes: 0 });
    expect((await takeAll(other)).map(textOf)).toEqual(['a\n']);
  });

  it('keeps the position of an unfinished source when all is acknowledged, and drops it when the source ended', async () => {
    for (const finished of [false, true]) {
      const spool = await openSpool();
      await spool.append(record('a\n'), spool.left.position + 41);
      spool.acknowledge(await takeAll(spool));
      await close(spool, finished);
      expect(await segments()).toHaveLength(finished ? 0 : 1);
    }
    const again = await openSpool();
    expect(again.left).toEqual({ lines: 0, position: 0, damagedBytes: 0 });
  });

  it('cuts off a write that a crash tore, at any byte, and loses nothing that was safe', async () => {
    const spool = await openSpool();
    await spool.append(record('safe\n'), 1);
    await spool.end();
    const name = (await segments()).at(-1) ?? '';
    const { size } = await stat(join(directory, name));
    await spool.append(record('torn\n'), 2);
    await crash(spool);
    const whole = await readFile(join(directory, name));
    for (let cut = size; cut < whole.length; cut += 1) {
      await writeFile(join(directory, name), whole.subarray(0, cut));
      const next = await openSpool();
      expect(next.left).toEqual({ lines: 1, position: 1, damagedBytes: 0 });
      await crash(next);
      for (const other of await segments()) if (other !== name) await rm(join(directory, other));
    }
  });

  it('deletes a segment when all of it is acknowledged, whatever the order', async () => {
    const spool = await openSpool({ segmentMiB: 0.001 });
    await appendEach(spool, 20);
    const before = (await segments()).length;
    expect(before).toBeGreaterThan(4);
    const taken = await takeAll(spool);
    spool.acknowledge(taken.slice(10));
    await expect.poll(async () => (await segments()).length).toBeLessThan(before);
    spool.acknowledge(taken.slice(0, 10));
    await expect.poll(async () => (await segments()).length).toBe(1);
  });

  it('sets a damaged segment aside, sends the rest, and says so', async () => {
    const spool = await openSpool({ segmentMiB: 0.001 });
    await appendEach(spool, 9);
    await crash(spool);
    const [first = ''] = await segments();
    const file = await open(join(directory, first), 'r+');
    await file.write('!', (await file.stat()).size - 3);
    await file.close();
    const next = await openSpool();
    expect(next.left.lines).toBeLessThan(9);
    expect(next.left.damagedBytes).toBeGreaterThan(400);
    next.acknowledge(await takeAll(next));
    await close(next, true);
    expect(await readdir(directory)).toEqual([`${first}.damaged`]);
  });

  it('notices damage that happens while it runs', async () => {
    const spool = await openSpool();
    await spool.append(record('a\n'), 1);
    await spool.end();
    const name = (await segments()).at(-1) ?? '';
    const file = await open(join(directory, name), 'r+');
    await file.write('!', (await file.stat()).size - 2);
    await file.close();
    expect(await takeAll(spool)).toEqual([]);
    expect(spool.damagedBytes).toBeGreaterThan(0);
    expect(troubles.join()).toContain('checksum');
  });

  it('refuses a directory that another live process has, and takes over from a dead one', async () => {
    const spool = await openSpool();
    await expect(openSpool()).rejects.toThrow(SpoolInUse);
    await expect(openSpool()).rejects.toThrow(`is in use by process ${process.pid}. Give each producer`);
    await close(spool);
    // As kill -9 leaves it, once with a number that is nobody's, once with one that was given to a living process.
    for (const pid of [999_999_999, process.pid]) {
      await writeFile(join(directory, 'lock.sqlite'), '');
      await writeFile(join(directory, 'lock.pid'), String(pid));
      await close(await openSpool());
    }
  });

  it('ignores what is not a segment', async () => {
    await appendFile(join(directory, 'notes.txt'), 'mine');
    const spool = await openSpool();
    await close(spool, true);
    expect(await readdir(directory)).toEqual(['notes.txt']);
  });

  it('makes the source wait at its limit, and goes on when acknowledgements give room', async () => {
    const spool = await openSpool({ maxMiB: 1, segmentMiB: 0.25 });
    let appended = 0;
    const source = (async () => {
      for (let index = 1; index <= 200; index += 1) {
        await spool.append(record(`${'x'.repeat(99_998)}\n`), index);
        appended = index;
      }
    })();
    await expect.poll(() => troubles.join()).toContain('1 MiB');
    await new Promise((resolve) => setTimeout(resolve, 100));
    // One MiB and a write of 4 on disk, and 4 MiB that wait for room.
    expect(appended).toBeLessThan(110);
    const taken: PackedRecord[] = [];
    const consume = (async () => {
      while (taken.length < 200) {
        const batch = (await spool.take()) ?? [];
        taken.push(...batch);
        spool.acknowledge(batch);
      }
    })();
    await Promise.all([source, consume]);
    expect(taken.map((one) => one.data.length)).toEqual(Array.from({ length: 200 }, () => 99_999));
    await close(spool, true);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('the run of a spool', () => {
  it('is continued by the same source, with its time, and begun anew by another or after its end', async () => {
    const first = await continueRun(directory, { seed: 1 }, 1_000);
    expect(await continueRun(directory, { seed: 1 }, 2_000)).toEqual(first);
    expect(first.nowMs).toBe(1_000);
    const other = await continueRun(directory, { seed: 2 }, 3_000);
    expect(other).toMatchObject({ nowMs: 3_000 });
    expect(other.id).not.toBe(first.id);
    await endRun(directory);
    expect((await continueRun(directory, { seed: 2 }, 4_000)).nowMs).toBe(4_000);
  });

  it('is begun anew when its file was cut off', async () => {
    await writeFile(join(directory, 'run.json'), '{"sou');
    expect((await continueRun(directory, 1, 5)).nowMs).toBe(5);
  });
});
