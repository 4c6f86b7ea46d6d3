import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type ApiLog, createApiFunction } from './api-function.ts';
import { jsonAnswer } from './http.ts';
import { createRouter, endpoint } from './router.ts';

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
const event = (resource: string, path: string, pathParameters = {}): APIGatewayProxyEvent =>
  ({
    httpMethod: 'GET',
    resource,
    path,
    pathParameters,
    requestContext: { path: `/prod${path}`, authorizer: { claims: { client_id: 'reader' } } },
  }) as unknown as APIGatewayProxyEvent; // the rest of it is not read

const fault = new Error('a secret of the inside');
const routes = [
  { operation: 'work', method: 'GET', path: '/works' },
  { operation: 'fail', method: 'GET', path: '/fails/{id}' },
];
const endpoints = {
  work: endpoint(z.strictObject({}), () => jsonAnswer({ fine: true }, { status: 202 })),
  fail: endpoint(z.strictObject({ id: z.string() }), () => {
    throw fault;
  }),
};

it('answers, and logs the answer under the id of the invocation', async () => {
  const log = recording();
  const handler = createApiFunction(log, (onFault) => createRouter({ routes, endpoints, onFault }));
  const result = await handler(event('/works', '/works'), context);
  expect(result).toMatchObject({ statusCode: 202, body: '{"fine":true}' });
  expect(log.lines).toEqual([
    { context: context.awsRequestId },
    { level: 'info', message: 'answered', method: 'GET', route: '/works', status: 202, clientId: 'reader' },
  ]);
});

it('logs a fault, of which the caller learns the instance only', async () => {
  const log = recording();
  const handler = createApiFunction(log, (onFault) => createRouter({ routes, endpoints, onFault }));
  const result = await handler(event('/fails/{id}', '/fails/7', { id: '7' }), context);
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
