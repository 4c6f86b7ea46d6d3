import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { JobMissing } from '../../ports/faults.ts';
import type { JobBook, JobMarker } from '../../ports/toons.ts';
import { reaching } from '../store-faults.ts';
import { conditionHeld } from './conditions.ts';

/** Jobs of toons in the jobs table, beside those of the ingestion: `sk` is `job`. */
export function createToonJobs(documents: DynamoDBDocumentClient, table: string): JobBook & JobMarker {
  const key = (jobId: string) => ({ pk: jobId, sk: 'job' });
  return {
    async create({ jobId, clientId, digest, total, metadata, createdAt }) {
      const item = {
        ...key(jobId),
        kind: 'toons',
        state: 'Pending',
        clientId,
        digest,
        total,
        processed: 0,
        failed: 0,
        metadata: metadata ?? {},
        createdAt,
        updatedAt: createdAt,
      };
      const created = await conditionHeld(
        documents.send(
          new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
      if (created) return { kind: 'created' };
      const { Item } = await reaching(
        documents.send(new GetCommand({ TableName: table, Key: key(jobId), ConsistentRead: true })),
      );
      return { kind: 'exists', digest: typeof Item?.digest === 'string' ? Item.digest : undefined };
    },

    async begin({ jobId, executionArn, updatedAt }) {
      const begun = await conditionHeld(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: key(jobId),
            UpdateExpression:
              'SET #state = :processing, executionArn = :arn, updatedAt = :at REMOVE #error, cause',
            // A redrive begins a failed job again; a completed one stays as it is.
            ConditionExpression: 'kind = :toons AND #state <> :completed',
            ExpressionAttributeNames: { '#state': 'state', '#error': 'error' },
            ExpressionAttributeValues: {
              ':processing': 'Processing',
              ':completed': 'Completed',
              ':toons': 'toons',
              ':arn': executionArn,
              ':at': updatedAt,
            },
          }),
        ),
      );
      if (!begun) throw new JobMissing(`no job of toons '${jobId}' that is still to be done`);
    },
  };
}
