import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { collect } from '../test/support/collect.ts';
import { batchGet } from './dynamodb/calls.ts';
import { updateEach } from './dynamodb/statements.ts';
import { createObjects } from './s3/objects.ts';
import { createSegmentOpener } from './s3/segments.ts';

/** A server that answers as AWS does when something is wrong, over the wire, so that the SDK's own handling is in it. */
let server: Server | undefined;
afterEach(() => server?.close());

async function answering(answer: (request: IncomingMessage, response: ServerResponse, call: number) => void) {
  let calls = 0;
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(request, response, calls++));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const options = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  return { options, calls: () => calls };
}

const s3Error = (status: number, code: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`);
};
const object = { bucket: 'b', key: 'k', bytes: Buffer.from('x'), contentType: 'text/plain', metadata: {} };

test.each([
  [503, 'SlowDown'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
])('S3 answering %i %s is unavailable', async (status, code) => {
  const { options } = await answering(s3Error(status, code));
  const objects = createObjects(new S3Client(options));
  await expect(objects.read(object)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  await expect(objects.write(object)).rejects.toMatchObject({ name: 'StoreUnavailable' });
});

test('S3 refusing is what it is: not unavailable, and not absent', async () => {
  const { options } = await answering(s3Error(403, 'AccessDenied'));
  const client = new S3Client(options);
  await expect(createObjects(client).read(object)).rejects.toMatchObject({ name: 'AccessDenied' });
  const segment = { bucket: 'b', key: 'k', versionId: 'v' };
  await expect(createSegmentOpener(client).open(segment)).rejects.toMatchObject({
    name: 'SegmentForbidden',
    message: expect.stringMatching(/^s3:\/\/b\/k version v: AccessDenied: ./),
  });
});

test.each([
  [403, 'InvalidObjectState', 'SegmentForbidden'],
  [400, 'KMS.DisabledException', 'SegmentForbidden'],
  [400, 'InvalidArgument', 'SegmentMissing'],
  [404, 'NoSuchVersion', 'SegmentMissing'],
])('S3 answering %i %s about a segment is %s', async (status, code, name) => {
  const { options } = await answering(s3Error(status, code));
  const opening = createSegmentOpener(new S3Client(options)).open({ bucket: 'b', key: 'k', versionId: 'v' });
  await expect(opening).rejects.toMatchObject({ name });
});

test.each([
  [412, 'PreconditionFailed'],
  [409, 'ConditionalRequestConflict'],
])('a conditional write that meets %i %s is a conflict', async (status, code) => {
  const { options } = await answering(s3Error(status, code));
  const condition = { kind: 'absent' } as const;
  expect(await createObjects(new S3Client(options)).writeIf({ ...object, condition })).toBe('conflict');
});

test('a body that breaks off is unavailable, not a short object', async () => {
  const { options } = await answering((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('x'.repeat(100));
    setTimeout(() => response.destroy(), 20);
  });
  const client = new S3Client(options);
  const { bytes } = await createSegmentOpener(client).open({ bucket: 'b', key: 'k', versionId: 'v' });
  await expect(collect(bytes)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  await expect(createObjects(client).read(object)).rejects.toMatchObject({ name: 'StoreUnavailable' });
});

test('keys that DynamoDB leaves unprocessed are asked for again', async () => {
  const keys = Array.from({ length: 3 }, (_, n) => ({ pk: 'p', sk: `${n}` }));
  const wire = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
  const { options, calls } = await answering((_, response, call) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    const unprocessed = wire.slice(call + 1);
    response.end(
      JSON.stringify({
        Responses: { t: [wire[call]] },
        UnprocessedKeys: unprocessed.length === 0 ? {} : { t: { Keys: unprocessed, ConsistentRead: true } },
      }),
    );
  });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(options));
  expect(await batchGet(documents, 't', keys)).toEqual(keys);
  expect(calls()).toBe(3);
});

test('updates that DynamoDB has no room for are sent again, and any other fault is named', async () => {
  const updates = ['held', 'full', 'lost'].map((sk) => ({
    key: { pk: 'p', sk },
    set: { a: 1 },
    where: { b: 2 },
  }));
  const sent: string[][] = [];
  const { options, calls } = await answering((_, response, call) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    const error = (Code: string) => ({ TableName: 't', Error: { Code, Message: 'said so' } });
    const answers = [
      [{ TableName: 't' }, error('ThrottlingError'), error('ConditionalCheckFailed')],
      [error('ProvisionedThroughputExceeded')],
      [{ TableName: 't' }],
      [error('AccessDenied')],
    ];
    response.end(JSON.stringify({ Responses: answers[call] }));
  });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(options));
  documents.middlewareStack.add(
    (next) => (args) => {
      const { Statements } = args.input as { Statements: { Parameters: unknown[] }[] };
      sent.push(Statements.map(({ Parameters }) => String(Parameters[2])));
      return next(args);
    },
    { step: 'initialize' },
  );
  expect(await updateEach(documents, 't', updates)).toEqual([true, true, false]);
  expect(sent).toEqual([['held', 'full', 'lost'], ['full'], ['full']]);
  await expect(updateEach(documents, 't', updates.slice(0, 1))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  expect(calls()).toBe(4);
});

test('a throttled table is unavailable', async () => {
  const { options } = await answering((_, response) => {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' }),
    );
  });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(options));
  await expect(batchGet(documents, 't', [{ pk: 'p', sk: 's' }])).rejects.toMatchObject({
    name: 'StoreUnavailable',
  });
});
