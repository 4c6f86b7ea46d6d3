import { gunzipSync } from 'node:zlib';
import {
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand as PutToFirehose,
} from '@aws-sdk/client-firehose';
import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { messageOf, sealed } from '../../../test/support/local/aggregated.ts';
import { type Served, scratch, serve, until } from '../../../test/support/local/harness.ts';
import { createFirehose, type Firehose } from '../firehose/service.ts';
import { createS3, type S3 } from '../s3/service.ts';
import { createKinesis, type Kinesis } from './service.ts';

let place: ReturnType<typeof scratch>;
let streams: Kinesis;
let served: Served;
let client: KinesisClient;
let deliveries: Firehose;
let s3: S3;
let read: number[];
let mayRead: (action: string) => void;
let logged: string[];

let StreamName: string;

/** What a start of the cloud does, with the state that is there. */
async function open(shards = 4, name = 'readings'): Promise<void> {
  StreamName = name;
  streams = createKinesis({ directory: `${place.directory}/kinesis` });
  const { arn } = streams.createStream({ name: StreamName, shards, onDemand: true, retentionHours: 24 });
  s3 = createS3({ directory: `${place.directory}/s3` });
  s3.createBucket({ name: 'raw' });
  deliveries = createFirehose({
    directory: `${place.directory}/firehose`,
    s3,
    timeScale: 50,
    sources: () => streams,
    mayRead: (_, action) => mayRead(action),
    onRead: (_, { records }) => read.push(records),
    logFailure: (_, line) => logged.push(line),
  });
  deliveries.createStream({
    ...{ name: 'delivery', source: arn, bucket: 'raw', prefix: 'raw/' },
    ...{ gzip: true, bufferSeconds: 900, bufferMiB: 1 },
  });
  deliveries.start();
  served = await serve([streams, deliveries]);
  // The client's own speaks HTTP/2, which AWS's endpoint of Kinesis does and the local one doesn't.
  client = new KinesisClient({ ...served.reach, maxAttempts: 1, requestHandler: new NodeHttpHandler() });
}

async function close(): Promise<void> {
  client.destroy();
  await served.close();
  await deliveries.close();
  streams.close();
  await s3.close();
}

beforeEach(async () => {
  place = scratch();
  [read, logged, mayRead] = [[], [], () => {}];
  await open();
});
afterEach(async () => {
  await close();
  await place.remove();
});

const put = (text: string, PartitionKey = text) =>
  client.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(text) }));

const shardIds = async (): Promise<string[]> => {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  return Shards.map(({ ShardId = '' }) => ShardId);
};

async function from(ShardId: string, type: object) {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      ...{ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' },
      ...type,
    }),
  );
  return client.send(new GetRecordsCommand({ ShardIterator }));
}

const textsOf = ({ Records = [] }: { Records?: { Data?: Uint8Array | undefined }[] | undefined }): string[] =>
  Records.map(({ Data }) => Buffer.from(Data ?? []).toString());

/** All that was delivered, one object behind the other. */
async function deliveredBytes(): Promise<Buffer> {
  await deliveries.flush();
  const bodies: Buffer[] = [];
  for (const { key } of s3.listKeys({ bucket: 'raw' })) {
    const { body } = await s3.getObject({ bucket: 'raw', key });
    bodies.push(gunzipSync(Buffer.concat(await body.toArray())));
  }
  return Buffer.concat(bodies);
}

const delivered = async (): Promise<string> => (await deliveredBytes()).toString();

