import type { LedgerEntry } from '../../ports/queries.ts';

/** Lines of one dataset, by when their objects arrived. */
export interface DatasetLines {
  /** As the lines name it; `undefined`: they name none, or the ledger is of a version that did not tell. */
  readonly dataset: string | undefined;
  readonly lastHour: LineCounts;
  readonly lastDay: LineCounts;
}

export interface LineCounts {
  lines: number;
  rejected: number;
}

/** Values of one measure that were left out of readings, by when their objects arrived; without cells in which nothing stands. */
export interface DroppedValues {
  readonly dataset: string;
  readonly measure: string;
  readonly lastHour: DropCounts;
  readonly lastDay: DropCounts;
  /** The object of the last day that has the most of them. */
  readonly most: { readonly key: string; readonly reasons: Readonly<Record<string, number>> };
}

export interface DropCounts {
  /** Of the dataset, with or without a value. */
  readings: number;
  dropped: number;
}

const none = (): LineCounts => ({ lines: 0, rejected: 0 });

interface DroppedSums {
  lastHour: number;
  lastDay: number;
  most: { key: string; count: number; reasons: Readonly<Record<string, number>> };
}

/** Sums what became of the lines and values of objects, by dataset. */
export class RecentLines {
  readonly #lines = new Map<string | undefined, { lastHour: LineCounts; lastDay: LineCounts }>();
  /** By dataset, then measure. */
  readonly #dropped = new Map<string, Map<string, DroppedSums>>();

  /** Rejected lines that are counted, and whose text was not kept. */
  withoutText = 0;

  add(entry: LedgerEntry, { key, isLastHour }: { key: string; isLastHour: boolean }): void {
    this.withoutText += entry.notes?.withoutText ?? 0;
    for (const { dataset, lines, rejected } of linesOf(entry)) {
      if (lines === 0) continue;
      const sums = this.#lines.get(dataset) ?? { lastHour: none(), lastDay: none() };
      this.#lines.set(dataset, sums);
      for (const sum of isLastHour ? [sums.lastHour, sums.lastDay] : [sums.lastDay]) {
        sum.lines += lines;
        sum.rejected += rejected;
      }
    }
    for (const [dataset, measures] of Object.entries(entry.dropped)) {
      const known = this.#dropped.get(dataset) ?? new Map<string, DroppedSums>();
      this.#dropped.set(dataset, known);
      for (const [measure, { empty: _, ...reasons }] of Object.entries(measures)) {
        const count = Object.values(reasons).reduce((sum, of) => sum + of, 0);
        if (count === 0) continue;
        const before = known.get(measure);
        known.set(measure, {
          lastHour: (before?.lastHour ?? 0) + (isLastHour ? count : 0),
          lastDay: (before?.lastDay ?? 0) + count,
          most: before !== undefined && before.most.count >= count ? before.most : { key, count, reasons },
        });
      }
    }
  }

  /** By dataset, those that name none last. */
  get lines(): DatasetLines[] {
    return Array.from(this.#lines, ([dataset, sums]) => ({ dataset, ...sums })).sort((a, b) =>
      a.dataset === undefined ? 1 : b.dataset === undefined ? -1 : a.dataset < b.dataset ? -1 : 1,
    );
  }

  /** By dataset, then measure; without measures of which no value was dropped. */
  get dropped(): DroppedValues[] {
    return [...this.#dropped].sort(byName).flatMap(([dataset, measures]) => {
      const { lastHour, lastDay } = this.#lines.get(dataset) ?? { lastHour: none(), lastDay: none() };
      const counts = ({ lines, rejected }: LineCounts, dropped: number) => ({
        readings: lines - rejected,
        dropped,
      });
      return [...measures].sort(byName).map(([measure, sums]) => ({
        ...{ dataset, measure },
        lastHour: counts(lastHour, sums.lastHour),
        lastDay: counts(lastDay, sums.lastDay),
        most: { key: sums.most.key, reasons: sums.most.reasons },
      }));
    });
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** What an object's lines were meant for: its accepted and its rejected ones. */
function linesOf(entry: LedgerEntry): { dataset: string | undefined; lines: number; rejected: number }[] {
  const { counts = { lines: 0, valid: 0, rejected: 0 }, holds, meant } = entry;
  if (holds === undefined || meant === undefined)
    return [{ dataset: undefined, lines: counts.lines, rejected: counts.rejected }];
  return [
    ...holds.map(({ dataset, readings }) => ({ dataset, lines: readings, rejected: 0 })),
    ...meant.map(({ dataset, rejected }) => ({ dataset, lines: rejected, rejected })),
  ];
}
