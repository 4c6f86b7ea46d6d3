import { type DynamoDBDocumentClient, PutCommand, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Segment } from '../../../ports/keys.ts';
import type { FailedSegment, FailedSegmentQueries, SegmentQueries } from '../../../ports/queries.ts';
import type { JobCounter, JobSegments, JobStarter, SegmentLedger } from '../../../ports/records.ts';
import { reaching, reachingEach } from '../../store-faults.ts';
import { type Changes, updateExpression } from '../items.ts';
import { jobKey, jobSegmentKey, ledgerKey, segmentPrefix } from './keys.ts';

/** What an earlier attempt that failed has left on an item. */
const failureAttributes = ['error', 'cause'];

/** Ingest jobs as their state machine's functions see them. The role needs `dynamodb:UpdateItem`. */
export function createIngestJobs(documents: DynamoDBDocumentClient, table: string): JobStarter & JobCounter {
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
        setOnce: { createdAt: startedAt, done: 0, failed: 0, lines: 0, valid: 0, rejected: 0, dropped: 0 },
        remove: failureAttributes,
      });
    },

    async count(jobId, { segments, failedSegments, lines, valid, rejected, dropped }, updatedAt) {
      const done = segments - failedSegments;
      await update(jobId, {
        set: { segments, done, failed: failedSegments, lines, valid, rejected, dropped, updatedAt },
      });
    },
  };
}

/** What `ValidateSegment` records: the segment's ledger, and the job's line about it. The role needs `dynamodb:UpdateItem` and `PutItem`. */
export function createSegmentRecords(
  documents: DynamoDBDocumentClient,
  table: string,
): SegmentLedger & JobSegments {
  return {
    async record(
      { segmentId, segment, lines, valid, rejected, dropped, rejectsKey, holds, meant },
      { jobId, updatedAt },
    ) {
      const { bucket, key, versionId } = segment;
      const account = {
        bucket,
        key,
        versionId,
        lines,
        valid,
        rejected,
        dropped,
        state: 'Completed',
        jobId,
        updatedAt,
      };
      // What an earlier run has left is not true of this one.
      const remove = [
        ...failureAttributes,
        ...(rejectsKey === undefined ? ['rejectsKey'] : []),
        ...(holds === undefined ? ['holds'] : []),
        ...(meant === undefined ? ['meant'] : []),
      ];
      const changes: Changes = {
        set: {
          ...account,
          ...(rejectsKey === undefined ? {} : { rejectsKey }),
          ...(holds === undefined ? {} : { holds }),
          ...(meant === undefined ? {} : { meant }),
        },
        remove,
        add: { attempts: 1 },
      };
      const command = { TableName: table, Key: ledgerKey(segmentId), ...updateExpression(changes) };
      await reaching(documents.send(new UpdateCommand(command)));
    },

    async complete(jobId, { segmentId, ...segment }, updatedAt) {
      const item = { ...jobSegmentKey(jobId, segmentId), ...segment, state: 'Completed', updatedAt };
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
      const failures: FailedSegment[] = [];
      const pages = paginateQuery(
        { client: documents },
        {
          TableName: table,
          KeyConditionExpression: 'pk = :job AND begins_with(sk, :segment)',
          ExpressionAttributeNames: { '#state': 'state', '#key': 'key', '#error': 'error' },
          ExpressionAttributeValues: { ':job': jobId, ':segment': segmentPrefix },
          ProjectionExpression: '#state, #key, #error, cause',
        },
      );
      for await (const { Items = [] } of reachingEach(pages)) {
        for (const item of Items) {
          if (item.state === 'Completed') completed += 1;
          if (item.state !== 'Failed') continue;
          failed += 1;
          if (failures.length === limit) continue;
          const { key, error, cause } = item;
          failures.push({ key: String(key), error: String(error ?? ''), cause: String(cause ?? '') });
        }
      }
      return { completed, failed, failures };
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
