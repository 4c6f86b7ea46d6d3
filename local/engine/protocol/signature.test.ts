import { request } from 'node:http';
import { Readable } from 'node:stream';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, scratch, serve } from '../../../test/support/local/harness.ts';
import { createS3, type S3 } from '../../services/s3/service.ts';
import { createSqs } from '../../services/sqs/service.ts';
import { createSts } from '../../services/sts/service.ts';

const place = scratch();
const page = 'http://127.0.0.1:4569';
const secrets: Record<string, string> = { local: 'local', LKIAFunction: 'drawn/secret+1' };
let s3: S3;
let served: Served;

beforeAll(async () => {
  s3 = createS3({
    directory: `${place.directory}/s3`,
    localText: (text) => text.replace('https://console.aws', page),
  });
  const sqs = createSqs({ directory: `${place.directory}/sqs` });
  s3.createBucket({ name: 'closed' });
  s3.createBucket({
    name: 'open',
    cors: [
      {
        origins: ['https://console.aws'],
        methods: ['PUT'],
        headers: ['content-*'],
        exposed: ['ETag'],
        maxAgeSeconds: 60,
      },
    ],
  });
  sqs.createQueue({ name: 'q' });
  served = await serve([s3, sqs, createSts()], [], { secretOf: (key) => secrets[key] });
});
afterAll(async () => {
  await served.close();
  await s3.close();
  await place.remove();
});

const as = (accessKeyId: string, secretAccessKey = secrets[accessKeyId] ?? 'x') => ({
  region: 'us-east-1',
  endpoint: served.reach.endpoint,
  maxAttempts: 1,
  credentials: { accessKeyId, secretAccessKey },
});
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'taken',
    ({ name }: Error) => name,
  );
const keys = (bucket: string) => s3.listKeys({ bucket }).map(({ key }) => key);

