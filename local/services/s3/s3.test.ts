import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, scratch, serve } from '../../../test/support/local/harness.ts';
import { createS3, type S3 } from './service.ts';

const { directory, remove } = scratch();
let store: S3;
let served: Served;
let s3: S3Client;

beforeAll(async () => {
  store = createS3({ directory });
  store.createBucket({ name: 'plain' });
  store.createBucket({ name: 'versioned', versioned: true });
  served = await serve([store]);
  s3 = new S3Client({ ...served.reach, maxAttempts: 1 });
});
afterAll(async () => {
  s3.destroy();
  await served.close();
  await store.close();
  await remove();
});

const put = (Key: string, Body: string, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket: 'plain', Key, Body, ...more }));
const text = async (Bucket: string, Key: string, more: object = {}) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();
const failure = async (sent: Promise<unknown>) => {
  const error = await sent.then(
    () => expect.fail('It succeeded'),
    (error: { name: string; $metadata: { httpStatusCode: number } }) => error,
  );
  return [error.$metadata.httpStatusCode, error.name];
};

describe('one object', () => {
  test('comes back with its bytes, headers and metadata', async () => {
    const answer = await put('a', 'hello', {
      ContentType: 'text/plain',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      Metadata: { version: '3' },
    });
    expect(answer.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got).toMatchObject({
      ContentType: 'text/plain',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      ContentLength: 5,
      Metadata: { version: '3' },
      ETag: answer.ETag,
      AcceptRanges: 'bytes',
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(head).toMatchObject({ ContentLength: 5, Metadata: { version: '3' } });
    expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'MD5'] as const)(
    'is verified against its %s, in a header or a trailer, and read back with it',
    async (ChecksumAlgorithm) => {
      const bytes = Buffer.from('checked '.repeat(50_000));
      await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'sum', Body: bytes, ChecksumAlgorithm }));
      expect(await text('plain', 'sum', { ChecksumMode: 'ENABLED' })).toBe(bytes.toString());
      // A stream of unknown digest is sent aws-chunked with the checksum behind it.
      const Body = Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]);
      const streamed = {
        Bucket: 'plain',
        Key: 'stream',
        Body,
        ContentLength: bytes.length,
        ChecksumAlgorithm,
      };
      await s3.send(new PutObjectCommand(streamed));
      expect(await text('plain', 'stream', { ChecksumMode: 'ENABLED' })).toBe(bytes.toString());
    },
  );

  test('is refused when a digest differs, and leaves nothing', async () => {
    expect(await failure(put('bad', 'x', { ChecksumSHA256: Buffer.alloc(32).toString('base64') }))).toEqual([
      400,
      'BadDigest',
    ]);
    expect(await failure(put('bad', 'x', { ContentMD5: Buffer.alloc(16).toString('base64') }))).toEqual([
      400,
      'BadDigest',
    ]);
    expect(await failure(text('plain', 'bad'))).toEqual([404, 'NoSuchKey']);
  });

  test('of 40 MB streams both ways', async () => {
    const bytes = Buffer.alloc(40_000_000, 'caudal');
    await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'big', Body: bytes }));
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'big' }));
    const hash = createHash('sha256');
    for await (const chunk of got.Body as Readable) hash.update(chunk);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('may be empty', async () => {
    await put('empty', '');
    expect(await text('plain', 'empty')).toBe('');
  });

  test.each([
    ['bytes=1-3', 'ell', 'bytes 1-3/5'],
    ['bytes=3-', 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 'lo', 'bytes 3-4/5'],
    ['bytes=1-99', 'ello', 'bytes 1-4/5'],
  ])('%s', async (Range, expected, contentRange) => {
    await put('a', 'hello');
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a', Range }));
    expect(await got.Body?.transformToString()).toBe(expected);
    expect([got.ContentRange, got.$metadata.httpStatusCode]).toEqual([contentRange, 206]);
  });

  test('a range past the end is 416', async () => {
    await put('a', 'hello');
    expect(await failure(text('plain', 'a', { Range: 'bytes=5-' }))).toEqual([416, 'InvalidRange']);
  });

  test('If-None-Match on a read is 304, If-Match 412', async () => {
    const { ETag } = await put('a', 'hello');
    expect((await failure(text('plain', 'a', { IfNoneMatch: ETag })))[0]).toBe(304);
    expect(await failure(text('plain', 'a', { IfMatch: '"0"' }))).toEqual([412, 'PreconditionFailed']);
  });

  test('is copied, with its metadata or other', async () => {
    await put('dir/a b+c', 'copy me', { Metadata: { m: '1' } });
    const CopySource = `plain/${encodeURIComponent('dir/a b+c')}`;
    await s3.send(new CopyObjectCommand({ Bucket: 'versioned', Key: 'copy', CopySource }));
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'versioned', Key: 'copy' }));
    expect(head.Metadata).toEqual({ m: '1' });
    expect(await text('versioned', 'copy')).toBe('copy me');
  });
});

describe('conditional writes', () => {
  test('If-None-Match: * creates once', async () => {
    await put('once', '1', { IfNoneMatch: '*' });
    expect(await failure(put('once', '2', { IfNoneMatch: '*' }))).toEqual([412, 'PreconditionFailed']);
    expect(await text('plain', 'once')).toBe('1');
  });

  test('If-Match replaces what was read, and nothing else', async () => {
    const { ETag } = await put('swap', '1');
    const second = await put('swap', '2', { IfMatch: ETag });
    expect(await failure(put('swap', '3', { IfMatch: ETag }))).toEqual([412, 'PreconditionFailed']);
    expect(await text('plain', 'swap', { IfMatch: second.ETag })).toBe('2');
    expect(await failure(put('nothing', '1', { IfMatch: ETag }))).toEqual([404, 'NoSuchKey']);
  });

  test('of twenty racing writers one wins; the others get 412 or 409', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => put('race', `writer ${i}`.padEnd(200_000), { IfNoneMatch: '*' })),
    );
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.name] : []));
    expect(lost).toHaveLength(19);
    expect(new Set([...lost, 'PreconditionFailed', 'ConditionalRequestConflict']).size).toBe(2);
    expect((await text('plain', 'race'))?.trim()).toMatch(/^writer \d+$/);
  });
});

