import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { ToonRecord } from '../../../core/toons/record.ts';
import { JobMissing } from '../../../ports/faults.ts';
import type { Admission, JobBook, JobMarker, RecordLister, ToonRecorder } from '../../../ports/toons.ts';
import { reaching } from '../../store-faults.ts';
import { ifHeld, rewrite } from '../calls.ts';
import { type Item, type ItemKey, updateExpression } from '../items.ts';
import { jobKey, openJobsKey, progressKey, toonJobKey, toonKey, toonPrefix, toonsPartition } from './keys.ts';

/** A job that has not ended after this time has no execution: it is not counted any more. */
const openMs = 86_400_000;

interface OpenJob {
  readonly jobId: string;
  readonly total: number;
  readonly createdAt: string;
}

const digestOf = (item: Item | undefined): string | undefined =>
  typeof item?.digest === 'string' ? item.digest : undefined;

/** Jobs of toons, beside those of the ingestion. The role needs `dynamodb:PutItem` and `GetItem` to create, `UpdateItem` to begin. */
export function createToonJobs(documents: DynamoDBDocumentClient, table: string): JobBook & JobMarker {
  const itemAt = async (key: ItemKey): Promise<Item | undefined> =>
    (await reaching(documents.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))))
      .Item;
  return {
    async create({ jobId, clientId, digest, total, metadata, createdAt }) {
      const item = {
        ...toonJobKey(jobId),
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
      // The id is that of nothing of the ingestion, which the API shows by its id too.
      const other = await itemAt(jobKey(jobId));
      if (other !== undefined) return { kind: 'exists', digest: digestOf(other) };
      const created = await ifHeld(
        documents.send(
          new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
      if (created !== undefined) return { kind: 'created' };
      return { kind: 'exists', digest: digestOf(await itemAt(toonJobKey(jobId))) };
    },

    admit({ jobId, clientId, total, createdAt }, { jobs: maxJobs, toons: maxToons }) {
      return rewrite<Admission>(documents, table, openJobsKey(clientId), async (item) => {
        const listed = (item?.jobs ?? []) as readonly OpenJob[]; // written below alone
        const isOpen = await Promise.all(
          listed.map(async (job) => {
            if (Date.parse(createdAt) - Date.parse(job.createdAt) > openMs) return false;
            const state = (await itemAt(toonJobKey(job.jobId)))?.state;
            return state !== 'Completed' && state !== 'Failed';
          }),
        );
        const open = listed.filter((_, index) => isOpen[index]);
        const toons = open.reduce((sum, job) => sum + job.total, 0);
        if (open.some((job) => job.jobId === jobId)) return { answer: { kind: 'admitted' } };
        if (open.length >= maxJobs || (open.length > 0 && toons + total > maxToons))
          return { answer: { kind: 'full', jobs: open.length, toons } };
        return { answer: { kind: 'admitted' }, item: { jobs: [...open, { jobId, total, createdAt }] } };
      });
    },

    async begin({ jobId, executionArn, updatedAt }) {
      const begun = await ifHeld(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: toonJobKey(jobId),
            ...updateExpression({
              set: { state: 'Processing', executionArn, updatedAt },
              remove: ['error', 'cause'],
              condition: {
                // A redrive begins a failed job again; a completed one stays as it is.
                expression: 'kind = :toons AND #state <> :completed',
                values: { toons: 'toons', completed: 'Completed' },
              },
            }),
          }),
        ),
      );
      if (begun === undefined) throw new JobMissing(`no job of toons '${jobId}' that is still to be done`);
    },
  };
}

/**
 * Records of toons in the jobs table. `result` is stored as JSON text: its numbers may lie outside of what DynamoDB's
 * own number holds, and nothing in the table reads it. The role needs `dynamodb:PutItem`, `GetItem` and `UpdateItem` to record,
 * `Query` to list.
 */
export function createToonRecords(
  documents: DynamoDBDocumentClient,
  table: string,
): ToonRecorder & RecordLister {
  return {
    async record(toon, record) {
      const key = toonKey(toon.jobId, toon.toonId);
      const { result, ...rest } = record;
      const item = { ...key, ...rest, ...(result === undefined ? {} : { result: JSON.stringify(result) }) };
      const written = await ifHeld(
        documents.send(
          new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
      const state = written !== undefined ? record.state : await recordedState(documents, table, key);
      const position = new Set([Number(toon.position)]);
      // After the record, so that what is counted is recorded; repeated when the record was there already, because
      // whoever wrote it may have died before this line.
      await reaching(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: progressKey(toon.jobId, toon.progressKey),
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
            ExpressionAttributeValues: {
              ':job': toonsPartition(jobId),
              ':first': toonPrefix,
              ':last': 'toon$',
            },
            ...(after === undefined ? {} : { ExclusiveStartKey: toonKey(jobId, after) }),
            Limit: limit,
            ConsistentRead: consistent,
          }),
        ),
      );
      const records = (page.Items ?? []).map(recordOf);
      const last = page.LastEvaluatedKey?.sk;
      return { records, ...(typeof last === 'string' ? { next: last.slice(toonPrefix.length) } : {}) };
    },
  };
}

async function recordedState(
  documents: DynamoDBDocumentClient,
  table: string,
  key: ItemKey,
): Promise<ToonRecord['state']> {
  const { Item } = await reaching(
    documents.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true })),
  );
  return Item?.state === 'Failed' ? 'Failed' : 'Completed';
}

/** Items are written by this file and by the state machine alone, in this shape; the keys are dropped. */
function recordOf({ pk: _pk, sk: _sk, result, ...rest }: Item): ToonRecord {
  return {
    ...(rest as unknown as ToonRecord),
    ...(typeof result === 'string' ? { result: JSON.parse(result) } : {}),
  };
}
