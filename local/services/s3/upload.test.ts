import { request } from 'node:http';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, scratch, serve } from '../../../test/support/local/harness.ts';
import { createS3, type S3 } from './service.ts';

const { directory, remove } = scratch();
let store: S3;
let served: Served;
let s3: S3Client;
/** The same store where signatures are verified. */
let verified: Served;

beforeAll(async () => {
  store = createS3({ directory });
  store.createBucket({ name: 'bucket' });
  served = await serve([store]);
  verified = await serve([store], [], { secretOf: (key) => (key === 'LKIAtest' ? 'local' : undefined) });
  s3 = new S3Client({ ...served.reach, maxAttempts: 1 });
});
afterAll(async () => {
  s3.destroy();
  await served.close();
  await verified.close();
  await store.close();
  await remove();
});

const mebibyte = 1024 * 1024;

describe('multipart', () => {
  test.each(['CRC32', 'CRC64NVME', 'SHA256'] as const)(
    'lib-storage uploads a stream with %s',
    async (ChecksumAlgorithm) => {
      const bytes = Buffer.alloc(12 * mebibyte, 'part');
      const Body = Readable.from(
        Array.from({ length: 12 }, (_, i) => bytes.subarray(i * mebibyte, (i + 1) * mebibyte)),
      );
      const params = {
        Bucket: 'bucket',
        Key: 'large',
        Body,
        ContentType: 'x/y',
        Metadata: { m: '1' },
        ChecksumAlgorithm,
      };
      const done = await new Upload({ client: s3, params }).done();
      expect(done.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
      const got = await s3.send(
        new GetObjectCommand({ Bucket: 'bucket', Key: 'large', ChecksumMode: 'ENABLED' }),
      );
      expect(got).toMatchObject({ ContentType: 'x/y', Metadata: { m: '1' }, ETag: done.ETag });
      expect(Buffer.from((await got.Body?.transformToByteArray()) as Uint8Array).equals(bytes)).toBe(true);
    },
  );

  test('parts are checked when it is completed', async () => {
    const object = { Bucket: 'bucket', Key: 'parts' };
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: 'CRC32' }),
    );
    const part = async (PartNumber: number, Body: string | Buffer) => {
      const sent = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }));
      return { PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
    };
    const complete = (Parts: object[], more = {}) =>
      s3.send(
        new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts }, ...more }),
      );
    const small = await part(1, 'small');
    const last = await part(2, 'last');
    expect((await s3.send(new ListPartsCommand({ ...object, UploadId }))).Parts).toHaveLength(2);
    await expect(complete([small, last])).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete([last, small])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([{ ...last, PartNumber: 3 }])).rejects.toMatchObject({ name: 'InvalidPart' });
    const first = await part(1, Buffer.alloc(5 * mebibyte, '1'));
    await s3.send(new PutObjectCommand({ ...object, Body: 'in between' }));
    await expect(complete([first, last], { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await complete([first, last]);
    expect((await s3.send(new HeadObjectCommand(object))).ContentLength).toBe(5 * mebibyte + 4);
    await expect(complete([first, last])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('parts have the checksum that the upload was created for, when they come and when it is completed', async () => {
    const object = { Bucket: 'bucket', Key: 'checked' };
    const create = async (ChecksumAlgorithm?: 'CRC32' | 'SHA256') =>
      (await s3.send(new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm }))).UploadId;
    const send = (UploadId: string | undefined, ChecksumAlgorithm: 'CRC32' | 'SHA256') =>
      s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'part', ChecksumAlgorithm }));
    await expect(send(await create('SHA256'), 'CRC32')).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32',
    });
    await expect(send(await create(), 'CRC32')).rejects.toMatchObject({
      message: expect.stringContaining('expected checksum Type: null, actual checksum Type: crc32'),
    });
    const UploadId = await create('CRC32');
    const { ETag, ChecksumCRC32 } = await send(UploadId, 'CRC32');
    const complete = (more: { ChecksumCRC32?: string | undefined }) =>
      s3.send(
        new CompleteMultipartUploadCommand({
          ...object,
          UploadId,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ...more }] },
        }),
      );
    await expect(complete({})).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('must include the checksum for each part. It was missing for part 1'),
    });
    await expect(complete({ ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'InvalidPart' });
    await complete({ ChecksumCRC32 });
  });

  test('an aborted upload is gone', async () => {
    const object = { Bucket: 'bucket', Key: 'aborted' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
    const late = s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'x' }));
    await expect(late).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('presigned URLs', () => {
  let s3: S3Client;
  beforeAll(() => {
    s3 = new S3Client({ ...verified.reach, maxAttempts: 1 });
  });
  afterAll(() => s3.destroy());

  test('put and get an object', async () => {
    const object = { Bucket: 'bucket', Key: 'signed/with space+plus' };
    const put = await getSignedUrl(s3, new PutObjectCommand(object), { expiresIn: 60 });
    expect((await fetch(put, { method: 'PUT', body: 'by URL' })).status).toBe(200);
    const get = new GetObjectCommand({ ...object, ResponseContentType: 'text/plain' });
    const answer = await fetch(await getSignedUrl(s3, get, { expiresIn: 60 }));
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'by URL',
    ]);
  });

  test('expire, and hold only for what was signed', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: 'a' }));
    const get = new GetObjectCommand({ Bucket: 'bucket', Key: 'a' });
    const old = await getSignedUrl(s3, get, { expiresIn: 1, signingDate: new Date(Date.now() - 5000) });
    expect(await (await fetch(old)).text()).toContain(
      '<Code>AccessDenied</Code><Message>Request has expired',
    );
    const url = await getSignedUrl(s3, get, { expiresIn: 60 });
    const other = await fetch(url.replace('/bucket/a', '/bucket/large'));
    expect([other.status, await other.text()]).toEqual([
      403,
      expect.stringContaining('SignatureDoesNotMatch'),
    ]);
    expect((await fetch(url.split('?')[0] as string)).status).toBe(403);
  });
});

