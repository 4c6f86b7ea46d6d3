import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../ports/queries.ts';
import { MemoryObjects } from '../../test/support/memory-objects.ts';
import { recentObjects } from './recent-objects.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-03-02T12:30:00Z');

test('lines and dropped values are summed by the dataset that they are meant for, over the last hour and day', async () => {
  let atMs = 0;
  const objects = new MemoryObjects(() => atMs);
  const entries = new Map<string, Partial<LedgerEntry>>();
  const put = (agoMs: number, entry: Partial<LedgerEntry>) => {
    atMs = nowMs - agoMs;
    const hour = new Date(atMs).toISOString().slice(0, 13).replace(/[-T]/g, '/');
    const key = `raw/${hour}/${entries.size}`;
    objects.put('raw', key, 'x');
    entries.set(key, entry);
  };
  const holding = (dataset: string, readings: number, rejected: number) => ({
    counts: { lines: readings + rejected, valid: readings, rejected },
    holds: [{ dataset, readings, fromMs: 0, toMs: 0 }],
    meant: rejected === 0 ? [] : [{ dataset, rejected }],
  });
  put(0.5 * hourMs, {
    ...holding('air', 9, 1),
    dropped: { air: { humidity: { empty: 5, 'out-of-range': 2 }, wind: { empty: 1 } } },
  });
  put(0.5 * hourMs, { ...holding('water', 0, 0), holds: [], meant: [{ rejected: 4 }] });
  put(5 * hourMs, { ...holding('air', 90, 0), dropped: { air: { humidity: { nothing: 30 } } } });
  put(23.7 * hourMs, holding('air', 900, 9));
  put(24.2 * hourMs, holding('air', 7_000, 7));
  put(3 * hourMs, { counts: { lines: 5, valid: 3, rejected: 2 } });
  put(2 * hourMs, { ...holding('air', 1, 1), state: 'Failed' });
  const ledgers = {
    ledger: async () => undefined,
    ledgers: async (segments: readonly { key: string }[]) =>
      segments.map(
        ({ key }): LedgerEntry => ({
          ...{
            state: 'Completed',
            jobId: 'j',
            attempts: 1,
            updatedAt: '',
            rejectedByReason: {},
            dropped: {},
          },
          ...entries.get(key),
        }),
      ),
  };
  const ports = { lister: objects, ledgers, rawBucket: 'raw' };
  const { lines, dropped } = await recentObjects(ports, nowMs, { wholeDay: true });
  expect(lines).toEqual([
    {
      dataset: 'air',
      lastHour: { lines: 10, rejected: 1 },
      lastDay: { lines: 10 + 90 + 909, rejected: 10 },
    },
    { dataset: undefined, lastHour: { lines: 4, rejected: 4 }, lastDay: { lines: 9, rejected: 6 } },
  ]);
  expect(dropped).toEqual([
    {
      ...{ dataset: 'air', measure: 'humidity' },
      lastHour: { readings: 9, dropped: 2 },
      lastDay: { readings: 999, dropped: 32 },
      most: { key: 'raw/2026/03/02/07/2', reasons: { nothing: 30 } },
    },
  ]);
});
