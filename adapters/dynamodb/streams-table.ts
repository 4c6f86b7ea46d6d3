import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type LogEntry, logPartitionOf } from '../../core/streams/notification-log.ts';
import type { RelayedCommit } from '../../core/streams/relay.ts';
import { type Commit, decodeCommit, encodeCommit, type StreamKey } from '../../core/streams/stream.ts';
import type {
  CommitOutbox,
  CommitStore,
  NotificationLog,
  Restored,
  SnapshotStore,
  StreamRestore,
} from '../../ports/streams.ts';
import { reaching } from '../store-faults.ts';
import { batchGet, batchPut, ifHeld, putNew } from './calls.ts';
import { gatheredGets, gatheredPuts } from './gathered.ts';
import type { Item, ItemKey } from './items.ts';

/*
 * The streams table. Nothing in it is changed but that a commit loses what makes it pending.
 *
 * | `pk`                   | `sk`                             | The item                                                     |
 * | ---------------------- | -------------------------------- | ------------------------------------------------------------ |
 * | `stream#<stream>#<id>` | `commit#<position>`              | `commit`, its text; `command`, the id of its command          |
 * | `stream#<stream>#<id>` | `snapshot#<version>#<position>`  | `state`, compressed, and `recordedMs`                         |
 * | `log#<partition>`      | `entry#<position>`               | `commits`, the text of what it names                          |
 *
 * The local index `by-command` has the commits of a stream by `command`, and is read consistently. The sparse index `pending` has the
 * commits that are in no log yet: `pending` is the number of their log, `pendingSince` when they were recorded.
 *
 * Names and ids have no `#`. Positions have twelve digits, so that they sort.
 */

const commitPrefix = 'commit#';
const number = (position: number): string => String(position).padStart(12, '0');
const partitionOf = ({ stream, id }: StreamKey): string => `stream#${stream}#${id}`;
const commitKey = (key: StreamKey, position: number): ItemKey => ({
  pk: partitionOf(key),
  sk: commitPrefix + number(position),
});
const logKey = (partition: number): string => `log#${partition}`;
const entryPrefix = 'entry#';
/** Of an item, keys and the other attributes included; DynamoDB's is 400 KiB. */
const maxStateBytes = 400_000;

/** A commit's item without what makes it pending. */
const commitItem = (key: StreamKey, { position, commandId }: Commit, text: string): ItemKey & Item => ({
  ...commitKey(key, position),
  command: commandId,
  commit: text,
});

const entryItem = (partition: number, { position, commits }: LogEntry): Item => ({
  pk: logKey(partition),
  sk: entryPrefix + number(position),
  commits: JSON.stringify(commits),
});

interface Range {
  readonly pk: string;
  readonly from: string;
  readonly to: string;
  readonly limit?: number | undefined;
  readonly isBackward?: boolean;
  readonly isConsistent?: boolean;
}

/** Items of a partition by their sort keys, both bounds included. */
async function queryRange(documents: DynamoDBDocumentClient, table: string, range: Range): Promise<Item[]> {
  const { pk, from, to, limit, isBackward = false, isConsistent = true } = range;
  const found: Item[] = [];
  let start: Item | undefined;
  do {
    const left = limit === undefined ? {} : { Limit: limit - found.length };
    const query = new QueryCommand({
      TableName: table,
      ConsistentRead: isConsistent,
      ScanIndexForward: !isBackward,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
      ExclusiveStartKey: start,
      ...left,
    });
    const { Items = [], LastEvaluatedKey } = await reaching(documents.send(query));
    found.push(...Items);
    start = LastEvaluatedKey;
  } while (start !== undefined && (limit === undefined || found.length < limit));
  return found;
}

const ofItem = ({ commit }: Item): Commit => decodeCommit(String(commit));

/**
 * The role needs `dynamodb:GetItem` and `Query`, on the index `by-command` too, and who appends `PutItem`. Where several are read or put at once, as in a
 * batch, it needs `BatchGetItem` and `PartiQLInsert`.
 */
export function createCommitStore(documents: DynamoDBDocumentClient, table: string): CommitStore {
  const itemAt = gatheredGets(documents, table);
  const putCommit = gatheredPuts(documents, table, 'commit');
  const at = async (key: StreamKey, position: number): Promise<Commit | undefined> => {
    const found = await itemAt(commitKey(key, position));
    return found && ofItem(found);
  };
  const query = (range: Omit<Range, 'pk'>, key: StreamKey) =>
    queryRange(documents, table, { pk: partitionOf(key), ...range });
  const end = { from: commitPrefix, to: `${commitPrefix}~` };

  return {
    at,

    async append(key, commit) {
      const text = encodeCommit(commit);
      const item = {
        ...commitItem(key, commit, text),
        pending: String(logPartitionOf(key)),
        pendingSince: new Date(commit.recordedMs).toISOString(),
      };
      const there = await putCommit(item);
      return there === undefined ? undefined : decodeCommit(there);
    },

    async after(key, position, limit) {
      const items = await query({ ...end, from: commitPrefix + number(position + 1), limit }, key);
      return items.map(ofItem);
    },

    async last(key) {
      const [item] = await query({ ...end, limit: 1, isBackward: true }, key);
      return item && ofItem(item);
    },

    async byCommand(key, commandId) {
      const command = new QueryCommand({
        TableName: table,
        IndexName: 'by-command',
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND command = :command',
        ExpressionAttributeValues: { ':pk': partitionOf(key), ':command': commandId },
        Limit: 1,
      });
      const { Items: [found] = [] } = await reaching(documents.send(command));
      // The index has the keys alone.
      return found && at(key, Number(String(found.sk).slice(commitPrefix.length)));
    },
  };
}

