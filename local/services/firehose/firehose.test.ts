import { gunzipSync } from 'node:zlib';
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
} from '@aws-sdk/client-firehose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Served, scratch, serve, until } from '../../../test/support/local/harness.ts';
import { AwsError } from '../../engine/calls.ts';
import { createS3, type S3 } from '../s3/service.ts';
import { expandPrefix, objectName } from './naming.ts';
import { createFirehose, type Firehose } from './service.ts';
import type { StreamSettings } from './stream.ts';

const settings: StreamSettings = {
  name: 'readings',
  bucket: 'raw',
  prefix: 'raw/!{timestamp:yyyy/MM/dd/HH}/',
  errorPrefix: 'errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/',
  gzip: true,
  bufferSeconds: 900,
  bufferMiB: 1,
};
let place: ReturnType<typeof scratch>;
let s3: S3;
let streams: Firehose;
let served: Served;
let firehose: FirehoseClient;

async function open(more: Partial<StreamSettings> = {}, timeScale = 1): Promise<void> {
  s3 = createS3({ directory: `${place.directory}/s3` });
  s3.createBucket({ name: 'raw' });
  streams = createFirehose({ directory: `${place.directory}/firehose`, s3, timeScale });
  streams.createStream({ ...settings, ...more });
  streams.start();
  served = await serve([streams]);
  firehose = new FirehoseClient({ ...served.reach, maxAttempts: 1 });
}
async function close(): Promise<void> {
  firehose.destroy();
  await served.close();
  await streams.close();
  await s3.close();
}
beforeEach(() => {
  place = scratch();
});
afterEach(async () => {
  await close();
  await place.remove();
});

const put = (...texts: string[]) =>
  firehose.send(
    new PutRecordBatchCommand({
      DeliveryStreamName: 'readings',
      Records: texts.map((text) => ({ Data: Buffer.from(text) })),
    }),
  );
