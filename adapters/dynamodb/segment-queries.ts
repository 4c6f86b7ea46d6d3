import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { FailedSegment, SegmentQueries } from '../../ports/queries.ts';
import { reaching } from '../store-faults.ts';

/** The segments of an ingest job: the items beside the job's own. */
export function createSegmentQueries(documents: DynamoDBDocumentClient, table: string): SegmentQueries {
  return {
    async progress(jobId, limit) {
      let completed = 0;
      let failed = 0;
      const failures: FailedSegment[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await reaching(
          documents.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: 'pk = :job AND begins_with(sk, :segment)',
              ExpressionAttributeNames: { '#state': 'state', '#key': 'key', '#error': 'error' },
              ExpressionAttributeValues: { ':job': jobId, ':segment': 'segment#' },
              ProjectionExpression: '#state, #key, #error, cause',
              ExclusiveStartKey: from,
            }),
          ),
        );
        for (const item of page.Items ?? []) {
          if (item.state === 'Completed') completed += 1;
          if (item.state !== 'Failed') continue;
          failed += 1;
          if (failures.length === limit) continue;
          const { key, error, cause } = item;
          failures.push({ key: String(key), error: String(error ?? ''), cause: String(cause ?? '') });
        }
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return { completed, failed, failures };
    },
  };
}
