import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, expect, test } from 'vitest';
import { scratch } from '../../test/support/local/harness.ts';

const { directory, remove } = scratch();
afterAll(remove);

interface Cloud {
  child: ChildProcess;
  work: string;
  objects: string;
  s3: S3Client;
  sqs: SQSClient;
  sns: SNSClient;
  firehose: FirehoseClient;
  kinesis: KinesisClient;
  dynamodb: DynamoDBClient;
}

async function start(): Promise<Cloud> {
  const child = fork(new URL('../../test/support/local/durable.child.ts', import.meta.url), [directory], {
    execPath: process.execPath,
    execArgv: [],
  });
  const [{ port, work, objects }] = (await once(child, 'message')) as [
    { port: number; work: string; objects: string },
  ];
  const reach = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    maxAttempts: 1,
  };
  return {
    child,
    work,
    objects,
    s3: new S3Client(reach),
    sqs: new SQSClient(reach),
    sns: new SNSClient(reach),
    firehose: new FirehoseClient(reach),
    kinesis: new KinesisClient({ ...reach, requestHandler: new NodeHttpHandler() }), // its own speaks HTTP/2
    dynamodb: new DynamoDBClient(reach),
  };
}

/** What each kind of call had been acknowledged. */
const acknowledged = { object: [], message: [], record: [], streamed: [], item: [], published: [] } as Record<
  string,
  string[]
>;
/** Of records of the stream: the lines by the shard and the sequence number that the answer named. */
const placed = new Map<string, string>();
const filler = 'x'.repeat(20_000);

/** Calls of one kind, one after the other, until the process is gone. */
async function repeat(
  kind: string,
  round: number,
  worker: number,
  call: (id: string) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; ; i++) {
    const id = `${kind}-${round}-${worker}-${i}`;
    try {
      await call(id);
    } catch {
      return;
    }
    acknowledged[kind]?.push(id);
  }
}

async function loadUntilKilled(cloud: Cloud, round: number): Promise<void> {
  const workers = [0, 1, 2].flatMap((worker) => [
    repeat('object', round, worker, (Key) =>
      cloud.s3.send(new PutObjectCommand({ Bucket: 'raw', Key, Body: Key + filler })),
    ),
    repeat('message', round, worker, (MessageBody) =>
      cloud.sqs.send(new SendMessageCommand({ QueueUrl: cloud.work, MessageBody })),
    ),
    repeat('record', round, worker, (id) =>
      cloud.firehose.send(
        new PutRecordBatchCommand({
          DeliveryStreamName: 'stream',
          Records: [{ Data: Buffer.from(`${id} ${filler}\n`) }, { Data: Buffer.from(`${id} end\n`) }],
        }),
      ),
    ),
    repeat('streamed', round, worker, async (id) => {
      const record = { StreamName: 'source', PartitionKey: id, Data: Buffer.from(`${id} ${filler}\n`) };
      const { ShardId, SequenceNumber } = await cloud.kinesis.send(new PutRecordCommand(record));
      placed.set(`${ShardId} ${SequenceNumber}`, id);
    }),
    repeat('item', round, worker, (pk) =>
      cloud.dynamodb.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: pk } } })),
    ),
    repeat('published', round, worker, (Message) =>
      cloud.sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic', Message })),
    ),
  ]);
  setTimeout(() => cloud.child.kill('SIGKILL'), 700 + round * 311);
  await Promise.all(workers);
}

async function drain(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages === undefined || Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }) => Body as string));
  }
}

/** The lines of all objects under a prefix. */
async function linesOf(s3: S3Client, Prefix: string): Promise<{ keys: string[]; lines: string[] }> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'raw', Prefix }));
  const keys = Contents.map(({ Key }) => Key as string);
  const lines: string[] = [];
  for (const Key of keys) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'raw', Key }));
    lines.push(...((await Body?.transformToString()) ?? '').trimEnd().split('\n'));
  }
  return { keys, lines };
}

/** All that a shard has, by its shard and sequence number. */
async function recordsOf(kinesis: KinesisClient, ShardId: string): Promise<[string, string][]> {
  const beginning = { StreamName: 'source', ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(beginning));
  const found: [string, string][] = [];
  for (;;) {
    const { Records = [], NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    if (Records.length === 0) return found;
    for (const { SequenceNumber, Data } of Records)
      found.push([`${ShardId} ${SequenceNumber}`, Buffer.from(Data ?? []).toString()]);
    ShardIterator = NextShardIterator;
  }
}

const missing = (wanted: string[] | undefined, found: Iterable<string>) => {
  const there = new Set(found);
  return (wanted ?? []).filter((id) => !there.has(id));
};

test('whatever was acknowledged is there after kill -9, three times over', async () => {
  for (let round = 0; round < 3; round++) await loadUntilKilled(await start(), round);
  for (const [kind, ids] of Object.entries(acknowledged))
    expect([kind, ids.length > 20]).toEqual([kind, true]);

  const cloud = await start();
  cloud.child.send('flush');
  const [{ published }] = (await once(cloud.child, 'message')) as [{ published: string[] }];
  expect(missing(acknowledged.published, published)).toEqual([]);
  expect(missing(acknowledged.message, await drain(cloud.sqs, cloud.work))).toEqual([]);

  for (const Key of acknowledged.object ?? []) {
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: 'raw', Key }));
    expect((await Body?.transformToString()) === Key + filler).toBe(true);
  }
  for (const pk of acknowledged.item ?? []) {
    const { Item } = await cloud.dynamodb.send(
      new GetItemCommand({ TableName: 'table', Key: { pk: { S: pk } } }),
    );
    expect(Item).toEqual({ pk: { S: pk } });
  }

  // Every line is whole, and there once: a delivery that was cut short is not made twice.
  const { keys, lines } = await linesOf(cloud.s3, 'firehose/');
  expect(lines.filter((line) => !line.endsWith(` ${filler}`) && !line.endsWith(' end'))).toEqual([]);
  const wholes = acknowledged.record?.flatMap((id) => [`${id} ${filler}`, `${id} end`]);
  expect(missing(wholes, lines)).toEqual([]);
  expect(new Set(lines).size).toBe(lines.length);

  // Each record of the stream is there under the number that its answer named, and was read into objects, at least once.
  expect(placed.size).toBe(acknowledged.streamed?.length);
  const kept = new Map([
    ...(await recordsOf(cloud.kinesis, 'shardId-000000000000')),
    ...(await recordsOf(cloud.kinesis, 'shardId-000000000001')),
  ]);
  expect([...placed].filter(([at, id]) => kept.get(at) !== `${id} ${filler}\n`)).toEqual([]);
  const read = await linesOf(cloud.s3, 'kinesis/');
  expect(read.lines.filter((line) => !line.endsWith(` ${filler}`))).toEqual([]);
  const streamed = acknowledged.streamed?.map((id) => `${id} ${filler}`);
  expect(missing(streamed, read.lines)).toEqual([]);

  // Each object, Firehose's too, caused an event that reached the queue.
  const events = (await drain(cloud.sqs, cloud.objects)).map(
    (body) => (JSON.parse(body) as { detail: { object: { key: string } } }).detail.object.key,
  );
  expect(missing([...(acknowledged.object ?? []), ...keys, ...read.keys], events)).toEqual([]);

  cloud.child.kill('SIGKILL');
  for (const client of [cloud.s3, cloud.sqs, cloud.sns, cloud.firehose, cloud.kinesis, cloud.dynamodb])
    client.destroy();
});
