import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type ApiLog, createApiFunction, fromProxyEvent, toProxyResult } from './api-gateway.ts';
import { createRouter, type Endpoints } from './router.ts';

/** The members of a REST API's proxy event that are read. */
function event(more: object = {}): APIGatewayProxyEvent {
  const bare = {
    resource: '/datasets/{dataset}/statistics',
    path: '/datasets/probes/statistics',
    httpMethod: 'GET',
    headers: null,
    multiValueHeaders: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    requestContext: { path: '/prod/datasets/probes/statistics', authorizer: null },
    body: null,
    isBase64Encoded: false,
  };
  return { ...bare, ...more } as unknown as APIGatewayProxyEvent;
}

test('a request has each value of a query, headers in lower case, and the path that the client sees', () => {
  const request = fromProxyEvent(
    event({
      pathParameters: { dataset: 'pro%62es' },
      multiValueQueryStringParameters: { from: ['2024-01', '2024-02'], to: ['2024-03'] },
      queryStringParameters: { from: '2024-02', to: '2024-03' },
      multiValueHeaders: { Accept: ['text/csv', 'application/json'] },
      headers: { Accept: 'application/json' },
    }),
    'id',
  );
  expect(request).toMatchObject({
    method: 'GET',
    route: '/datasets/{dataset}/statistics',
    pathParameters: { dataset: 'probes' },
    query: { from: ['2024-01', '2024-02'], to: ['2024-03'] },
    headers: { accept: 'text/csv, application/json' },
    path: '/prod/datasets/probes/statistics',
    basePath: '/prod',
    requestId: 'id',
    clientId: undefined,
  });
});

test('what is absent is empty; a broken escape stays as it came', () => {
  const request = fromProxyEvent(event({ pathParameters: { dataset: '%E0%A4%A' } }), 'id');
  expect(request).toMatchObject({ query: {}, headers: {}, pathParameters: { dataset: '%E0%A4%A' } });
  expect(request.body).toHaveLength(0);
});

test('behind a domain of its own there is no base path', () => {
  const path = '/datasets/probes/statistics';
  expect(fromProxyEvent(event({ requestContext: { path } }), 'id').basePath).toBe('');
});

test('the client is the one of the token; a body comes as bytes, encoded or not', () => {
  const requestContext = { path: '/prod/datasets', authorizer: { claims: { client_id: 'abc' } } };
  const plain = fromProxyEvent(event({ requestContext, body: 'é' }), 'id');
  expect(plain.user).toBeUndefined();
  expect([plain.clientId, Buffer.from(plain.body).toString('hex')]).toEqual(['abc', 'c3a9']);
  const encoded = fromProxyEvent(event({ body: '/w==', isBase64Encoded: true }), 'id');
  expect([...encoded.body]).toEqual([0xff]);
});

test('an answer is what the proxy integration takes', () => {
  expect(toProxyResult({ status: 200, headers: { etag: '"x"' }, body: '{}' })).toEqual({
    statusCode: 200,
    headers: { etag: '"x"' },
    body: '{}',
  });
});

/** What is written, in order. */
function recording(): ApiLog & { readonly lines: unknown[] } {
  const lines: unknown[] = [];
  return {
    lines,
    addContext: ({ awsRequestId }) => lines.push({ context: awsRequestId }),
    info: (message, fields) => lines.push({ level: 'info', message, ...fields }),
    error: (message, fields) => lines.push({ level: 'error', message, ...fields }),
  };
}

const context = { awsRequestId: '7f3c2a52-55d3-4b53-a7b5-0b6f6a3f3a10' } as Context;
const getEvent = (resource: string, path: string, pathParameters = {}): APIGatewayProxyEvent =>
  ({
    httpMethod: 'GET',
    resource,
    path,
    pathParameters,
    requestContext: { path: `/prod${path}`, authorizer: { claims: { client_id: 'reader' } } },
  }) as unknown as APIGatewayProxyEvent; // the rest of it is not read

const fault = new Error('a secret of the inside');
const answer = z.strictObject({ fine: z.boolean() });
const routes = {
  work: { method: 'GET', path: '/works', scope: 'read', parameters: z.strictObject({}), status: 202, answer },
  fail: {
    method: 'GET',
    path: '/fails/{id}',
    scope: null,
    parameters: z.strictObject({ id: z.string() }),
    status: 200,
    answer,
  },
} as const;
const endpoints: Endpoints<typeof routes> = {
  work: () => ({ value: { fine: true } }),
  fail: () => {
    throw fault;
  },
};

test('answers, and logs the answer under the id of the invocation', async () => {
  const log = recording();
  const handler = createApiFunction(log, (onFault) => createRouter({ routes, endpoints, onFault }));
  const result = await handler(getEvent('/works', '/works'), context);
  expect(result).toMatchObject({ statusCode: 202, body: '{"fine":true}' });
  expect(log.lines).toEqual([
    { context: context.awsRequestId },
    { level: 'info', message: 'answered', method: 'GET', route: '/works', status: 202, clientId: 'reader' },
  ]);
});

test('logs a fault, of which the caller learns the instance only', async () => {
  const log = recording();
  const handler = createApiFunction(log, (onFault) => createRouter({ routes, endpoints, onFault }));
  const result = await handler(getEvent('/fails/{id}', '/fails/7', { id: '7' }), context);
  expect(result.statusCode).toBe(500);
  expect(JSON.parse(result.body)).toMatchObject({ instance: `urn:uuid:${context.awsRequestId}` });
  expect(JSON.stringify(result)).not.toContain(fault.message);
  expect(log.lines).toEqual([
    { context: context.awsRequestId },
    { level: 'error', message: 'request failed', error: fault, method: 'GET', path: '/prod/fails/7' },
    {
      level: 'info',
      message: 'answered',
      method: 'GET',
      route: '/fails/{id}',
      status: 500,
      clientId: 'reader',
    },
  ]);
});

test('only a page of the origin that is configured may read an answer, and each answer says that it depends on that', async () => {
  const answering = () => async () => ({ status: 200, headers: { vary: 'Accept' }, body: '{}' });
  const headersFor = async (origin: string | undefined, corsOrigin?: string) => {
    const answer = createApiFunction(recording(), answering, { corsOrigin });
    const headers = origin === undefined ? null : { Origin: origin };
    return (await answer(event({ headers }), { awsRequestId: 'id' } as Context)).headers;
  };
  const own = 'https://app.example.org';
  expect(await headersFor(own, own)).toMatchObject({
    'access-control-allow-origin': own,
    vary: 'Accept, Origin',
  });
  for (const other of ['https://app.example.org.evil.test', 'http://app.example.org', 'null', undefined]) {
    const headers = await headersFor(other, own);
    expect(headers).toEqual({ vary: 'Accept, Origin' });
  }
  expect(await headersFor(own)).toEqual({ vary: 'Accept' });
});
