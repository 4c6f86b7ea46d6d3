import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { mostUnreadable } from '../../core/lines/gate.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import { keptRejects } from '../../ports/rejected-lines.ts';
import { curatedBucket, IngestWorld, rawBucket } from '../../test/support/ingest-world.ts';
import { MemoryObjects } from '../../test/support/memory-objects.ts';
import { lines, probes } from '../../test/support/probe-dataset.ts';
import { createValidateSegment } from './validate-segment/validate-segment.ts';

/**
 * What one sender can put beside the reading of another: Firehose writes what both of them sent into one object. Whatever it is, the
 * reading is taken, and each line is counted by why it is none.
 */

const good = lines({ sensorId: 'other', at: '2026-03-01T12:00:00Z', temperature: 10 });
const key = 'raw/2026/03/02/13/x';
const megabytes = (count: number, piece: string) =>
  piece.repeat(Math.ceil((count * 1_000_000) / piece.length));

/** Runs an object of junk with the good reading behind it. */
async function run(junk: string | Buffer, { isGzip = false } = {}) {
  const world = new IngestWorld([probes]);
  const all = Buffer.concat([Buffer.from(junk as Buffer), Buffer.from(`\n${good}`)]);
  const delivered = world.deliver(key, isGzip ? gzipSync(all) : all);
  const ran = await world.run('job-1', [delivered]);
  const [segmentId = ''] = world.jobs.ledger.keys();
  const account = world.jobs.ledger.get(segmentId);
  if (account === undefined) throw new Error('no ledger');
  const rejected = Object.values(account.rejected).reduce((sum, count) => sum + count, 0);
  const kept =
    world.objects
      .text(curatedBucket, account.rejectsKey ?? '')
      ?.trimEnd()
      .split('\n').length ?? 0;
  return { world, ran, account, rejected, kept, all };
}

/** An object that is fifty thousand lines, or values, of so many bytes: none of them gives the time of a line away to the next. */
const numbered = (count: number, line: (number: number) => string, glue = '\n') =>
  Array.from({ length: count }, (_, number) => line(number)).join(glue);

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const members = (count: number) => Array.from({ length: count }, (_, number) => `"k${number}":0`).join();

describe('an object that is filled by one sender has the reading of the other', () => {
  test.each<[name: string, junk: string | Buffer]>([
    ['lines of one letter', megabytes(1, 'x\n')],
    ['one line of one letter', megabytes(18, 'x')],
    ['empty objects, line by line', megabytes(1, '{}\n')],
    ['empty objects on one line', megabytes(1, '{}')],
    ['an array of objects on one line', `[${megabytes(1, '{},')}{}]`],
    ['an array of numbers', `[${megabytes(0.9, '0,')}0]`],
    ['values with something between them', megabytes(1, '{}x')],
    ['brackets that only open', '['.repeat(1_000_000)],
    ['arrays within arrays', nested('[', ']', 500_000)],
    ['objects within objects', `${nested('{"a":', '}', 150_000).replace('}', '0}')}`],
    ['a deep value of a field', `{"dataset":"probes","sensorId":${nested('[', ']', 400_000)}}`],
    ['an object of many keys', `{${members(90_000)}}`],
    ['an object of many keys, one of them twice', `{${members(90_000)},"k89999":0}`],
    ['bytes that are no UTF-8', Buffer.alloc(1_000_000, Buffer.from([0xff, 10]))],
    [
      'bytes that are no UTF-8, each line another',
      Buffer.from(
        numbered(99_999, (n) => `\xff${n}`),
        'latin1',
      ),
    ],
    ['NULs', Buffer.alloc(1_000_000, Buffer.from([120, 10, 0, 10]))],
    ['a timestamp of a million digits', `{"dataset":"probes","timestamp":"${'2'.repeat(1_000_000)}"}`],
    [
      'a fraction of a second without an end',
      `{"dataset":"probes","timestamp":"2026-01-01T00:00:00.${'0'.repeat(900_000)}Z"}`,
    ],
    ['the beginning of a timestamp, over and over', '"timestamp" : "'.repeat(60_000)],
    ['the name of a dataset, with white space', `"dataset"${' '.repeat(900_000)}:`],
    ['a number of a million digits', `{"dataset":"probes","temperature":${'1'.repeat(900_000)}}`],
    ['escapes without an end', `{"dataset":"probes","sensorId":"${'\\"'.repeat(400_000)}"}`],
    ['lines that all differ', numbered(200_000, (number) => `{${number}`)],
    [
      'readings that lack a value',
      numbered(20_000, (number) => `{"dataset":"probes","sensorId":"${number}"}`),
    ],
    [
      'keys of an object',
      '{"__proto__":{"sensorId":"a"},"constructor":1,"dataset":"probes"}\n'.repeat(9_999),
    ],
  ])('%s', async (_, junk) => {
    const { ran, account, rejected, kept } = await run(junk);
    expect(ran.finish.state).toBe('Completed');
    expect(account.valid).toBe(1);
    expect(account.lines).toBe(1 + rejected);
    expect(kept).toBe(Math.min(rejected, keptRejects.lines));
    expect(rejected - kept).toBe(account.notes?.withoutText ?? 0);
    expect(ran.merged.map(({ added }) => added)).toEqual([1]);
  });
});

