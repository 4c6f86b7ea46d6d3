import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { batchGet } from '../../adapters/dynamodb/calls.ts';
import type { Item } from '../../adapters/dynamodb/items.ts';
import { ledgerKey } from '../../adapters/dynamodb/jobs-table/keys.ts';
import { reaching } from '../../adapters/store-faults.ts';
import { type Segment, segmentIdOf } from '../../ports/keys.ts';

/** What the jobs table knows of one raw object. */
export interface LedgerEntry {
  readonly state: 'Completed' | 'Failed';
  /** Counts of the last run that completed; absent when none did. */
  readonly counts?: LedgerCounts;
  /** By reason. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly rejectsKey?: string;
  readonly jobId: string;
  readonly attempts: number;
  readonly updatedAt: string;
  /** Of a failed run. */
  readonly error?: string;
  readonly cause?: string;
}

/** `lines = valid + rejected` */
interface LedgerCounts {
  readonly lines: number;
  readonly valid: number;
  readonly rejected: number;
}

/** Reads the segments' ledgers. Strongly consistent. */
export interface LedgerReader {
  /** The counts of a segment that is validated; `undefined` when it never was, or failed. */
  ledger(segment: Segment): Promise<LedgerCounts | undefined>;
  /** In the order of the segments; `undefined` where nothing was recorded yet. */
  ledgers(segments: readonly Segment[]): Promise<(LedgerEntry | undefined)[]>;
}

const keyOf = (segment: Segment) => ledgerKey(segmentIdOf(segment));

/** The ledgers in the jobs table. */
export function createLedgers(documents: DynamoDBDocumentClient, table: string): LedgerReader {
  return {
    async ledger(segment) {
      const { Item: item } = await reaching(
        documents.send(new GetCommand({ TableName: table, Key: keyOf(segment), ConsistentRead: true })),
      );
      const entry = item && fromItem(item);
      return entry?.state === 'Completed' ? entry.counts : undefined;
    },
    async ledgers(segments) {
      // DynamoDB refuses a key that is asked for twice in one call.
      const keys = new Map(segments.map((segment) => [segmentIdOf(segment), keyOf(segment)]));
      const items = await batchGet(documents, table, [...keys.values()]);
      const byId = new Map([...keys.keys()].map((id, index) => [id, items[index]]));
      return segments.map((segment) => {
        const item = byId.get(segmentIdOf(segment));
        return item && fromItem(item);
      });
    },
  };
}

function fromItem(item: Item): LedgerEntry {
  const rejectedByReason = (item.rejected ?? {}) as Record<string, number>;
  const rejected = Object.values(rejectedByReason).reduce((sum, count) => sum + count, 0);
  const text = (name: string) => (typeof item[name] === 'string' ? { [name]: item[name] } : {});
  return {
    state: item.state === 'Completed' ? 'Completed' : 'Failed',
    ...(item.lines === undefined
      ? {}
      : { counts: { lines: Number(item.lines), valid: Number(item.valid), rejected } }),
    rejectedByReason,
    jobId: String(item.jobId ?? ''),
    attempts: Number(item.attempts ?? 0),
    updatedAt: String(item.updatedAt ?? ''),
    ...text('rejectsKey'),
    ...text('error'),
    ...text('cause'),
  };
}
