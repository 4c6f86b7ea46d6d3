import { describe, expect, test } from 'vitest';
import type { ToonRecord } from '../../../core/toons/record.ts';
import type { RecordLister } from '../../../ports/toons.ts';
import { createSummarizeJob } from './summarize-job.ts';

type Query = Parameters<RecordLister['list']>[0];
const record = (index: number, more: Partial<ToonRecord> = {}): ToonRecord => ({
  toonId: `t${String(index).padStart(5, '0')}`,
  type: 'message',
  state: 'Completed',
  durationMs: 1,
  processedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const failed = (index: number, more: Partial<ToonRecord> = {}): ToonRecord =>
  record(index, { state: 'Failed', reason: 'corrupt', detail: 'broken', ...more });
const times = <Made>(count: number, make: (index: number) => Made): Made[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Summarizes a job of these records, which come in pages of `pageSize`. */
async function summaryOf(records: readonly ToonRecord[], total: number, pageSize = 1_000) {
  const queries: Query[] = [];
  const summarize = createSummarizeJob({
    records: {
      async list(query) {
        queries.push(query);
        const rest = records.filter(({ toonId }) => query.after === undefined || toonId > query.after);
        const page = rest.slice(0, Math.min(pageSize, query.limit));
        const last = page.at(-1)?.toonId;
        return { records: page, ...(rest.length > page.length && last !== undefined ? { next: last } : {}) };
      },
    },
  });
  const summary = await summarize({ jobId: 'JOB001', total });
  return { summary, queries };
}

describe('a summary', () => {
  test('counts every record of every page once', async () => {
    const records = times(25, (index) => (index % 5 === 0 ? failed(index) : record(index)));
    for (const pageSize of [1, 7, 25, 1_000]) {
      const { summary, queries } = await summaryOf(records, 25, pageSize);
      expect(summary).toMatchObject({ jobId: 'JOB001', total: '25', processed: '25', failed: '5' });
      expect(queries).toHaveLength(Math.ceil(25 / pageSize));
    }
  });

  test('reads strongly consistent: a record that was just written is in it', async () => {
    const { queries } = await summaryOf(times(3, record), 3, 1);
    expect(queries.map(({ jobId, consistent }) => [jobId, consistent])).toEqual(
      times(3, () => ['JOB001', true]),
    );
  });

  test('gives its counts as text, as they travel to DynamoDB', async () => {
    const { summary } = await summaryOf([record(0)], 1);
    expect([summary.total, summary.processed, summary.failed]).toEqual(['1', '1', '0']);
    expect(summary.failures).toEqual([]);
  });

  test('names the first twenty failures, and counts all of them', async () => {
    const { summary } = await summaryOf(times(30, failed), 30, 8);
    expect(summary.failed).toBe('30');
    expect(summary.failures.map(({ toonId }) => toonId)).toEqual(times(20, (index) => record(index).toonId));
    expect(summary.failures[0]).toEqual({ toonId: 't00000', reason: 'corrupt', detail: 'broken' });
  });

  test('stays small whatever a toon says of its failure', async () => {
    const { summary } = await summaryOf(
      times(20, (index) => failed(index, { detail: 'x'.repeat(10_000) })),
      20,
    );
    expect(summary.failures.map(({ detail }) => detail.length)).toEqual(times(20, () => 200));
    expect(JSON.stringify(summary).length).toBeLessThan(6_000);
  });

  test('gives a failure without a reason one all the same', async () => {
    const bare: ToonRecord = { ...record(0), state: 'Failed' };
    const { summary } = await summaryOf([bare], 1);
    expect(summary.failures).toEqual([{ toonId: 't00000', reason: 'internal-error', detail: '' }]);
  });
});

describe('a job with toons that have no record', () => {
  test.each([
    [0, 3],
    [2, 3],
  ])('is not summarized: %i records of %i', async (count, total) => {
    await expect(summaryOf(times(count, record), total)).rejects.toMatchObject({
      name: 'ToonsUnrecorded',
      message: expect.stringContaining(`${total - count} of ${total}`),
    });
  });
});
