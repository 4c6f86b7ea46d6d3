import { type DynamoDBDocumentClient, PutCommand, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Refusal } from '../../../core/lines/gate.ts';
import type { Segment } from '../../../ports/keys.ts';
import type {
  FailedSegment,
  FailedSegmentQueries,
  RefusedSegment,
  SegmentQueries,
} from '../../../ports/queries.ts';
import type {
  JobCounter,
  JobFinisher,
  JobMerges,
  JobSegments,
  JobStarter,
  SegmentLedger,
} from '../../../ports/records.ts';
import { reaching, reachingEach } from '../../store-faults.ts';
import { type Changes, updateExpression } from '../items.ts';
import { jobKey, jobSegmentKey, ledgerKey, mergeKey, segmentPrefix } from './keys.ts';

/** What an earlier attempt that failed has left on an item. */
const failureAttributes = ['error', 'cause'];
/** What an account may have or not. */
const optionalAttributes = ['rejectsKey', 'holds', 'meant', 'refusal', 'notes'] as const;

const stateOf = (refusal: Refusal | undefined) => (refusal === undefined ? 'Completed' : 'Refused');

/** Ingest jobs as their state machine's functions see them. The role needs `dynamodb:UpdateItem`. */
export function createIngestJobs(
  documents: DynamoDBDocumentClient,
  table: string,
): JobStarter & JobCounter & JobFinisher {
  const update = (jobId: string, changes: Changes) =>
    reaching(
      documents.send(
        new UpdateCommand({ TableName: table, Key: jobKey(jobId), ...updateExpression(changes) }),
      ),
    );
  return {
    async start({ jobId, executionArn, startedAt, segments, updatedAt }) {
      await update(jobId, {
        set: { kind: 'ingest', state: 'Processing', executionArn, segments, updatedAt },
        setOnce: {
          createdAt: startedAt,
          done: 0,
          failed: 0,
          lines: 0,
          valid: 0,
          rejected: 0,
          dropped: 0,
          refused: 0,
          unterminated: 0,
        },
        remove: failureAttributes,
      });
    },

    async count(jobId, { segments, failedSegments, ...counts }, updatedAt) {
      const done = segments - failedSegments;
      await update(jobId, {
        set: { segments, done, failed: failedSegments, ...counts, updatedAt },
      });
    },

    async finish(jobId, updatedAt) {
      await update(jobId, { set: { state: 'Completed', updatedAt }, remove: failureAttributes });
    },
  };
}

/** What `MergePartition` records of a job. The role needs `dynamodb:PutItem`. */
export function createJobMerges(documents: DynamoDBDocumentClient, table: string): JobMerges {
  return {
    async contested(jobId, { part, readings, updatedAt }) {
      const item = { ...mergeKey(jobId, part), contested: readings, updatedAt };
      await reaching(documents.send(new PutCommand({ TableName: table, Item: item })));
    },
  };
}

/** What `ValidateSegment` records: the segment's ledger, and the job's line about it. The role needs `dynamodb:UpdateItem` and `PutItem`. */
export function createSegmentRecords(
  documents: DynamoDBDocumentClient,
  table: string,
): SegmentLedger & JobSegments {
  return {
    async record({ segmentId, segment, lines, valid, rejected, dropped, ...optional }, { jobId, updatedAt }) {
      const { bucket, key, versionId } = segment;
      const account = {
        bucket,
        key,
        versionId,
        lines,
        valid,
        rejected,
        dropped,
        state: stateOf(optional.refusal),
        jobId,
        updatedAt,
      };
      // What an earlier run has left is not true of this one.
      const absent = optionalAttributes.filter((name) => optional[name] === undefined);
      const changes: Changes = {
        set: { ...account, ...optional },
        remove: [...failureAttributes, ...absent],
        add: { attempts: 1 },
      };
      const command = { TableName: table, Key: ledgerKey(segmentId), ...updateExpression(changes) };
      await reaching(documents.send(new UpdateCommand(command)));
    },

    async complete(jobId, { segmentId, ...segment }, updatedAt) {
      const state = stateOf(segment.refusal);
      const item = { ...jobSegmentKey(jobId, segmentId), ...segment, state, updatedAt };
      await reaching(documents.send(new PutCommand({ TableName: table, Item: item })));
    },
  };
}

/** The segments of an ingest job: the items beside the job's own. The role needs `dynamodb:Query`. */
export function createSegmentQueries(documents: DynamoDBDocumentClient, table: string): SegmentQueries {
  return {
    async progress(jobId, limit) {
      let completed = 0;
      let failed = 0;
      let refused = 0;
      const failures: FailedSegment[] = [];
      const refusals: RefusedSegment[] = [];
      const pages = paginateQuery(
        { client: documents },
        {
          TableName: table,
          KeyConditionExpression: 'pk = :job AND begins_with(sk, :segment)',
          ExpressionAttributeNames: { '#state': 'state', '#key': 'key', '#error': 'error' },
          ExpressionAttributeValues: { ':job': jobId, ':segment': segmentPrefix },
          ProjectionExpression: '#state, #key, #error, cause, refusal',
        },
      );
      for await (const { Items = [] } of reachingEach(pages)) {
        for (const item of Items) {
          if (item.state === 'Completed' || item.state === 'Refused') completed += 1;
          if (item.state === 'Refused') {
            refused += 1;
            const { reason, detail, cause } = item.refusal as Refusal; // ValidateSegment wrote it
            if (refusals.length < limit)
              refusals.push({
                key: String(item.key),
                reason,
                detail,
                ...(cause === undefined ? {} : { cause }),
              });
          }
          if (item.state !== 'Failed') continue;
          failed += 1;
          if (failures.length === limit) continue;
          const { key, error, cause } = item;
          failures.push({ key: String(key), error: String(error ?? ''), cause: String(cause ?? '') });
        }
      }
      return { completed, failed, failures, refused, refusals };
    },
  };
}

/** The failed ones among the segments of an ingest job, with what it takes to look at them. The role needs `dynamodb:Query`. */
export function createFailedSegmentQueries(
  documents: DynamoDBDocumentClient,
  table: string,
): FailedSegmentQueries {
  return {
    async failed(jobId, limit) {
      const found: (Segment & FailedSegment)[] = [];
      const pages = paginateQuery(
        { client: documents },
        {
          TableName: table,
          KeyConditionExpression: 'pk = :job AND begins_with(sk, :segment)',
          FilterExpression: '#state = :failed',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':job': jobId, ':segment': segmentPrefix, ':failed': 'Failed' },
        },
      );
      for await (const { Items = [] } of reachingEach(pages)) {
        for (const { bucket, key, versionId, error, cause } of Items) {
          if (found.length === limit) return found;
          found.push({
            ...{ bucket: String(bucket), key: String(key), versionId: String(versionId) },
            ...{ error: String(error ?? ''), cause: String(cause ?? '') },
          });
        }
      }
      return found;
    },
  };
}