/** The role needs `dynamodb:PutItem` and `Query`. */
export function createSnapshotStore(documents: DynamoDBDocumentClient, table: string): SnapshotStore {
  const prefix = (version: number): string => `snapshot#${version}#`;
  return {
    async last(key, { version, upTo }) {
      const [item] = await queryRange(documents, table, {
        pk: partitionOf(key),
        from: prefix(version),
        to: prefix(version) + number(upTo),
        ...{ limit: 1, isBackward: true, isConsistent: false },
      });
      if (item === undefined) return undefined;
      const state = JSON.parse(gunzipSync(item.state as Uint8Array).toString()); // keep() wrote it
      const position = Number(String(item.sk).slice(prefix(version).length));
      return { position, recordedMs: Number(item.recordedMs), state };
    },

    async keep(key, version, { position, recordedMs, state }) {
      const bytes = gzipSync(JSON.stringify(state));
      if (bytes.length > maxStateBytes) return;
      const put = new PutCommand({
        TableName: table,
        Item: { pk: partitionOf(key), sk: prefix(version) + number(position), recordedMs, state: bytes },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      await ifHeld(documents.send(put));
    },
  };
}

/** The role needs `dynamodb:PutItem` and `Query`. */
export function createNotificationLog(documents: DynamoDBDocumentClient, table: string): NotificationLog {
  const entryOf = ({ sk, commits }: Item): LogEntry => ({
    position: Number(String(sk).slice(entryPrefix.length)),
    commits: JSON.parse(String(commits)),
  });
  const end = { from: entryPrefix, to: `${entryPrefix}~` };
  return {
    async head(partition) {
      const range = { pk: logKey(partition), ...end, limit: 1, isBackward: true };
      const [item] = await queryRange(documents, table, range);
      return item && entryOf(item);
    },

    async append(partition, entry) {
      const there = await putNew(documents, table, entryItem(partition, entry), 'commits');
      return there === undefined ? undefined : { position: entry.position, commits: JSON.parse(there) };
    },

    async from(partition, position, limit) {
      const range = { pk: logKey(partition), ...end, from: entryPrefix + number(position), limit };
      return (await queryRange(documents, table, range)).map(entryOf);
    },
  };
}

/** The role needs `dynamodb:BatchGetItem` and `BatchWriteItem`, and `Query` on the index `pending`. */
export function createCommitOutbox(documents: DynamoDBDocumentClient, table: string): CommitOutbox {
  return {
    async commits(refs) {
      const items = await batchGet(
        documents,
        table,
        refs.map((ref) => commitKey(ref, ref.position)),
      );
      return refs.map(({ stream, id, position }, index): RelayedCommit | undefined => {
        const item = items[index];
        if (item === undefined) return undefined;
        const text = String(item.commit);
        const { recordedMs, events } = decodeCommit(text);
        const names = events.map(({ name }) => name);
        const recordedAt = new Date(recordedMs).toISOString();
        return {
          stream,
          id,
          position,
          recordedAt,
          events: names,
          isPending: item.pending !== undefined,
          text,
        };
      });
    },

    async pending(partition, limit) {
      const query = new QueryCommand({
        TableName: table,
        IndexName: 'pending',
        KeyConditionExpression: 'pending = :partition',
        ExpressionAttributeValues: { ':partition': String(partition) },
        Limit: limit,
      });
      const { Items = [] } = await reaching(documents.send(query));
      return Items.map(refOf);
    },

    async mark(commits) {
      const items = commits.map(({ text, ...key }) => commitItem(key, decodeCommit(text), text));
      await batchPut(documents, table, items);
    },
  };
}

/** The role needs `dynamodb:PutItem`. */
export function createStreamRestore(documents: DynamoDBDocumentClient, table: string): StreamRestore {
  async function put(item: Item, content: string): Promise<Restored> {
    const there = await putNew(documents, table, item, content);
    if (there === undefined) return 'written';
    return there === item[content] ? 'there' : 'differs';
  }
  return {
    commit: (key, commit) => put(commitItem(key, commit, encodeCommit(commit)), 'commit'),
    entry: (partition, entry) => put(entryItem(partition, entry), 'commits'),
  };
}

function refOf({ pk, sk, pendingSince }: Item) {
  const [, stream = '', id = ''] = String(pk).split('#');
  const position = Number(String(sk).slice(commitPrefix.length));
  return { stream, id, position, sinceMs: Date.parse(String(pendingSince)) };
}
