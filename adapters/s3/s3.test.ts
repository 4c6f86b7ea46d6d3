import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEndpoint, type Endpoint } from '../../local/engine/endpoint.ts';
import { createS3, type S3 } from '../../local/services/s3/service.ts';
import { collect } from '../../test/support/collect.ts';
import { createObjectParts } from './object-parts.ts';
import { createObjects } from './objects.ts';
import { createSegmentOpener, createVersionLister } from './segments.ts';
import { createUploads } from './upload.ts';

const directory = mkdtempSync(join(tmpdir(), 'caudal-s3-'));
const bucket = 'objects';
let s3: S3;
let endpoint: Endpoint;
let settings: S3ClientConfig;
let client: S3Client;

beforeAll(async () => {
  s3 = createS3({ directory });
  s3.createBucket({ name: bucket, versioned: true });
  endpoint = createEndpoint({ services: [s3] });
  const { port } = await endpoint.listen(0);
  settings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  client = new S3Client(settings);
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
  await s3.close();
  rmSync(directory, { recursive: true });
});

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const contentType = 'text/plain';

describe('objects', () => {
  const objects = () => createObjects(client);

  test('are written, read, read in ranges and removed; what is not there is undefined', async () => {
    const at = { bucket, key: 'staging/a b+ü' };
    expect(await objects().read(at)).toBeUndefined();
    expect(await objects().describe(at)).toBeUndefined();
    expect(await objects().readRange({ ...at, start: 0, end: 3 })).toBeUndefined();
    await objects().write({ ...at, bytes: Buffer.from('0123456789'), contentType });
    expect(text((await objects().read(at))?.bytes)).toBe('0123456789');
    expect(text(await objects().readRange({ ...at, start: 2, end: 5 }))).toBe('234');
    expect(await objects().readRange({ ...at, start: 2, end: 2 })).toHaveLength(0);
    await objects().remove(at);
    await objects().remove(at);
    expect(await objects().read(at)).toBeUndefined();
  });

  test('are read by parts that are all of one state: the end, and ranges as long as nobody overwrites them', async () => {
    const at = { bucket, key: 'curated/parts' };
    const parts = createObjectParts(client);
    expect(await parts.readEnd({ ...at, length: 4 })).toBeUndefined();
    await objects().write({ ...at, bytes: Buffer.from('0123456789'), contentType });
    const end = await parts.readEnd({ ...at, length: 4 });
    expect([text(end?.bytes), end?.size]).toEqual(['6789', 10]);
    expect(text((await parts.readEnd({ ...at, length: 4_000 }))?.bytes)).toBe('0123456789');
    const part = { ...at, start: 2, end: 5, etag: end?.etag ?? '' };
    expect(text((await parts.readPart(part)) as Uint8Array)).toBe('234');
    await objects().write({ ...at, bytes: Buffer.from('9876543210'), contentType });
    expect(await parts.readPart(part)).toBe('changed');
    await objects().remove(at);
    expect(await parts.readPart(part)).toBe('changed');
  });

  test('are written on a condition, with their version in the metadata', async () => {
    const at = { bucket, key: 'curated/x', bytes: Buffer.from('1'), contentType };
    const absent = { kind: 'absent' } as const;
    expect(await objects().writeIf({ ...at, metadata: { version: '1' }, condition: absent })).toBe('written');
    expect(await objects().writeIf({ ...at, metadata: { version: '9' }, condition: absent })).toBe(
      'conflict',
    );
    const read = await objects().read(at);
    expect(read?.metadata).toEqual({ version: '1' });
    const condition = { kind: 'matches', etag: read?.etag ?? '' } as const;
    const second = { ...at, bytes: Buffer.from('2'), metadata: { version: '2' }, condition };
    expect(await objects().writeIf(second)).toBe('written');
    expect(await objects().writeIf(second)).toBe('conflict');
    expect(await objects().describe(at)).toEqual({ version: '2' });
    await objects().remove(at);
    expect(await objects().writeIf(second)).toBe('conflict');
  });

  test('a store that does not answer is unavailable', async () => {
    const nowhere = new S3Client({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    await expect(createObjects(nowhere).read({ bucket, key: 'x' })).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
  });
});

test.each([
  ['what its metadata say', '2025-11-03T08:15:30.250Z', Date.UTC(2025, 10, 3, 8, 15, 30, 250)],
  ['when S3 stored it, where they say nothing', undefined, undefined],
  ['when S3 stored it, where they say no time', 'yesterday', undefined],
  ['when S3 stored it, where they are over a day ahead of that', '2099-01-01T00:00:00Z', undefined],
])('a segment was uploaded at %s', async (_, uploadedAt, told) => {
  const key = `landing/levels/${uploadedAt ?? 'none'}.csv`;
  const metadata = uploadedAt === undefined ? {} : { 'uploaded-at': uploadedAt };
  const put = await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x', Metadata: metadata }),
  );
  const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  const { bytes, arrivedMs } = await createSegmentOpener(client).open({
    ...{ bucket, key },
    versionId: put.VersionId ?? '',
  });
  await collect(bytes);
  expect(arrivedMs).toBe(told ?? LastModified?.getTime());
});

test('a segment is the version that was named, or SegmentMissing', async () => {
  const opener = createSegmentOpener(client);
  const key = 'raw/2026/x';
  const first = await s3.putObject({ bucket, key, body: 'first' });
  await s3.putObject({ bucket, key, body: 'second' });
  const { bytes } = await opener.open({ bucket, key, versionId: first.versionId ?? '' });
  const chunks = await collect(bytes);
  expect(Buffer.concat(chunks).toString()).toBe('first');
  for (const missing of [
    { bucket, key: 'raw/none', versionId: first.versionId ?? '' },
    { bucket, key, versionId: 'no-such-version' },
  ]) {
    await expect(opener.open(missing)).rejects.toMatchObject({ name: 'SegmentMissing' });
  }
});

test('an upload is there when it is complete, of one part or of several', async () => {
  const uploads = createUploads(client);
  const objects = createObjects(client);
  for (const pieces of [0, 1, 3]) {
    const at = { bucket, key: `rejects/${pieces}` };
    const upload = uploads.upload({ ...at, contentType });
    const bytes = Array.from({ length: pieces }, (_, n) => Buffer.alloc(5 * 1024 * 1024, n + 1));
    for (const piece of bytes) await upload.write(piece);
    expect(await objects.read(at)).toBeUndefined();
    await upload.complete();
    expect(Buffer.concat(bytes).equals((await objects.read(at))?.bytes ?? Buffer.of(0))).toBe(true);
  }
  const aborted = uploads.upload({ bucket, key: 'rejects/aborted', contentType });
  await aborted.write(Buffer.alloc(9 * 1024 * 1024));
  await aborted.abort();
  expect(await objects.read({ bucket, key: 'rejects/aborted' })).toBeUndefined();
});

test('each part of an upload has a checksum on the wire: asked for at the beginning, sent with it, named at the end', async () => {
  const requests: { action: string; headers: Record<string, string>; body: unknown }[] = [];
  const recording = new S3Client(settings);
  recording.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { headers, body } = args.request as { headers: Record<string, string>; body: unknown };
        requests.push({ action: String(commandName), headers: { ...headers }, body });
        return next(args);
      },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const upload = createUploads(recording).upload({ bucket, key: 'rejects/wire', contentType });
  for (const byte of [1, 2]) await upload.write(Buffer.alloc(8 * 1024 * 1024, byte));
  await upload.complete();
  const of = (command: string) => requests.filter(({ action }) => action === command);
  expect(of('CreateMultipartUploadCommand').map(({ headers }) => headers)).toEqual([
    expect.objectContaining({ 'x-amz-checksum-algorithm': 'CRC32' }),
  ]);
  const parts = of('UploadPartCommand').map(({ headers }) => headers['x-amz-checksum-crc32']);
  expect(parts).toEqual([expect.stringMatching(/^[\w+/]{6}==$/), expect.stringMatching(/^[\w+/]{6}==$/)]);
  const completed = String(of('CompleteMultipartUploadCommand')[0]?.body);
  expect([...completed.matchAll(/<ChecksumCRC32>(.*?)<\/ChecksumCRC32>/g)].map(([, sum]) => sum)).toEqual(
    parts,
  );
});

test('versions are listed by key over the pages, without those of deleted objects', async () => {
  s3.createBucket({ name: 'many', versioned: true });
  const lister = createVersionLister(client);
  for (let n = 0; n < 1_005; n++) {
    await s3.putObject({ bucket: 'many', key: `raw/${String(n).padStart(5, '0')}`, body: 'x' });
  }
  await s3.putObject({ bucket: 'many', key: 'raw/00003', body: 'again' });
  s3.deleteObject({ bucket: 'many', key: 'raw/00004' });
  await s3.putObject({ bucket: 'many', key: 'sibling', body: 'x' });
  const found = await collect(lister.list({ bucket: 'many', prefix: 'raw/', startAfter: 'raw/00001' }));
  const keys = found.map(({ key }) => key);
  expect(keys).toHaveLength(1_003);
  expect(keys.slice(0, 4)).toEqual(['raw/00002', 'raw/00003', 'raw/00003', 'raw/00005']);
  expect(new Set(found.map(({ versionId }) => versionId)).size).toBe(1_003);
  expect(Math.abs((found[0]?.lastModifiedMs ?? 0) - Date.now())).toBeLessThan(60_000);
});
