import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromAttributeMap, toAttributeMap } from './attribute-values.ts';
import { putIf, queryAll, updateIf } from './direct-calls.ts';

/** What DynamoDB would answer, or a broken connection. */
type Answer = { status: number; body: object } | 'hang up';
interface Asked {
  target: string | undefined;
  body: Record<string, unknown>;
  headers: IncomingMessage['headers'];
}

let server: Server;
let asked: Asked[];
let answers: Answer[];
let documents: DynamoDBDocumentClient;

beforeEach(async () => {
  asked = [];
  answers = [];
  server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' },
    }),
  );
});
afterEach(() => {
  documents.destroy();
  server.close();
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  asked.push({ target: request.headers['x-amz-target'] as string, body, headers: request.headers });
  const answer = answers.shift() ?? { status: 200, body: {} };
  if (answer === 'hang up') return void request.socket.destroy();
  response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(answer.body));
}

/** The SDK says so of its own attempts; direct ones do not. */
const isDirect = ({ headers }: Asked): boolean => headers['amz-sdk-request'] === undefined;
const put = { TableName: 't', Item: { pk: 'a', n: 1 }, ConditionExpression: 'attribute_not_exists(pk)' };
const conditionFailed: Answer = {
  status: 400,
  body: { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: 'm' },
};
/** The first call of a client teaches it the endpoint. */
const warmUp = async (): Promise<void> => {
  await putIf(documents, put);
  asked = [];
};

test('the first call goes through the SDK, the others do not, and ask the same', async () => {
  for (let call = 0; call < 3; call++) expect(await putIf(documents, put)).toBe(true);
  expect(asked.map(isDirect)).toEqual([false, true, true]);
  expect(asked[1]?.body).toEqual(asked[0]?.body);
  expect(asked[1]?.target).toBe('DynamoDB_20120810.PutItem');
  for (const name of ['host', 'content-type', 'user-agent', 'x-amz-security-token'] as const)
    expect(asked[1]?.headers[name]).toBe(asked[0]?.headers[name]);
  const authorization = asked[1]?.headers.authorization ?? '';
  expect(authorization).toMatch(/Credential=AKID\/\d{8}\/eu-west-1\/dynamodb\/aws4_request/);
  expect(authorization).toMatch(/SignedHeaders=[^,]*host;[^,]*x-amz-security-token;x-amz-target/);
});

test('a condition that did not hold is an answer: nothing is asked again', async () => {
  await warmUp();
  answers = [conditionFailed, conditionFailed];
  expect(await putIf(documents, put)).toBe(false);
  expect(await updateIf(documents, { TableName: 't', Key: { pk: 'a' } })).toBe(false);
  expect(asked.map(isDirect)).toEqual([true, true]);
});

const fault = (status: number, name: string): Answer => ({
  status,
  body: { __type: `com.amazon.coral.service#${name}`, message: 'm' },
});

test.each<[string, Answer]>([
  ['throttled', fault(400, 'ThrottlingException')],
  ['broken', fault(500, 'InternalServerError')],
  ['cut off', 'hang up'],
  ['no JSON at all', { status: 503, body: 'x' as unknown as object }],
])('a direct call that is %s is made again by the SDK', async (_, answer) => {
  await warmUp();
  answers = [answer];
  expect(await putIf(documents, put)).toBe(true);
  expect(asked.map(isDirect)).toEqual([true, false]);
  expect(asked[1]?.body).toEqual(asked[0]?.body);
});

test('a write that was made, but lost its answer, no longer meets its condition', async () => {
  await warmUp();
  answers = ['hang up', conditionFailed];
  expect(await putIf(documents, put)).toBe(false);
});

test('a refusal comes out as the SDK names it; passing trouble, once the SDK gives up, as unavailable', async () => {
  await warmUp();
  answers = Array.from({ length: 2 }, () => fault(400, 'AccessDeniedException'));
  await expect(putIf(documents, put)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  answers = Array.from({ length: 10 }, () => fault(500, 'InternalServerError'));
  await expect(queryAll(documents, { TableName: 't' })).rejects.toMatchObject({ name: 'StoreUnavailable' });
});

test('all pages of a query are read, whichever way each comes', async () => {
  await warmUp();
  const page = (n: number, more: boolean): Answer => ({
    status: 200,
    body: {
      Items: [{ n: { N: String(n) } }],
      ...(more ? { LastEvaluatedKey: { pk: { S: `after ${n}` } } } : {}),
    },
  });
  answers = [page(1, true), fault(500, 'InternalServerError'), page(2, true), page(3, false)];
  expect(await queryAll(documents, { TableName: 't' })).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(asked.map(isDirect)).toEqual([true, true, false, true]);
  expect(asked.map(({ body }) => body.ExclusiveStartKey)).toEqual([
    undefined,
    { pk: { S: 'after 1' } },
    { pk: { S: 'after 1' } },
    { pk: { S: 'after 2' } },
  ]);
});

describe('items on the wire', () => {
  const item = {
    ...{ text: '', n: -0.5, big: 2 ** 53 - 1, yes: true },
    map: { at: 1e-7, deep: { no: false } },
    ...{ bytes: Uint8Array.of(0, 255, 10), none: new Uint8Array() },
  };

  test('are as the document client writes and reads them', async () => {
    await documents.send(new GetCommand({ TableName: 't', Key: item }));
    const wire = toAttributeMap(item);
    expect(asked[0]?.body.Key).toEqual(wire);
    answers = [{ status: 200, body: { Item: wire } }];
    const { Item } = await documents.send(new GetCommand({ TableName: 't', Key: { pk: 'a' } }));
    expect(Item).toEqual(item);
    expect(fromAttributeMap(wire)).toEqual(item);
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53]])('do not hold %d', (n) =>
    expect(() => toAttributeMap({ n })).toThrow(RangeError),
  );

  test.each([[undefined], [null], [[1]], [new Set([1])], [1n]])('do not hold %s', (value) =>
    expect(() => toAttributeMap({ value })).toThrow(TypeError),
  );

  test('are not guessed at', () => {
    expect(() => fromAttributeMap({ list: { L: [] } as never })).toThrow(TypeError);
  });
});
