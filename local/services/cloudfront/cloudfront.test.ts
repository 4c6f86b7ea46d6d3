import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../engine/calls.ts';
import type { UrlRequest } from '../lambda/function-url.ts';
import type { Behavior } from './distribution.ts';
import { createEdgeFunction } from './edge-function.ts';
import { type CloudFront, createCloudFront } from './service.ts';

let origin: Server;
let cloudfront: CloudFront;
let port: number;
let invoked: UrlRequest[];
let logged: Record<string, unknown>[];
let atOrigin: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];

const pages: Behavior = {
  pathPattern: '*',
  origin: { kind: 'function-url', urlId: 'pages', signed: true },
  allowedMethods: ['GET', 'HEAD'],
  forwards: 'encodings',
  viewerRequest: undefined,
};
const api: Behavior = {
  pathPattern: '/api/*',
  origin: { kind: 'server', address: 'https://api.invalid', path: '/prod' },
  allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
  forwards: 'all-but-host',
  viewerRequest: createEdgeFunction(
    'strip',
    `function handler(event) {
      const request = event.request;
      if (request.uri === '/api/gone') return { statusCode: 302, headers: { location: { value: '/' } }, body: 'gone' };
      if (request.uri === '/api/fault') throw new Error('no');
      request.uri = request.uri.replace(/^\\/api/, '');
      return request;
    }`,
  ),
};

beforeEach(async () => {
  [invoked, logged, atOrigin] = [[], [], []];
  origin = createServer(async (message, response) => {
    const { method = '', url = '', headers } = message;
    atOrigin.push({ method, url, headers, body: await text(message) });
    response.writeHead(201, { 'x-own': 'yes' }).end('from the origin');
  }).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  cloudfront = createCloudFront({
    async invokeUrl(urlId, request) {
      if (urlId === 'forbidden') throw new AwsError('AccessDeniedException', 'not this one', { status: 403 });
      invoked.push(request);
      return { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from(`page of ${urlId}`) };
    },
    localText: (address) => address.replace('https://api.invalid', originUrl),
    accessLog: (line) => logged.push(JSON.parse(line)),
  });
  ({ port } = await cloudfront.listen(0));
});
afterEach(async () => {
  await cloudfront.close();
  origin.closeAllConnections();
  origin.close();
});