describe('of the rejected lines of one object', () => {
  test('so many are kept with their text, and the rest is counted by reason, dataset and job', async () => {
    const count = keptRejects.lines + 7;
    const junk = `${'{"dataset":"probes"}\n'.repeat(count)}${'x\n'.repeat(5)}`;
    const { account, kept, ran, world } = await run(junk);
    expect(kept).toBe(keptRejects.lines);
    expect(account.rejected).toEqual({ 'missing-field': count, 'not-json': 5 });
    expect(account.notes).toEqual({ withoutText: 12 });
    expect(account.meant).toEqual([{ dataset: 'probes', rejected: count }, { rejected: 5 }]);
    expect(ran.merge.totals).toMatchObject({
      lines: count + 6,
      valid: 1,
      rejected: count + 5,
      withoutText: 12,
    });
    expect(world.events.events[0]?.totals).toEqual(ran.merge.totals);
  });

  test('no more text is kept than fits the memory of the function', async () => {
    const long = `{"x":"${'é'.repeat(5_000)}"}\n`;
    const { kept, rejected, account } = await run(long.repeat(6_000));
    expect(rejected).toBe(6_000);
    expect(kept).toBeLessThan(keptRejects.characters / 4_096 + 2);
    expect(account.notes?.withoutText).toBe(rejected - kept);
  });

  test('as many are counted when gzip makes megabytes of a few kilobytes', async () => {
    const { account, kept, all, world } = await run(megabytes(3, 'x\n'), { isGzip: true });
    expect(account).toMatchObject({ valid: 1, rejected: { 'not-json': 1_500_000 } });
    expect(kept).toBe(keptRejects.lines);
    expect(world.objects.keys(rawBucket)).toEqual([key]);
    expect(all.length).toBeGreaterThan(3_000_000);
  });

  test('a recount, which keeps nothing in mind of the lines before, counts the same', async () => {
    const junk = numbered(
      2_000,
      (n) => ['x', '{}', '{}{}', '[{},0]', '"', '0', ' ', '', '{', '\xff'][n % 10] ?? '',
    );
    const { account, all, world } = await run(Buffer.from(junk, 'latin1'));
    const counts: Record<string, number> = {};
    for (const line of all.toString('latin1').split('\n')) {
      async function* bytes() {
        yield Buffer.from(`${line}\n`, 'latin1');
      }
      if (line === '') continue; // an object of its own would be an empty one
      const totals = await parseSegment(
        { source: { key, arrivedMs: world.nowMs }, datasets: [probes], bytes: bytes() },
        { reading: () => {}, rejected: () => {} },
      );
      for (const [reason, count] of Object.entries(totals.rejected))
        counts[reason] = (counts[reason] ?? 0) + count;
    }
    expect(account.rejected).toEqual(counts);
    expect(segmentIdOf({ bucket: rawBucket, key, versionId: 'v1' })).toBe(account.segmentId);
  });
});