describe('versions', () => {
  test('every version stays; a delete puts a marker that can be removed', async () => {
    const object = { Bucket: 'versioned', Key: 'v' };
    const first = await s3.send(new PutObjectCommand({ ...object, Body: 'one' }));
    const second = await s3.send(new PutObjectCommand({ ...object, Body: 'two' }));
    expect(first.VersionId).not.toBe(second.VersionId);
    expect(await text('versioned', 'v', { VersionId: first.VersionId })).toBe('one');
    const marker = await s3.send(new DeleteObjectCommand(object));
    expect(marker.DeleteMarker).toBe(true);
    expect(await failure(text('versioned', 'v'))).toEqual([404, 'NoSuchKey']);
    expect(await text('versioned', 'v', { VersionId: second.VersionId })).toBe('two');
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'v' }));
    expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, false],
      [first.VersionId, false],
    ]);
    expect(listed.DeleteMarkers).toHaveLength(1);
    await s3.send(new DeleteObjectCommand({ ...object, VersionId: marker.VersionId }));
    expect(await text('versioned', 'v')).toBe('two');
    // A write after a delete marker is the first again.
    await s3.send(new DeleteObjectCommand(object));
    await s3.send(new PutObjectCommand({ ...object, Body: 'three', IfNoneMatch: '*' }));
    expect(await failure(text('versioned', 'v', { VersionId: 'none' }))).toEqual([404, 'NoSuchVersion']);
  });
});

describe('keys', () => {
  const strange = [
    '../../etc/passwd',
    'a//b',
    '/lead',
    'ñ/日本/😀',
    'a b+c%2F&d=e?f#g',
    '..',
    'x'.repeat(1024),
    'quote\'"<>&',
  ];

  test.each(strange)('%.40s', async (key) => {
    await put(key, key);
    expect(await text('plain', key)).toBe(key);
    const info = store.listKeys({ bucket: 'plain', prefix: key });
    expect(info[0]?.key).toBe(key);
    await s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: key }));
    expect(await failure(text('plain', key))).toEqual([404, 'NoSuchKey']);
  });

  test('of more than 1024 bytes are refused', async () => {
    expect(await failure(put('é'.repeat(513), ''))).toEqual([400, 'KeyTooLongError']);
  });
});

describe('listing', () => {
  const names = ['b', 'a/1', 'a/2', 'a/x/3', 'a.txt', 'ab', 'é', '\u{1F600}', '\uFFFD', 'c &<', 'z/'];

  beforeAll(async () => {
    store.createBucket({ name: 'listed' });
    for (const key of names) await s3.send(new PutObjectCommand({ Bucket: 'listed', Key: key, Body: key }));
  });

  const list = async (more: object) => {
    const rows: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: 'listed', ...more })) {
      rows.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`));
      rows.push(...(page.Contents ?? []).map(({ Key }) => Key as string));
    }
    return rows;
  };
  const inOrder = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

  test.each([1, 2, 3, 1000])('is in UTF-8 order, in pages of %i', async (MaxKeys) => {
    expect(await list({ MaxKeys })).toEqual(inOrder);
    expect((await list({ MaxKeys, EncodingType: 'url' })).map(decodeURIComponent)).toEqual(inOrder);
  });

  test.each([1, 2, 1000])('groups by delimiter, in pages of %i', async (MaxKeys) => {
    const rows = await list({ MaxKeys, Delimiter: '/' });
    expect(rows.toSorted()).toEqual(
      ['a.txt', 'ab', 'a/*', 'b', 'c &<', 'z/*', 'é', '\u{1F600}', '\uFFFD'].toSorted(),
    );
    expect((await list({ MaxKeys, Delimiter: '/', Prefix: 'a/' })).toSorted()).toEqual([
      'a/1',
      'a/2',
      'a/x/*',
    ]);
    expect(await list({ MaxKeys, Delimiter: '/', Prefix: 'z/' })).toEqual(['z/']);
  });

  test('starts after a key', async () => {
    expect(await list({ Prefix: 'a', StartAfter: 'a/1' })).toEqual(['a/2', 'a/x/3', 'ab']);
  });

  test('loses what was deleted', async () => {
    const Objects = [{ Key: 'a/1' }, { Key: 'é' }, { Key: 'never there' }];
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket: 'listed', Delete: { Objects } }));
    expect(Deleted).toHaveLength(3);
    expect(await list({ Prefix: 'a/' })).toEqual(['a/2', 'a/x/3']);
  });
});

describe('buckets and errors', () => {
  test('buckets are listed and found', async () => {
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain('versioned');
    await s3.send(new HeadBucketCommand({ Bucket: 'plain' }));
    await s3.send(new GetBucketLocationCommand({ Bucket: 'plain' }));
    expect((await failure(s3.send(new HeadBucketCommand({ Bucket: 'none' }))))[0]).toBe(404);
    expect(await failure(text('none', 'a'))).toEqual([404, 'NoSuchBucket']);
  });

  test('an operation that is not there is named', async () => {
    await expect(s3.send(new GetObjectAclCommand({ Bucket: 'plain', Key: 'a' }))).rejects.toThrow(
      /GET object\?acl.*docs\/local\.md/,
    );
  });

  test('no fault was hidden behind an answer', () => expect(served.faults).toEqual([]));
});
