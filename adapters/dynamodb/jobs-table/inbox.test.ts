import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MergeInbox } from '../../../ports/inbox.ts';
import { type DynamoDb, startDynamoDb } from '../../../test/support/dynamodb-tables.ts';
import { MemoryInbox } from '../../../test/support/memory-records.ts';
import { createMergeInbox } from './inbox.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const kinds: Record<string, () => MergeInbox> = {
  'in the jobs table': () => createMergeInbox(dynamoDb.documents, dynamoDb.tables.jobs),
  'in memory, as tests use it': () => new MemoryInbox(),
};

let month = 0;
describe.each(Object.entries(kinds))('the inbox %s', (_, create) => {
  let inbox: MergeInbox;
  let unit: { dataset: string; shard: number; month: string };
  beforeEach(() => {
    inbox = create();
    month++;
    unit = { dataset: 'probes@2', shard: 3, month: `20${String(month).padStart(2, '0')}-01` };
  });
  const list = { key: 'staging/j/part-lists.json', start: 4, end: 9 };
  const parts = (sinceMs: number, rows = 1) => ({
    unit,
    list,
    rows,
    days: 2,
    sinceMs,
    ...(rows > 5 && { isFull: true }),
  });

  test('has the parts of each job by unit, the oldest first', async () => {
    await inbox.put('late', [parts(20)]);
    await inbox.put('early', [parts(10, 7), { ...parts(10), unit: { ...unit, shard: 0 } }]);
    expect(await inbox.look(unit)).toEqual({
      waiting: [
        { jobId: 'early', list, rows: 7, days: 2, sinceMs: 10, isFull: true },
        { jobId: 'late', list, rows: 1, days: 2, sinceMs: 20 },
      ],
      lastTookMs: 0,
    });
    const others = { ...unit, shard: 9 };
    expect(await inbox.waitingOf('early', [unit, others, { ...unit, shard: 0 }])).toEqual([
      true,
      false,
      true,
    ]);
    expect(await inbox.look(others)).toEqual({ waiting: [], lastTookMs: 0 });
  });

  test('keeps parts that were put again since they were read', async () => {
    await inbox.put('job', [parts(10)]);
    const [read] = (await inbox.look(unit)).waiting;
    if (read === undefined) throw new Error('nothing waits');
    await inbox.put('job', [parts(11)]);
    await inbox.advance(unit, read, '2026-01-05');
    await inbox.remove(unit, read);
    const [again] = (await inbox.look(unit)).waiting;
    expect(again).toEqual({ jobId: 'job', list, rows: 1, days: 2, sinceMs: 11 });
    if (again === undefined) throw new Error('nothing waits');
    await inbox.advance(unit, again, '2026-01-05');
    expect((await inbox.look(unit)).waiting).toEqual([{ ...again, mergedThrough: '2026-01-05' }]);
    await inbox.remove(unit, again);
    await inbox.remove(unit, again);
    await inbox.advance(unit, again, '2026-01-06');
    expect((await inbox.look(unit)).waiting).toEqual([]);
  });

  test('gives the lease to one at a time, until it is given back or lapses', async () => {
    expect(await inbox.take(unit, { owner: 'one', nowMs: 0, untilMs: 100 })).toBe(true);
    expect(await inbox.take(unit, { owner: 'two', nowMs: 99, untilMs: 200 })).toBe(false);
    expect(await inbox.take(unit, { owner: 'one', nowMs: 99, untilMs: 150 })).toBe(true);
    expect((await inbox.look(unit)).lease).toEqual({ owner: 'one', untilMs: 150 });
    expect(await inbox.take(unit, { owner: 'two', nowMs: 150, untilMs: 300 })).toBe(true);
    await inbox.release(unit, { owner: 'one', tookMs: 1 });
    expect((await inbox.look(unit)).lease).toEqual({ owner: 'two', untilMs: 300 });
    await inbox.release(unit, { owner: 'two', tookMs: 77 });
    expect(await inbox.look(unit)).toEqual({ waiting: [], lastTookMs: 77 });
    expect(await inbox.take(unit, { owner: 'one', nowMs: 0, untilMs: 9 })).toBe(true);
    expect((await inbox.look(unit)).lastTookMs).toBe(77);
  });

  test('knows of jobs whose parts are to come, until they come or their time is over', async () => {
    expect(await inbox.othersToCome('one', 0)).toBe(false);
    await inbox.announce('one', 100);
    expect(await inbox.othersToCome('one', 0)).toBe(false);
    expect(await inbox.othersToCome('two', 99)).toBe(true);
    expect(await inbox.othersToCome('two', 100)).toBe(false);
    await inbox.announce('three', 500);
    expect(await inbox.othersToCome('two', 200)).toBe(true);
    await inbox.put('three', []);
    expect(await inbox.othersToCome('two', 200)).toBe(false);
  });
});
