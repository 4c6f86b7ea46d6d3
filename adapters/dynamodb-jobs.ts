import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { JobCounter, JobSegments, JobStarter, SegmentLedger } from '../handlers/record-ports.ts';
import { reaching } from './store-faults.ts';

/** The jobs table: `pk` is the job, `sk` is `job` or one of its segments; a segment's ledger is an item of its own. */
const jobKey = (jobId: string) => ({ pk: jobId, sk: 'job' });

export function createJobs(documents: DynamoDBDocumentClient, table: string): JobStarter & JobCounter {
  return {
    async start({ jobId, executionArn, startedAt, segments, updatedAt }) {
      await reaching(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: jobKey(jobId),
            UpdateExpression: `SET kind = :kind, #state = :state, executionArn = :arn, segments = :segments, updatedAt = :updatedAt,
              createdAt = if_not_exists(createdAt, :startedAt), done = if_not_exists(done, :zero), failed = if_not_exists(failed, :zero),
              #lines = if_not_exists(#lines, :zero), valid = if_not_exists(valid, :zero), rejected = if_not_exists(rejected, :zero)
              REMOVE #error, cause`,
            ExpressionAttributeNames: { '#state': 'state', '#lines': 'lines', '#error': 'error' },
            ExpressionAttributeValues: {
              ':kind': 'ingest',
              ':state': 'Processing',
              ':arn': executionArn,
              ':segments': segments,
              ':startedAt': startedAt,
              ':updatedAt': updatedAt,
              ':zero': 0,
            },
          }),
        ),
      );
    },

    async count(jobId, totals, updatedAt) {
      await reaching(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: jobKey(jobId),
            UpdateExpression:
              'SET segments = :segments, done = :done, failed = :failed, #lines = :lines, valid = :valid, rejected = :rejected, updatedAt = :at',
            ExpressionAttributeNames: { '#lines': 'lines' },
            ExpressionAttributeValues: {
              ':segments': totals.segments,
              ':done': totals.segments - totals.failedSegments,
              ':failed': totals.failedSegments,
              ':lines': totals.lines,
              ':valid': totals.valid,
              ':rejected': totals.rejected,
              ':at': updatedAt,
            },
          }),
        ),
      );
    },
  };
}

export function createSegmentRecords(
  documents: DynamoDBDocumentClient,
  table: string,
): SegmentLedger & JobSegments {
  return {
    async record({ segmentId, segment, lines, valid, rejected, rejectsKey }, { jobId, updatedAt }) {
      const names = { '#key': 'key', '#lines': 'lines', '#state': 'state', '#bucket': 'bucket' };
      await reaching(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: { pk: `segment#${segmentId}`, sk: 'ledger' },
            UpdateExpression: `SET #bucket = :bucket, #key = :key, versionId = :versionId, #lines = :lines, valid = :valid,
              rejected = :rejected, #state = :state, jobId = :jobId, updatedAt = :at${rejectsKey === undefined ? '' : ', rejectsKey = :rejectsKey'}
              ${rejectsKey === undefined ? 'REMOVE rejectsKey, #error, cause' : 'REMOVE #error, cause'} ADD attempts :one`,
            ExpressionAttributeNames: { ...names, '#error': 'error' },
            ExpressionAttributeValues: {
              ':bucket': segment.bucket,
              ':key': segment.key,
              ':versionId': segment.versionId,
              ':lines': lines,
              ':valid': valid,
              ':rejected': rejected,
              ':state': 'Completed',
              ':jobId': jobId,
              ':at': updatedAt,
              ':one': 1,
              ...(rejectsKey === undefined ? {} : { ':rejectsKey': rejectsKey }),
            },
          }),
        ),
      );
    },

    async complete(jobId, { segmentId, bucket, key, versionId, lines, valid, rejected }, updatedAt) {
      await reaching(
        documents.send(
          new PutCommand({
            TableName: table,
            Item: {
              pk: jobId,
              sk: `segment#${segmentId}`,
              bucket,
              key,
              versionId,
              state: 'Completed',
              lines,
              valid,
              rejected,
              updatedAt,
            },
          }),
        ),
      );
    },
  };
}
