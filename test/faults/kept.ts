import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { createSegmentOpener } from '../../adapters/s3/segments.ts';
import type { LocalCloud } from '../../local/engine/cloud.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import type { FaultWorld } from './fault-world.ts';
import { type StoredStreams, storedStreams } from './stored-streams.ts';

/** A raw object as it lies in the bucket. */
export interface RawObject {
  key: string;
  versionId: string;
  body: Buffer;
  /** UTC ms. */
  arrivedMs: number;
}

/** A page of statistics. */
export interface KeptStatistics {
  version: number;
  depth: number;
  bytes: Uint8Array;
  /** All that says what the page is, but for its version, in JSON with its names in order. */
  content: string;
  /** Of a month's page: which versions of its days' pages it was folded from, and the first day that it leaves to its own page. */
  month?: { foldedFrom: string; openFrom: string | undefined };
}

interface KeptAlert {
  state: string;
  withdrawn: boolean;
  told: boolean;
  /** What it says of the readings. */
  content: string;
  /** Attributes that only an alert on its way has. */
  left: string[];
}

/** Everything that ingestion leaves for good. */
export interface Kept {
  /** By key: partition files and layouts. */
  files: Map<string, Buffer>;
  /** By `<pk> <sk>`. */
  statistics: Map<string, KeptStatistics>;
  /** By the key that subscribers tell alerts apart by. */
  alerts: Map<string, KeptAlert>;
  /** By what the raw object is (see `identityOf`): the account of each object that is the same, with its rejects. */
  ledgers: Map<string, string[]>;
  raw: RawObject[];
  /** How often each alert was published, by its key. */
  published: Map<string, number>;
  streams: StoredStreams;
}

type Item = Record<string, Record<string, unknown>>;

/** Reads it all. `publishedBefore`: messages of earlier runs, which are not looked at. */
export async function readKept(world: FaultWorld, publishedBefore: number): Promise<Kept> {
  const { cloud, names } = world;
  const { s3, sns: topics } = cloud.services;
  const body = async (bucket: string, key: string, versionId?: string) => {
    const { body: stream } = await s3.getObject({ bucket, key, ...(versionId ? { versionId } : {}) });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  const files = new Map<string, Buffer>();
  for (const { key } of s3.listKeys({ bucket: names.curatedBucket, prefix: 'curated/' })) {
    files.set(key, await body(names.curatedBucket, key));
  }
  const opener = createSegmentOpener(world.s3);
  const raw: RawObject[] = [];
  for (const { key, versionId } of await rawVersions(world)) {
    const { bytes, arrivedMs } = await opener.open({ bucket: names.rawBucket, key, versionId });
    raw.push({ key, versionId, arrivedMs, body: Buffer.concat(await Array.fromAsync(bytes)) });
  }
  const items = new Map(
    (await scan(cloud, names.jobsTable)).map((item) => [`${item.pk?.S} ${item.sk?.S}`, item] as const),
  );
  const ledgers = new Map<string, string[]>();
  for (const object of raw) {
    const id = segmentIdOf({ bucket: names.rawBucket, ...object });
    const item = items.get(`segment#${id} ledger`);
    const file = s3.headObject({ bucket: names.curatedBucket, key: `rejects/${id}.ndjson` });
    const rejects = file && (await body(names.curatedBucket, `rejects/${id}.ndjson`)).toString();
    const identity = identityOf(object);
    ledgers.set(identity, [...(ledgers.get(identity) ?? []), accountOf(item, rejects)]);
  }
  const published = new Map<string, number>();
  for (const { message } of topics.published().slice(publishedBefore)) {
    const { key } = JSON.parse(message) as { key?: string };
    if (key !== undefined) published.set(key, (published.get(key) ?? 0) + 1);
  }
  return {
    files,
    statistics: new Map((await scan(cloud, names.statisticsTable)).map(statisticsOf)),
    alerts: new Map((await scan(cloud, names.alertsTable)).map(alertOf)),
    ledgers,
    raw,
    published,
    streams: storedStreams(await scan(cloud, names.streamsTable)),
  };
}

/** Every version of every raw object. */
export async function rawVersions({ s3, names }: FaultWorld): Promise<{ key: string; versionId: string }[]> {
  const { ListObjectVersionsCommand } = await import('@aws-sdk/client-s3');
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: names.rawBucket }));
  return Versions.map(({ Key = '', VersionId = '' }) => ({ key: Key, versionId: VersionId }));
}

/** What decides how an object is read: its bytes, and its key where that says the dataset. */
export function identityOf({ key, body }: Pick<RawObject, 'key' | 'body'>): string {
  const place = key.startsWith('raw/') ? 'raw' : key;
  return `${place} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`;
}

/** A ledger's account without what tells of attempts, with the rejected lines. */
function accountOf(item: Item | undefined, rejects: string | undefined): string {
  if (item === undefined) return 'no ledger';
  const lines = (rejects ?? '')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => {
      const { bucket: _, key: __, versionId: ___, ...line } = JSON.parse(text) as Record<string, unknown>;
      return line;
    });
  const { pk, sk, bucket, key, versionId, attempts, updatedAt, jobId, rejectsKey, ...account } = item;
  return canonical({ ...account, hasRejects: rejectsKey !== undefined, rejects: lines });
}

function statisticsOf({ version, foldedFrom, ...rest }: Item): [key: string, KeptStatistics] {
  const stored = Buffer.from(String(rest.page?.B), 'base64');
  const kept: KeptStatistics = {
    ...{ version: Number(version?.N), depth: Number(rest.depth?.N), content: canonical(rest) },
    bytes: gunzipSync(stored.subarray(1)), // behind the byte of the format
  };
  const openFrom = rest.openFrom === undefined ? undefined : String(rest.openFrom.S);
  if (foldedFrom !== undefined) kept.month = { foldedFrom: String(foldedFrom.S), openFrom };
  return [`${rest.pk?.S} ${rest.sk?.S}`, kept];
}

function alertOf(item: Item): [key: string, KeptAlert] {
  const { state, withdrawn, sentAt, version, createdAt, pending, leaseOwner, leaseUntil, ...content } = item;
  const { dataset, sensorId, day, rule } = item;
  return [
    `${dataset?.S}#${sensorId?.S}#${day?.S}#${rule?.S}`,
    {
      state: String(state?.S),
      withdrawn: withdrawn?.BOOL === true,
      told: sentAt !== undefined,
      content: canonical(content),
      left: Object.keys({
        ...(pending && { pending }),
        ...(leaseOwner && { leaseOwner }),
        ...(leaseUntil && { leaseUntil }),
      }),
    },
  ];
}

/** Every item, as DynamoDB writes it. */
export async function scan({ services }: LocalCloud, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const page = (await services.dynamodb.call('Scan', {
      TableName,
      ConsistentRead: true,
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
    })) as { Items: Item[]; LastEvaluatedKey?: unknown };
    items.push(...page.Items);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

/** JSON with the names of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
