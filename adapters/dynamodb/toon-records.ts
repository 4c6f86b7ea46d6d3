import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { ToonRecord } from '../../core/toons/record.ts';
import type { RecordLister, ToonRecorder } from '../../ports/toons.ts';
import { reaching } from '../store-faults.ts';
import { conditionHeld } from './conditions.ts';

/** Sort keys of the records of a job's toons begin with it. */
const prefix = 'toon#';

/**
 * Records of toons in the jobs table. `result` is stored as JSON text: its numbers may lie outside of what DynamoDB's
 * own number holds, and nothing in the table reads it.
 */
export function createToonRecords(
  documents: DynamoDBDocumentClient,
  table: string,
): ToonRecorder & RecordLister {
  return {
    async record(toon, record) {
      const key = { pk: toon.jobId, sk: prefix + toon.toonId };
      const { result, ...rest } = record;
      const item = { ...key, ...rest, ...(result === undefined ? {} : { result: JSON.stringify(result) }) };
      const written = await conditionHeld(
        documents.send(
          new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
      const state = written ? record.state : await recordedState(documents, table, key);
      const position = new Set([Number(toon.position)]);
      // After the record, so that what is counted is recorded; repeated when the record was there already, because
      // whoever wrote it may have died before this line.
      await reaching(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: { pk: toon.jobId, sk: toon.progressKey },
            UpdateExpression: state === 'Failed' ? 'ADD done :at, failed :at' : 'ADD done :at',
            ExpressionAttributeValues: { ':at': position },
          }),
        ),
      );
      return state;
    },

    async list({ jobId, after, limit, consistent = false }) {
      const page = await reaching(
        documents.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :job AND sk BETWEEN :first AND :last',
            // '$' is the character after '#'.
            ExpressionAttributeValues: { ':job': jobId, ':first': prefix, ':last': 'toon$' },
            ...(after === undefined ? {} : { ExclusiveStartKey: { pk: jobId, sk: prefix + after } }),
            Limit: limit,
            ConsistentRead: consistent,
          }),
        ),
      );
      const records = (page.Items ?? []).map(recordOf);
      const last = page.LastEvaluatedKey?.sk;
      return { records, ...(typeof last === 'string' ? { next: last.slice(prefix.length) } : {}) };
    },
  };
}

async function recordedState(
  documents: DynamoDBDocumentClient,
  table: string,
  key: { pk: string; sk: string },
): Promise<ToonRecord['state']> {
  const { Item } = await reaching(
    documents.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true })),
  );
  return Item?.state === 'Failed' ? 'Failed' : 'Completed';
}

/** Items are written by this file and by the state machine alone, in this shape; the keys are dropped. */
function recordOf({ pk: _pk, sk: _sk, result, ...rest }: Record<string, unknown>): ToonRecord {
  return {
    ...(rest as unknown as ToonRecord),
    ...(typeof result === 'string' ? { result: JSON.parse(result) } : {}),
  };
}