describe('the wire', () => {
  /** Sends raw bytes under made-up but complete signature headers. */
  const send = (path: string, headers: Record<string, string>, body: Buffer | string, method = 'PUT') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const authorization =
        'AWS4-HMAC-SHA256 Credential=LKIAtest/20260101/us-east-1/s3/aws4_request, Signature=0';
      const sent = request(
        { port: served.port, host: '127.0.0.1', path, method, headers: { authorization, ...headers } },
        (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  const chunked = {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '5',
  };

  test('aws-chunked is decoded, signed chunks too', async () => {
    const body = '3;chunk-signature=00\r\nhel\r\n2;chunk-signature=00\r\nlo\r\n0;chunk-signature=00\r\n\r\n';
    expect((await send('/bucket/c', chunked, body)).status).toBe(200);
    expect(store.headObject({ bucket: 'bucket', key: 'c' })?.size).toBe(5);
  });

  test.each([
    ['no last chunk', '5\r\nhello\r\n'],
    ['a chunk cut short', '5\r\nhel'],
    ['a length that is none', 'xyz\r\nhello\r\n0\r\n\r\n'],
    ['fewer bytes than announced', '3\r\nhel\r\n0\r\n\r\n'],
  ])('%s is refused', async (_, body) => {
    const answer = await send('/bucket/refused', chunked, body);
    expect([answer.status, answer.body]).toEqual([
      400,
      expect.stringContaining('<Code>IncompleteBody</Code>'),
    ]);
    expect(store.headObject({ bucket: 'bucket', key: 'refused' })).toBeUndefined();
  });

  test('a refused upload is answered although its body is still being sent', async () => {
    const answer = await send('/none/big', {}, Buffer.alloc(30 * mebibyte));
    expect([answer.status, answer.body]).toEqual([404, expect.stringContaining('NoSuchBucket')]);
  });

  test('an unsigned request is refused', async () => {
    const answer = await fetch(`${served.reach.endpoint}/bucket/a`);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('AccessDenied')]);
  });

  test('a body that does not agree with its signed digest is refused', async () => {
    const answer = await send('/bucket/refused', { 'x-amz-content-sha256': '0'.repeat(64) }, 'x');
    expect(answer.body).toContain('XAmzContentSHA256Mismatch');
  });

  test('no fault was hidden behind an answer', () => expect(served.faults).toEqual([]));
});