describe('an upload that is filled with what can not be read', () => {
  const header = 'timestamp,sensorId,temperature\n';
  const count = mostUnreadable + 10_000;
  const x = 'x\n'.repeat(count);
  test.each<[name: string, key: string, bytes: Buffer]>([
    ['rows of one letter', 'x.csv', Buffer.from(header + x)],
    ['the same, compressed', 'x.csv.gz', gzipSync(header + x)],
    ['lines of one letter', 'x.ndjson', Buffer.from(x)],
    ['one line of many values', 'x.ndjson', Buffer.from('{}x'.repeat(count))],
    ['rows without an end to any', 'x.csv', Buffer.from(`${header}${'",\n'.repeat(count)}`)],
  ])('%s: refused by name before its end, and nothing of it is kept', async (_, file, bytes) => {
    const world = new IngestWorld([probes]);
    const ran = await world.run('job-1', [world.deliver(`landing/probes/${file}`, bytes)]);
    const [account] = world.jobs.ledger.values();
    expect(ran.finish.state).toBe('Completed');
    expect(account).toMatchObject({ lines: 0, valid: 0, rejected: {} });
    expect(account?.refusal).toMatchObject({
      reason: 'unreadable-lines',
      detail: `more than ${mostUnreadable} lines can't be read; accepted: at most so many, and at most 20 %`,
    });
    expect(account?.refusal?.lines).toHaveLength(5);
    expect(world.objects.keys(curatedBucket).filter((key) => key.startsWith('rejects/'))).toEqual([]);
  });
});

describe('what takes longer than the function has', () => {
  const bucket = curatedBucket;
  async function validated(key: string, bytes: string, msOfLook: number) {
    const objects = new MemoryObjects(() => Date.UTC(2026, 2, 2));
    const versionId = objects.put(rawBucket, key, bytes);
    let usedMs = 5_000_000; // of others before it
    const validate = createValidateSegment({
      ...{ segments: objects, objects, datasets: [probes], curatedBucket: bucket },
      clock: { cpuMs: () => (usedMs += msOfLook) },
    });
    const task = { jobId: 'j', segmentId: 's', bucket: rawBucket, key, versionId, size: 1, run: '' };
    return { outcome: await validate(task).catch((fault: Error) => fault), objects };
  }
  const rows = `${good}x\n`.repeat(3_000);

  test.each([
    [
      'landing/probes/x.ndjson',
      /^landing\/probes\/x\.ndjson has more .*Split it into files of at most \d+ lines/,
    ],
    ['raw/2026/03/02/13/x', /^raw\/2026\/03\/02\/13\/x has more .*caudal:bufferMiB/],
  ])('%s ends by a name that no retry follows, with what to do, and leaves nothing', async (key, told) => {
    const { outcome, objects } = await validated(key, rows, 40_000);
    expect(outcome).toMatchObject({ name: 'SegmentTooLarge', message: expect.stringMatching(told) });
    expect(objects.keys(bucket)).toEqual([]);
  });

  test('what others took before it does not count', async () => {
    expect((await validated('raw/2026/03/02/13/x', rows, 1)).outcome).toMatchObject({ valid: 3_000 });
  });
});

test('sensors may be called as the members of every object are, and each is a series of its own', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  const readings = names.map((sensorId) => ({ sensorId, at: '2026-03-01T12:00:00Z', temperature: 35 }));
  const world = new IngestWorld([probes]);
  const ran = await world.run('job-1', [world.deliver(key, lines(...readings))]);
  expect(ran.merged.map(({ added, alerts }) => [added, alerts])).toEqual([[names.length, names.length]]);
  const [account] = world.jobs.ledger.values();
  expect(account?.holds).toMatchObject([{ readings: names.length, sensors: [...names].sort() }]);
  expect(world.topic.notices.map(({ message }) => JSON.parse(message).sensorId).sort()).toEqual(
    [...names].sort(),
  );
});
