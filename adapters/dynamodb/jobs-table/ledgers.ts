import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DroppedCounts } from '../../../core/dataset/reading.ts';
import type { Refusal } from '../../../core/lines/gate.ts';
import { type Segment, segmentIdOf } from '../../../ports/keys.ts';
import type { LedgerEntry, LedgerReader } from '../../../ports/queries.ts';
import type { FileNotes, Holding, MeantLines } from '../../../ports/records.ts';
import { reaching } from '../../store-faults.ts';
import { batchGet } from '../calls.ts';
import type { Item } from '../items.ts';
import { ledgerKey } from './keys.ts';

const keyOf = (segment: Segment) => ledgerKey(segmentIdOf(segment));

/** The ledgers, read. The role needs `dynamodb:GetItem` and `BatchGetItem`. */
export function createLedgers(documents: DynamoDBDocumentClient, table: string): LedgerReader {
  return {
    async ledger(segment) {
      const { Item: item } = await reaching(
        documents.send(new GetCommand({ TableName: table, Key: keyOf(segment), ConsistentRead: true })),
      );
      const entry = item && fromItem(item);
      return entry?.state === 'Failed' ? undefined : entry?.counts;
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
    state: item.state === 'Completed' || item.state === 'Refused' ? item.state : 'Failed',
    ...(item.lines === undefined
      ? {}
      : { counts: { lines: Number(item.lines), valid: Number(item.valid), rejected } }),
    rejectedByReason,
    dropped: (item.dropped ?? {}) as DroppedCounts, // ValidateSegment wrote it
    jobId: String(item.jobId ?? ''),
    attempts: Number(item.attempts ?? 0),
    updatedAt: String(item.updatedAt ?? ''),
    ...(item.holds === undefined ? {} : { holds: item.holds as readonly Holding[] }), // ValidateSegment wrote it
    ...(item.meant === undefined ? {} : { meant: item.meant as readonly MeantLines[] }), // as above
    ...(item.refusal === undefined ? {} : { refusal: item.refusal as Refusal }), // as above
    ...(item.notes === undefined ? {} : { notes: item.notes as FileNotes }), // as above
    ...text('rejectsKey'),
    ...text('error'),
    ...text('cause'),
  };
}
