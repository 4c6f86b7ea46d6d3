import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../ports/queries.ts';
import { replayScope } from './replay-scope.ts';

const hourMs = 3_600_000;
const entry: LedgerEntry = {
  ...{ state: 'Completed', jobId: 'j', attempts: 1, updatedAt: '', rejectedByReason: {}, dropped: {} },
  counts: { lines: 10, valid: 9, rejected: 1 },
};

test('a hundred thousand objects are counted a page at a time', async () => {
  const pages: number[] = [];
  const startMs = Date.UTC(2025, 0, 1);
  const lister = {
    async *list({ prefix }: { prefix: string }) {
      for (let index = 0; prefix === 'raw/' && index < 100_000; index++) {
        const hour = new Date(startMs + Math.floor(index / 100) * hourMs)
          .toISOString()
          .slice(0, 13)
          .replace(/[-T]/g, '/');
        yield {
          key: `raw/${hour}/${String(index).padStart(6, '0')}.gz`,
          versionId: '1',
          size: 7,
          lastModifiedMs: 0,
          isCurrent: true,
        };
      }
    },
  };
  const ledgers = {
    ledger: async () => undefined,
    async ledgers(segments: readonly unknown[]) {
      pages.push(segments.length);
      return segments.map((_, index): LedgerEntry | undefined =>
        index === 0 ? undefined : index === 1 ? { ...entry, state: 'Failed' } : entry,
      );
    },
  };
  const scope = await replayScope(
    { versions: lister, ledgers },
    { rawBucket: 'b', datasets: [] },
    { by: 'arrival', fromMs: startMs, toMs: startMs + 1_000 * hourMs },
    () => {},
  );
  expect(pages).toEqual(new Array(100).fill(1_000));
  expect(scope).toEqual({
    objects: 100_000,
    bytes: 700_000,
    validated: 99_800,
    failed: 100,
    unseen: 100,
    lines: 998_000,
    valid: 898_200,
    rejected: 99_800,
  });
});
