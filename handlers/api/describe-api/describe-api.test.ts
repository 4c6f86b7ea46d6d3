import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { body, datasets, request } from '../../../test/support/api-world.ts';
import { problemDocument } from '../contract/openapi.ts';
import { routes } from '../contract/routes.ts';
import { service } from '../contract/service.ts';
import { acceptedBy } from '../http/parameters.ts';
import { createDescribeApi } from './describe-api.ts';

const faults: unknown[] = [];
const answer = createDescribeApi({
  datasets,
  version: '1.2.3',
  tokenUrl: 'https://tokens.invalid/oauth2/token',
  onFault: (fault) => faults.push(fault),
});

test('health tells the version, and is never kept', async () => {
  const health = await answer(request('GET', '/health'));
  expect(service.health.answer.parse(body(health))).toEqual({ status: 'ok', version: '1.2.3' });
  expect(health.headers['cache-control']).toBe('no-store');
});

test('the document passes the recommended rules of a public linter', async () => {
  const { body: source } = await answer(request('GET', '/openapi.json'));
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  expect(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
  ).toEqual([]);
});

test('the document has every route with its scope, and nothing else', async () => {
  const document = body(await answer(request('GET', '/openapi.json')));
  const found = Object.entries<
    Record<string, { operationId: string; security: { accessToken: string[] }[] }>
  >(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security }]) => ({
      operation: operationId,
      method: method.toUpperCase(),
      path,
      scope: security[0]?.accessToken[0]?.replace('caudal/', '') ?? null,
    })),
  );
  const listed = routes.map(({ operation, method, path, scope }) => ({ operation, method, path, scope }));
  expect(found).toHaveLength(listed.length);
  expect(found).toEqual(expect.arrayContaining(listed));
  expect(document.servers).toEqual([{ url: '/prod' }]);
  expect(faults).toEqual([]);
});

test('a path names the parameters that its schema has', () => {
  for (const { parameters, path } of routes) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(parameters.shape)).toEqual(expect.arrayContaining(names));
  }
});

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s says of each parameter what it accepts',
  (_, { parameters }) => {
    for (const [name, schema] of Object.entries(parameters.shape))
      expect(acceptedBy(schema), name).toEqual(expect.stringMatching(/\w/));
  },
);

test('the limits of the parameters are in the document', async () => {
  const document = body(await answer(request('GET', '/openapi.json')));
  const { parameters } = document.paths['/datasets/{dataset}/statistics'].get;
  const named = (name: string) => parameters.find((parameter: { name: string }) => parameter.name === name);
  expect(named('limit')).toMatchObject({
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  });
  expect(named('dataset')).toMatchObject({ in: 'path', required: true });
  expect(named('from')).toMatchObject({ in: 'query', required: true });
});

test.each([
  ['DELETE', '/jobs', 'GET, HEAD, OPTIONS, POST'],
  ['PATCH', '/submit-job', 'OPTIONS, POST'],
  ['POST', '/health', 'GET, HEAD, OPTIONS'],
])('%s %s is told what the path takes', async (method, path, allow) => {
  const { status, headers, body: text } = await answer(request(method, path));
  expect([status, headers.allow]).toEqual([405, allow]);
  expect(problemDocument.parse(JSON.parse(text))).toMatchObject({
    type: 'urn:caudal:problem:method-not-allowed',
    accepted: allow.split(', '),
  });
});

test('OPTIONS tells what a path takes, without a body', async () => {
  const { status, headers, body: text } = await answer(request('OPTIONS', '/jobs/JOB001/results'));
  expect([status, headers.allow, text]).toEqual([204, 'GET, HEAD, OPTIONS', '']);
  expect(headers).not.toHaveProperty('content-type');
});

test('HEAD is answered as GET: the gateway counts the body, and does not send it', async () => {
  const whole = await answer(request('GET', '/openapi.json'));
  const head = await answer(request('HEAD', '/openapi.json'));
  expect(head).toEqual(whole);
});