describe('a stream', () => {
  test('keeps the records of one key in the order in which they were put, and gives each a number that grows', async () => {
    const numbers: bigint[] = [];
    const shards = new Set<string | undefined>();
    for (let at = 0; at < 20; at++) {
      const { SequenceNumber = '', ShardId } = await put(`mast ${at}`, 'mast-7');
      numbers.push(BigInt(SequenceNumber));
      shards.add(ShardId);
    }
    expect(numbers.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(numbers);
    expect(new Set(numbers).size).toBe(20);
    expect(shards.size).toBe(1);
    const [shard = ''] = shards;
    expect(textsOf(await from(shard, {}))).toEqual(numbers.map((_, at) => `mast ${at}`));
  });

  test('spreads keys over its shards, whose ranges cover all hash keys without a gap', async () => {
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    const ranges = Shards.map(({ HashKeyRange }) => [
      BigInt(HashKeyRange?.StartingHashKey ?? -1),
      BigInt(HashKeyRange?.EndingHashKey ?? -1),
    ]);
    expect(ranges.map(([begin = 0n]) => begin)).toEqual(
      [0n, ...ranges.map(([, end = 0n]) => end + 1n)].slice(0, 4),
    );
    expect(ranges.at(-1)?.[1]).toBe(2n ** 128n - 1n);
    const placed = await Promise.all(Array.from({ length: 60 }, (_, at) => put(`key-${at}`)));
    expect(new Set(placed.map(({ ShardId }) => ShardId)).size).toBe(4);
    for (const [at, range] of ranges.entries())
      for (const ExplicitHashKey of range.map(String)) {
        const record = { StreamName, PartitionKey: 'k', ExplicitHashKey, Data: Buffer.from('x') };
        const { ShardId } = await client.send(new PutRecordCommand(record));
        expect(ShardId).toBe(Shards[at]?.ShardId);
      }
  });

  test('is read from its beginning, its end, a record, behind one and a time', async () => {
    const PartitionKey = 'mast-7';
    const first = await put('one', PartitionKey);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const Timestamp = new Date();
    const second = await put('two', PartitionKey);
    const shard = first.ShardId ?? '';
    const StartingSequenceNumber = second.SequenceNumber;
    for (const [type, texts] of [
      [{}, ['one', 'two']],
      [{ ShardIteratorType: 'LATEST' }, []],
      [{ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber }, ['two']],
      [{ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber }, []],
      [{ ShardIteratorType: 'AT_TIMESTAMP', Timestamp }, ['two']],
    ] as const)
      expect(textsOf(await from(shard, type))).toEqual(texts);
    const { NextShardIterator } = await from(shard, {});
    await put('three', PartitionKey);
    expect(textsOf(await client.send(new GetRecordsCommand({ ShardIterator: NextShardIterator })))).toEqual([
      'three',
    ]);
  });

  test('says what it refuses: too much, an unknown stream, shard, number or iterator', async () => {
    const record = { PartitionKey: 'k', Data: Buffer.from('x') };
    const refusals: [() => Promise<unknown>, string][] = [
      [
        () => client.send(new PutRecordCommand({ ...record, StreamName: 'none' })),
        'ResourceNotFoundException',
      ],
      [() => put('x', 'k'.repeat(257)), 'ValidationException'],
      [() => put('x'.repeat(1024 * 1024), 'k'), 'ValidationException'],
      [
        () => client.send(new PutRecordsCommand({ StreamName, Records: Array(501).fill(record) })),
        'ValidationException',
      ],
      [
        () =>
          client.send(new PutRecordCommand({ ...record, StreamName, ExplicitHashKey: String(2n ** 128n) })),
        'InvalidArgumentException',
      ],
      [() => from('shardId-000000000009', {}), 'ResourceNotFoundException'],
      [
        () =>
          from('shardId-000000000000', {
            ShardIteratorType: 'AT_SEQUENCE_NUMBER',
            StartingSequenceNumber: '1',
          }),
        'InvalidArgumentException',
      ],
      [() => client.send(new GetRecordsCommand({ ShardIterator: 'none' })), 'InvalidArgumentException'],
    ];
    for (const [call, name] of refusals) await expect(call()).rejects.toMatchObject({ name });
  });

  test('takes some records of a put and names the others, where it is made to', async () => {
    const draws = [0.9, 0.1, 0.9];
    streams.setPartialFailure({ rate: 0.5, random: () => draws.shift() ?? 0 });
    const Records = ['one', 'two', 'three'].map((text) => ({ PartitionKey: 'k', Data: Buffer.from(text) }));
    const answer = await client.send(new PutRecordsCommand({ StreamName, Records }));
    expect(answer.FailedRecordCount).toBe(1);
    expect(answer.Records?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'ProvisionedThroughputExceededException',
      undefined,
    ]);
    expect(textsOf(await from(answer.Records?.[0]?.ShardId ?? '', {}))).toEqual(['one', 'three']);
  });

  test('has after a restart what it had, with the same numbers', async () => {
    const before = await put('one', 'mast-7');
    await close();
    await open();
    const after = await put('two', 'mast-7');
    expect(after.ShardId).toBe(before.ShardId);
    expect(BigInt(after.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(before.SequenceNumber ?? 0));
    expect(textsOf(await from(after.ShardId ?? '', {}))).toEqual(['one', 'two']);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    expect(StreamDescriptionSummary).toMatchObject({ OpenShardCount: 4, RetentionPeriodHours: 24 });
  });

  test('keeps its records where a template asks for fewer shards', async () => {
    const placed = await Promise.all(Array.from({ length: 60 }, (_, at) => put(`key-${at}`)));
    expect(new Set(placed.map(({ ShardId }) => ShardId)).size).toBe(4);
    await close();
    await open(1);
    const texts = await Promise.all((await shardIds()).map(async (shard) => textsOf(await from(shard, {}))));
    expect(texts.flat()).toHaveLength(60);
  });
});

describe('a delivery stream with a source', () => {
  const idle = async (): Promise<void> => {
    const rounds = read.length;
    await until('two more rounds of reads', () => read.length > rounds + 1);
  };

  test('delivers what is put into the stream, as it was put, in the order of each key', async () => {
    const lines = Array.from({ length: 40 }, (_, at) => `{"at":${at},"key":"k-${at % 5}"}\n`);
    for (const [at, line] of lines.entries()) await put(line, `k-${at % 5}`);
    await idle();
    const got = (await delivered()).trimEnd().split('\n');
    expect(got.toSorted()).toEqual(lines.map((line) => line.trimEnd()).toSorted());
    for (const key of ['k-0', 'k-1', 'k-2', 'k-3', 'k-4']) {
      const ofKey = got
        .filter((line) => line.includes(`"${key}"`))
        .map((line) => JSON.parse(line).at as number);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
  });

  test('takes apart what the Kinesis Producer Library put together, and no other record', async () => {
    const lines = Array.from({ length: 30 }, (_, at) => `{"at":${at}}\n`);
    const together = sealed(
      messageOf(lines.map((line, at) => ({ partitionKey: `k-${at % 3}`, data: Buffer.from(line) }))),
    );
    const torn = together.subarray(0, -1);
    for (const Data of [together, torn])
      await client.send(new PutRecordCommand({ StreamName, PartitionKey: 'a', Data }));
    await idle();
    expect(await deliveredBytes()).toEqual(Buffer.concat([Buffer.from(lines.join('')), torn]));
  });

  test('goes on after a restart where it was, with what came while it was away', async () => {
    await put('one\n');
    await idle();
    await deliveries.close();
    await put('two\n');
    await close();
    await open();
    await put('three\n');
    await idle();
    expect((await delivered()).trimEnd().split('\n').toSorted()).toEqual(['one', 'three', 'two']);
  });

  test('begins with what comes after it was made', async () => {
    await put('before\n');
    const { arn } = streams.createStream({ name: StreamName, shards: 4, onDemand: true, retentionHours: 24 });
    deliveries.createStream({
      ...{ name: 'second', source: arn, bucket: 'raw', prefix: 'second/' },
      ...{ gzip: true, bufferSeconds: 900, bufferMiB: 1 },
    });
    await put('after\n');
    await idle();
    await deliveries.flush('second');
    const keys = s3.listKeys({ bucket: 'raw' }).filter(({ key }) => key.startsWith('second/'));
    expect(keys).toHaveLength(1);
    const { body } = await s3.getObject({ bucket: 'raw', key: keys[0]?.key ?? '' });
    expect(gunzipSync(Buffer.concat(await body.toArray())).toString()).toBe('after\n');
  });

  test('begins anew where its source is another one than before', async () => {
    await put('one\n', 'mast-7');
    await idle();
    await close();
    await open(4, 'others');
    await put('two\n', 'mast-7');
    await idle();
    await close();
    await open();
    await put('three\n', 'mast-7');
    await idle();
    expect((await delivered()).trimEnd().split('\n').toSorted()).toEqual(['one', 'three', 'two']);
  });

  test('refuses what is put into it directly, and says that it has a source', async () => {
    const firehose = new FirehoseClient({ ...served.reach, maxAttempts: 1 });
    const Record = { Data: Buffer.from('x') };
    const DeliveryStreamName = 'delivery';
    for (const call of [
      () => firehose.send(new PutToFirehose({ DeliveryStreamName, Record })),
      () => firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: [Record] })),
    ])
      await expect(call()).rejects.toMatchObject({
        name: 'InvalidArgumentException',
        message: expect.stringContaining('KinesisStreamAsSource'),
      });
    firehose.destroy();
  });

  test.each([
    'kinesis:DescribeStream',
    'kinesis:ListShards',
    'kinesis:GetShardIterator',
    'kinesis:GetRecords',
  ])('delivers nothing without %s, logs that, and loses nothing', async (denied) => {
    await close();
    let isDenied = true;
    mayRead = (action) => {
      if (isDenied && action === denied) throw new Error(`not authorized to perform: ${action}`);
    };
    await open();
    await put('one\n');
    await until('the refusal is logged', () => logged.length > 0);
    expect(logged[0]).toContain(denied);
    expect(await delivered()).toBe('');
    isDenied = false;
    await idle();
    expect(await delivered()).toBe('one\n');
  });
});
