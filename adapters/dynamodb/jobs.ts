import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { JobCounter, JobSegments, JobStarter, SegmentLedger } from '../../ports/records.ts';
import { reaching } from '../store-faults.ts';
import type { ItemKey } from './batch.ts';
import { type Changes, updateExpression } from './update-expression.ts';

/** The jobs table: `pk` is the job, `sk` is `job` or one of its segments; a segment's ledger is an item of its own. */
const jobKey = (jobId: string): ItemKey => ({ pk: jobId, sk: 'job' });
const jobSegmentKey = (jobId: string, segmentId: string): ItemKey => ({
  pk: jobId,
  sk: `segment#${segmentId}`,
});
const ledgerKey = (segmentId: string): ItemKey => ({ pk: `segment#${segmentId}`, sk: 'ledger' });

/** What an earlier attempt that failed has left on an item. */
const failureAttributes = ['error', 'cause'];

export function createJobs(documents: DynamoDBDocumentClient, table: string): JobStarter & JobCounter {
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
        setOnce: { createdAt: startedAt, done: 0, failed: 0, lines: 0, valid: 0, rejected: 0 },
        remove: failureAttributes,
      });
    },

    async count(jobId, { segments, failedSegments, lines, valid, rejected }, updatedAt) {
      const done = segments - failedSegments;
      await update(jobId, {
        set: { segments, done, failed: failedSegments, lines, valid, rejected, updatedAt },
      });
    },
  };
}

export function createSegmentRecords(
  documents: DynamoDBDocumentClient,
  table: string,
): SegmentLedger & JobSegments {
  return {
    async record({ segmentId, segment, lines, valid, rejected, rejectsKey }, { jobId, updatedAt }) {
      const { bucket, key, versionId } = segment;
      const account = {
        bucket,
        key,
        versionId,
        lines,
        valid,
        rejected,
        state: 'Completed',
        jobId,
        updatedAt,
      };
      const changes: Changes = {
        set: rejectsKey === undefined ? account : { ...account, rejectsKey },
        remove: rejectsKey === undefined ? [...failureAttributes, 'rejectsKey'] : failureAttributes,
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
