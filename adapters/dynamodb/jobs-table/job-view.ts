import { type DynamoDBDocumentClient, GetCommand, paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { JobLister, JobPosition, JobView, JobViewer, ListedJob } from '../../../ports/toons.ts';
import { reaching, reachingEach } from '../../store-faults.ts';
import type { Item, ItemKey } from '../items.ts';
import { jobIdOf, jobKey, mergePrefix, progressPrefix, toonJobKey } from './keys.ts';

/**
 * Jobs of both kinds, as the API shows them. While a job of toons runs, its progress is the sum of its progress items:
 * at most 100 of them, some 60 KB. Once it has ended the job's own item says it. The role needs `dynamodb:GetItem` and `Query`.
 */
export function createJobViewer(documents: DynamoDBDocumentClient, table: string): JobViewer {
  const itemAt = async (key: ItemKey): Promise<Item | undefined> =>
    (await reaching(documents.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))))
      .Item;
  return {
    async view(jobId) {
      // One of the ingestion goes first: a client can't stand before it with the id that it chooses.
      const item = (await itemAt(jobKey(jobId))) ?? (await itemAt(toonJobKey(jobId)));
      if (item === undefined) return undefined;
      const count = (name: string): number => (typeof item[name] === 'number' ? item[name] : 0);
      const common = {
        ...commonOf(jobId, item),
        ...(typeof item.cause === 'string' ? { cause: item.cause } : {}),
      };
      if (item.kind !== 'toons') {
        return {
          ...common,
          kind: 'ingest',
          total: count('segments'),
          processed: count('done') + count('failed'),
          failed: count('failed'),
          lines: { total: count('lines'), valid: count('valid'), rejected: count('rejected') },
          droppedValues: count('dropped'),
          refused: count('refused'),
          unterminated: count('unterminated'),
          ...(count('withoutText') === 0 ? {} : { rejectedWithoutText: count('withoutText') }),
          contested: await sumContested(documents, table, jobId),
        };
      }
      const ended = item.state === 'Completed';
      const progress = ended
        ? { processed: count('processed'), failed: count('failed') }
        : await sumProgress(documents, table, String(item.pk));
      return { ...common, kind: 'toons', total: count('total'), ...progress };
    },
  };
}

/** Jobs that one call reads where what it reads is filtered. */
const readAtOnce = 500;

/** Jobs of both kinds by the time they were created: the index `by-kind`. The role needs `dynamodb:Query` on it. */
export function createJobLister(documents: DynamoDBDocumentClient, table: string): JobLister {
  return {
    async list({ kind, from = '0', to = '~', state, clientId, after, limit }) {
      const filters = Object.entries({ state, clientId }).filter(([, value]) => value !== undefined);
      const page = await reaching(
        documents.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'by-kind',
            KeyConditionExpression: '#kind = :kind AND createdAt BETWEEN :from AND :to',
            ...(filters.length === 0
              ? {}
              : { FilterExpression: filters.map(([name]) => `#${name} = :${name}`).join(' AND ') }),
            ExpressionAttributeNames: {
              '#kind': 'kind',
              ...Object.fromEntries(filters.map(([name]) => [`#${name}`, name])),
            },
            ExpressionAttributeValues: {
              ':kind': kind,
              ':from': from,
              ':to': to,
              ...Object.fromEntries(filters.map(([name, value]) => [`:${name}`, value])),
            },
            ScanIndexForward: false,
            ExclusiveStartKey: after && { kind, createdAt: after.createdAt, ...keyOf(kind, after.jobId) },
            Limit: filters.length === 0 ? limit : readAtOnce,
          }),
        ),
      );
      const found = (page.Items ?? []).map((item): ListedJob => {
        const total = kind === 'ingest' ? item.segments : item.total;
        return { ...commonOf(jobIdOf(item), item), kind, total: typeof total === 'number' ? total : 0 };
      });
      const jobs = found.slice(0, limit);
      const read = found.length > limit ? jobs.at(-1) : placeOf(page.LastEvaluatedKey);
      return read === undefined ? { jobs } : { jobs, last: { jobId: read.jobId, createdAt: read.createdAt } };
    },
  };
}

const keyOf = (kind: JobView['kind'], jobId: string): ItemKey =>
  kind === 'ingest' ? jobKey(jobId) : toonJobKey(jobId);

const placeOf = (key: Item | undefined): JobPosition | undefined =>
  key && { jobId: jobIdOf(key), createdAt: String(key.createdAt) };

/** What a job's item says whatever its kind. */
function commonOf(jobId: string, item: Item) {
  return {
    jobId,
    state: item.state as JobView['state'], // written by the state machines alone
    metadata: (item.metadata ?? {}) as JobView['metadata'], // SubmitJob wrote it
    ...(typeof item.clientId === 'string' ? { clientId: item.clientId } : {}),
    createdAt: String(item.createdAt),
    updatedAt: String(item.updatedAt),
    ...(typeof item.error === 'string' ? { error: item.error } : {}),
  };
}

/** The items of a job under a prefix of the sort key. */
async function itemsOf(
  documents: DynamoDBDocumentClient,
  { table, partition, prefix }: { table: string; partition: string; prefix: string },
): Promise<Item[]> {
  const pages = paginateQuery(
    { client: documents },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :job AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':job': partition, ':prefix': prefix },
    },
  );
  const items: Item[] = [];
  for await (const { Items: page = [] } of reachingEach(pages)) items.push(...page);
  return items;
}

async function sumContested(
  documents: DynamoDBDocumentClient,
  table: string,
  jobId: string,
): Promise<number> {
  const items = await itemsOf(documents, { table, partition: jobId, prefix: mergePrefix });
  return items.reduce((sum, { contested }) => sum + Number(contested ?? 0), 0);
}

async function sumProgress(
  documents: DynamoDBDocumentClient,
  table: string,
  partition: string,
): Promise<{ processed: number; failed: number }> {
  const items = await itemsOf(documents, { table, partition, prefix: progressPrefix });
  const size = (value: unknown): number => (value instanceof Set ? value.size : 0);
  return {
    processed: items.reduce((sum, item) => sum + size(item.done), 0),
    failed: items.reduce((sum, item) => sum + size(item.failed), 0),
  };
}