const keys = () => s3.listKeys({ bucket: 'raw' }).map(({ key }) => key);
async function content(key: string): Promise<string> {
  const { body } = await s3.getObject({ bucket: 'raw', key });
  const bytes = Buffer.concat(await body.toArray());
  return (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

test('records are concatenated verbatim, compressed, under the expanded prefix', async () => {
  await open();
  await put('one\n', 'two', 'three\n');
  await firehose.send(
    new PutRecordCommand({ DeliveryStreamName: 'readings', Record: { Data: Buffer.from('four') } }),
  );
  await streams.flush();
  const [key = ''] = keys();
  expect(key).toMatch(/^raw\/\d{4}\/\d\d\/\d\d\/\d\d\/readings-1-\d{4}(-\d\d){5}-[0-9a-f-]{36}\.gz$/);
  expect(await content(key)).toBe('one\ntwothree\nfour');
  await streams.flush();
  expect(keys()).toHaveLength(1);
});

test('a buffer is delivered when it is old enough, divided by the time scale', async () => {
  await open({ bufferSeconds: 60, gzip: false }, 600);
  await put('a');
  expect(keys()).toEqual([]);
  await until('delivered by time', () => keys().length === 1);
  expect(keys()[0]).not.toMatch(/\.gz$/);
});

test('a buffer is delivered when it is large enough', async () => {
  await open();
  await put(...Array.from({ length: 11 }, () => 'x'.repeat(100_000)));
  await until('delivered by size', () => keys().length === 1);
});

test('what was acknowledged is delivered by the next process, once', async () => {
  await open();
  await put('before the crash');
  await close();
  await open();
  await streams.flush();
  await until('delivered', () => keys().length === 1);
  expect(await content(keys()[0] as string)).toBe('before the crash');
  await close();
  await open();
  await streams.flush();
  expect(keys()).toHaveLength(1);
});

describe('limits', () => {
  const refused = (records: Buffer[]) =>
    firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: 'readings',
        Records: records.map((Data) => ({ Data })),
      }),
    );
  const bytes = (length: number) => Buffer.alloc(length, 'x');

  test('500 records, 4 MiB, 1,000 KiB each', async () => {
    await open();
    await refused(Array.from({ length: 500 }, () => bytes(1)));
    await refused([...Array.from({ length: 4 }, () => bytes(1_024_000)), bytes(4_194_304 - 4_096_000)]);
    const tooMany = Array.from({ length: 501 }, () => bytes(1));
    for (const batch of [tooMany, [], [bytes(1_024_001)], [...Array(5)].map(() => bytes(900_000))]) {
      await expect(refused(batch)).rejects.toMatchObject({
        name: expect.stringMatching(/ValidationException|InvalidArgument/),
      });
    }
    const missing = new PutRecordCommand({ DeliveryStreamName: 'none', Record: { Data: bytes(1) } });
    await expect(firehose.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('part of a batch can be made to fail, the same part for the same seed', async () => {
    await open();
    const texts = Array.from({ length: 200 }, (_, i) => `${i}\n`);
    const outcome = async () => {
      streams.setPartialFailure({ rate: 0.3, seed: 7 });
      const answer = await put(...texts);
      const failed = answer.RequestResponses?.map(({ ErrorCode }) => ErrorCode) ?? [];
      expect(answer.FailedPutCount).toBe(failed.filter(Boolean).length);
      return failed;
    };
    const first = await outcome();
    expect(await outcome()).toEqual(first);
    const kept = texts.filter((_, i) => first[i] === undefined);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(180);
    await streams.flush();
    expect(await content(keys()[0] as string)).toBe([...kept, ...kept].join(''));
    streams.setPartialFailure({ rate: 1 });
    const one = new PutRecordCommand({ DeliveryStreamName: 'readings', Record: { Data: bytes(1) } });
    await expect(firehose.send(one)).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
  });
});

test('streams are listed and described', async () => {
  await open();
  expect((await firehose.send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames).toEqual(['readings']);
  const described = await firehose.send(
    new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'readings' }),
  );
  expect(described.DeliveryStreamDescription).toMatchObject({
    DeliveryStreamStatus: 'ACTIVE',
    Destinations: [{ ExtendedS3DestinationDescription: { BufferingHints: { IntervalInSeconds: 900 } } }],
  });
});

describe('names', () => {
  const at = new Date('2026-03-04T05:06:07.089Z');

  test.each([
    ['raw/!{timestamp:yyyy/MM/dd/HH}/', 'raw/2026/03/04/05/'],
    ['raw/', 'raw/2026/03/04/05/'],
    ["y=!{timestamp:yyyy}/!{timestamp:'day'-dd}/", 'y=2026/day-04/'],
    ['', '2026/03/04/05/'],
  ])('%s', (prefix, expanded) => expect(expandPrefix(prefix, { at, id: 'x' })).toBe(expanded));

  test('an expression that is not known is named', () => {
    expect(() => expandPrefix('!{partitionKeyFromQuery:a}', { at, id: 'x' })).toThrow(
      '!{partitionKeyFromQuery:a}',
    );
    expect(() => expandPrefix('!{timestamp:yyyy/QQ}', { at, id: 'x' })).toThrow('QQ');
  });

  test('an object is named after stream, time and buffer', () => {
    expect(objectName('s', at, 'id', '.gz')).toBe('s-1-2026-03-04-05-06-07-id.gz');
  });
});

test('a delivery that is refused is logged as Firehose logs it, and tried again', async () => {
  await open();
  const lines: string[] = [];
  let refusals = 1;
  const again = createFirehose({
    directory: `${place.directory}/refused`,
    s3: {
      ...s3,
      async putObject(object) {
        if (refusals-- > 0) throw new AwsError('AccessDenied', 'Access Denied', { status: 403 });
        return s3.putObject(object);
      },
    },
    logFailure: (_, line) => void lines.push(line),
  });
  again.createStream(settings);
  again.start();
  const stream = await serve([again]);
  const client = new FirehoseClient({ ...stream.reach, maxAttempts: 1 });
  await client.send(
    new PutRecordBatchCommand({ DeliveryStreamName: 'readings', Records: [{ Data: Buffer.from('a') }] }),
  );
  await again.flush();
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ message: 'Access Denied', errorCode: 'S3.AccessDenied' }),
  ]);
  client.destroy();
  await stream.close();
  await again.close();
});