/** As a browser may send it: with any Origin and Sec-Fetch-Site, which `fetch` of Node does not let through. */
function send(url: string, method: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const sent = request(url, { method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

describe('a signed call', () => {
  it('of every protocol is taken by its secret, with odd keys, streams and parameters', async () => {
    for (const who of ['local', 'LKIAFunction']) {
      const client = new S3Client(as(who));
      for (const Key of ["a b/ç%2F+&=~(1)*'!", '//two', 'ünï/./x', '%']) {
        await client.send(
          new PutObjectCommand({ Bucket: 'closed', Key, Body: 'x', Metadata: { a: ' b   c ' } }),
        );
        await client.send(
          new GetObjectCommand({ Bucket: 'closed', Key, ResponseContentType: 'text/plain; a=b c' }),
        );
      }
      await new Upload({
        client,
        params: { Bucket: 'closed', Key: 'stream', Body: Readable.from([Buffer.alloc(6e6)]) },
      }).done();
      await client.send(
        new DeleteObjectsCommand({ Bucket: 'closed', Delete: { Objects: [{ Key: 'stream' }] } }),
      );
      const QueueUrl = `${served.reach.endpoint}/000000000000/q`;
      await new SQSClient(as(who)).send(new SendMessageCommand({ QueueUrl, MessageBody: 'ñ' }));
      await new STSClient(as(who)).send(new GetCallerIdentityCommand({}));
    }
    expect(keys('closed')).not.toContain('stream');
    expect(served.faults).toEqual([]);
  });

  it('by another secret or another key is refused, in the words of its protocol', async () => {
    const put = new PutObjectCommand({ Bucket: 'closed', Key: 'forged', Body: 'x' });
    const QueueUrl = `${served.reach.endpoint}/000000000000/q`;
    const message = new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
    const calls = (key: string, secret: string) =>
      Promise.all([
        refusal(new S3Client(as(key, secret)).send(put)),
        refusal(new SQSClient(as(key, secret)).send(message)),
        refusal(new STSClient(as(key, secret)).send(new GetCallerIdentityCommand({}))),
      ]);
    const mismatch = ['SignatureDoesNotMatch', 'InvalidSignatureException', 'SignatureDoesNotMatch'];
    expect(await calls('LKIAFunction', 'local')).toEqual(mismatch);
    expect(await calls('local', 'LOCAL')).toEqual(mismatch);
    expect(await calls('nobody', 'x')).toEqual([
      'InvalidAccessKeyId',
      'UnrecognizedClientException',
      'InvalidClientTokenId',
    ]);
    expect(keys('closed')).not.toContain('forged');
    expect(await refusal(new DynamoDBClient(as('local')).send(new ListTablesCommand({})))).not.toBe('taken');
    expect(await refusal(new S3Client(as('local')).send(new CreateBucketCommand({ Bucket: 'x' })))).toBe(
      'NotImplemented',
    );
  });

  it.each([
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request, Signature=0',
    `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    `AWS4-ECDSA-P256-SHA256 Credential=local/20260101/sqs/aws4_request, SignedHeaders=host, Signature=00`,
    'AWS4-HMAC-SHA256 Credential=local/sqs/aws4_request, SignedHeaders=host, Signature=00',
  ])('with the header %s is refused', async (authorization) => {
    const headers = { authorization, 'x-amz-target': 'AmazonSQS.ListQueues' };
    expect((await send(`${served.reach.endpoint}/`, 'POST', headers, '{}')).status).toBe(403);
  });
});

describe('a presigned URL', () => {
  const get = (who = 'LKIAFunction', options: object = {}) =>
    getSignedUrl(new S3Client(as(who)), new GetObjectCommand({ Bucket: 'closed', Key: 'here' }), {
      expiresIn: 60,
      ...options,
    });
  const put = (Bucket: string, who = 'LKIAFunction') =>
    getSignedUrl(new S3Client(as(who)), new PutObjectCommand({ Bucket, Key: 'put' }), { expiresIn: 60 });
  beforeAll(() => s3.putObject({ bucket: 'closed', key: 'here', body: 'here' }));

  it('must be complete: without any one parameter, or with it twice or empty, it is refused', async () => {
    const url = await get();
    expect((await send(url, 'GET')).status).toBe(200);
    const names = [...new URL(url).searchParams.keys()].filter((name) =>
      /^X-Amz-(?!Content|User)/.test(name),
    );
    expect(names.length).toBeGreaterThanOrEqual(6);
    for (const name of names) {
      for (const change of ['delete', 'empty', 'twice'] as const) {
        const changed = new URL(url);
        const { searchParams } = changed;
        if (change === 'delete') searchParams.delete(name);
        else if (change === 'empty') searchParams.set(name, '');
        else searchParams.append(name, String(searchParams.get(name)));
        expect([name, change, (await send(changed.href, 'GET')).status]).toEqual([
          name,
          change,
          expect.toSatisfy((status) => status === 400 || status === 403),
        ]);
      }
    }
  });

  it.each([
    ['X-Amz-Expires', '0'],
    ['X-Amz-Expires', '604801'],
    ['X-Amz-Expires', '-1'],
    ['X-Amz-Expires', '6e1'],
    ['X-Amz-Expires', '59'],
    ['X-Amz-Date', '20260101'],
    ['X-Amz-Algorithm', 'AWS4-ECDSA-P256-SHA256'],
    ['X-Amz-SignedHeaders', 'x'],
    ['X-Amz-Signature', '0'.repeat(64)],
    ['X-Amz-Credential', 'local/20260101/us-east-1/lambda/aws4_request'],
  ])('with %s %s is refused', async (name, value) => {
    const url = new URL(await get());
    url.searchParams.set(name, value);
    expect((await send(url.href, 'GET')).status).toBeGreaterThanOrEqual(400);
  });

  it('is refused when it has expired, and for another method or key', async () => {
    const old = { expiresIn: 1, signingDate: new Date(Date.now() - 5000) };
    expect((await send(await get('LKIAFunction', old), 'GET')).status).toBe(403);
    expect((await send(await get(), 'DELETE')).status).toBe(403);
    expect((await send((await get()).replace('/here', '/put'), 'GET')).status).toBe(403);
    expect(keys('closed')).toContain('here');
  });

  it('shows an image to any page, by a secret that no page knows', async () => {
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    expect((await send(await get(), 'GET', image)).text).toBe('here');
    expect((await send(await get('local'), 'GET', image)).status).toBe(403);
    expect((await send(await get('local'), 'GET')).status).toBe(200);
    const forged = (await get()).replace(/Signature=./, 'Signature=g');
    expect((await send(forged, 'GET', image)).status).toBe(403);
  });

  it('takes an upload of the pages that the bucket names, after a preflight, and lets them read the answer', async () => {
    const preflight = (origin: string, asked = 'content-type', method = 'PUT') => ({
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': asked,
    });
    const url = await put('open');
    const { status, headers } = await send(url, 'OPTIONS', preflight(page));
    expect([status, headers]).toMatchObject([
      200,
      {
        'access-control-allow-origin': page,
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '60',
      },
    ]);
    const done = await send(
      url,
      'PUT',
      { origin: page, 'sec-fetch-site': 'same-site', 'content-type': 'text/csv' },
      'a,b',
    );
    expect([done.status, done.headers]).toMatchObject([
      200,
      { 'access-control-allow-origin': page, 'access-control-expose-headers': 'ETag' },
    ]);
    expect(keys('open')).toEqual(['put']);
    // Not another page, header, method or bucket, and not by the secret that everybody knows.
    for (const asked of [
      preflight('http://evil.example'),
      preflight(page, 'x-odd'),
      preflight(page, '', 'DELETE'),
    ]) {
      expect((await send(url, 'OPTIONS', asked)).status).toBe(403);
    }
    expect((await send(await put('closed'), 'OPTIONS', preflight(page))).status).toBe(403);
    for (const [link, origin] of [
      [url, 'http://evil.example'],
      [url, 'null'],
      [await put('closed'), page],
      [await put('open', 'local'), page],
      [`${served.reach.endpoint}/open/put`, page],
    ] as const) {
      expect((await send(link, 'PUT', { origin, 'sec-fetch-site': 'cross-site' }, 'x')).status).toBe(403);
    }
    expect(s3.headObject({ bucket: 'open', key: 'put' })?.size).toBe(3);
  });

  it('of another service is refused', async () => {
    const query = new URL(await get()).search.replace('%2Fs3%2F', '%2Fsqs%2F');
    const headers = { 'x-amz-target': 'AmazonSQS.ListQueues' };
    expect((await send(`${served.reach.endpoint}/${query}`, 'POST', headers, '{}')).status).toBe(403);
  });
});