const declare = (...behaviors: Behavior[]) =>
  cloudfront.createDistribution({ id: 'E1', arn: 'arn:e1', domainName: 'e1.cloudfront.net', behaviors });

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function ask(path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const asked = send({ host: '127.0.0.1', port, path, method, headers });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

describe('a request of a page', () => {
  beforeEach(() => declare(api, pages));

  test('invokes the function by its URL, which hears of nothing but the encodings', async () => {
    const answer = await ask('/sensors?code=secret', {
      headers: { 'accept-encoding': 'br, gzip', cookie: 'a=b', referer: 'http://elsewhere.invalid/' },
    });
    expect(answer).toMatchObject({ status: 200, body: 'page of pages' });
    expect(answer.headers['x-amz-cf-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(invoked).toMatchObject([{ method: 'GET', path: '/sensors', search: '' }]);
    expect(invoked[0]?.headers).toEqual({ 'user-agent': 'Amazon CloudFront', 'accept-encoding': 'br,gzip' });
  });

  test('of HEAD has the length and no body', async () => {
    const answer = await ask('/', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '13' } });
  });

  test('is logged without its query, where a code for signing in may be', async () => {
    await ask('/?code=secret');
    expect(logged).toMatchObject([{ method: 'GET', path: '/', status: 200 }]);
    expect(JSON.stringify(logged)).not.toContain('secret');
  });

  test('is refused with a method that the behavior does not allow', async () => {
    expect(await ask('/', { method: 'DELETE' })).toMatchObject({ status: 403 });
    expect(invoked).toEqual([]);
  });
});

describe('a request of the API', () => {
  beforeEach(() => declare(api, pages));

  test('goes on as the function at the edge leaves it, with body, query and token, and without what only a browser says', async () => {
    const answer = await ask('/api/uploads?a=1&a=%20x', {
      method: 'POST',
      headers: {
        authorization: 'Bearer t',
        'content-type': 'application/json',
        origin: `http://127.0.0.1:${port}`,
        'sec-fetch-site': 'same-origin',
      },
      body: '{"bytes":1}',
    });
    expect(answer).toMatchObject({ status: 201, body: 'from the origin', headers: { 'x-own': 'yes' } });
    expect(atOrigin).toMatchObject([
      {
        method: 'POST',
        url: '/prod/uploads?a=1&a=%20x',
        headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
        body: '{"bytes":1}',
      },
    ]);
    expect(
      Object.keys(atOrigin[0]?.headers ?? {}).filter((name) => /^(origin|sec-fetch)/.test(name)),
    ).toEqual([]);
  });

  test('is answered by the function at the edge where it answers, and with 503 where it fails', async () => {
    expect(await ask('/api/gone')).toMatchObject({ status: 302, body: 'gone', headers: { location: '/' } });
    expect(await ask('/api/fault')).toMatchObject({ status: 503 });
    expect(atOrigin).toEqual([]);
  });

  test('of an origin that does not answer is 502', async () => {
    origin.closeAllConnections();
    await new Promise((resolve) => origin.close(resolve));
    expect(await ask('/api/x')).toMatchObject({ status: 502 });
  });
});

describe('a distribution', () => {
  test('that the template lacks is 404', async () => {
    expect(await ask('/')).toMatchObject({ status: 404 });
  });

  test('does not reach a function whose requests it does not sign, or that it may not invoke', async () => {
    declare(
      {
        ...pages,
        pathPattern: '/forbidden',
        origin: { kind: 'function-url', urlId: 'forbidden', signed: true },
      },
      { ...pages, origin: { kind: 'function-url', urlId: 'pages', signed: false } },
    );
    expect(await ask('/')).toMatchObject({ status: 403, body: expect.stringContaining('not signed') });
    expect(await ask('/forbidden')).toMatchObject({ status: 403, body: 'not this one\n' });
    expect(invoked).toEqual([]);
  });

  test('takes the first behavior whose pattern fits, case by case', async () => {
    declare({ ...pages, pathPattern: 'assets/?.js', allowedMethods: [] }, pages);
    expect(await ask('/assets/a.js')).toMatchObject({ status: 403 });
    for (const path of ['/assets/ab.js', '/Assets/a.js', '/x/assets/a.js'])
      expect(await ask(path)).toMatchObject({ status: 200 });
  });

  test('is no other host, and of no other site', async () => {
    declare(pages);
    expect(await ask('/', { headers: { host: 'rebound.invalid' } })).toMatchObject({ status: 421 });
    expect(await ask('/', { headers: { origin: 'http://elsewhere.invalid' } })).toMatchObject({
      status: 403,
    });
    expect(invoked).toEqual([]);
  });
});

describe('a function at the edge', () => {
  const about = { distributionDomainName: 'd', distributionId: 'E1', requestId: 'r', viewerIp: '127.0.0.1' };
  const request = {
    method: 'GET',
    uri: '/a',
    query: new URLSearchParams('x=1&x=2&y=3'),
    headers: { cookie: 'one=1; two=2' },
  };

  test('sees query and cookies as CloudFront has them, and gives them back', async () => {
    const same = createEdgeFunction('same', 'function handler(event) { return event.request; }');
    expect(await same(request, about)).toMatchObject({
      kind: 'request',
      request: { uri: '/a', headers: { cookie: 'one=1; two=2' } },
    });
    const found = await same(request, about);
    expect(found.kind === 'request' && String(found.request.query)).toBe('x=1&x=2&y=3');
  });

  test.each([
    ['has nothing of Node', 'function handler() { return process.env; }'],
    ['cannot evaluate text', 'function handler() { return eval("1"); }'],
    ['is ended when it hangs', 'function handler() { for (;;); }'],
    ['must return a request with a path', 'function handler() { return { uri: "a" }; }'],
  ])('%s', async (_, code) => {
    await expect(createEdgeFunction('bad', code)(request, about)).rejects.toThrow();
  });
});
