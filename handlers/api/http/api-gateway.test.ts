import type { APIGatewayProxyEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { fromProxyEvent, toProxyResult } from './api-gateway.ts';

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
