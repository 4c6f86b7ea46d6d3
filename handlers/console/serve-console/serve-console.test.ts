import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readBuiltFiles } from './built-files.ts';
import { createServeConsole, type PageRequest } from './serve-console.ts';

const directory = mkdtempSync(join(tmpdir(), 'caudal-console-'));
afterAll(() => rmSync(directory, { recursive: true }));
const script = 'assets/main-3F2AB01C.js';
mkdirSync(join(directory, 'assets'));
writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Caudal</title>');
writeFileSync(join(directory, 'licences.txt'), 'MIT');
writeFileSync(join(directory, script), 'start()');
writeFileSync(join(directory, `${script}.gz`), gzipSync('start()'));
writeFileSync(join(directory, `${script}.br`), 'smaller');

let ids: string[];
let asked: string[];
let faults: string[];
const fresh = () =>
  createServeConsole({
    files: readBuiltFiles(directory),
    settings: {
      version: '1.2.3',
      stage: null,
      region: 'eu-west-1',
      apiUrl: 'https://api.invalid/prod',
      issuer: 'https://issuer.invalid/pool',
      scopes: ['openid', 'caudal/read'],
    },
    reachable: {
      tokenDomain: 'https://tokens.invalid',
      uploadBucket: 'https://raw.invalid',
      imageBucket: 'http://127.0.0.1:4566/toons',
    },
    clients: {
      idsOf: async (name) => {
        asked.push(name);
        return ids;
      },
    },
    clientName: 'caudal-console',
    onFault: (fault) => faults.push(String(fault)),
  });
let serve: ReturnType<typeof fresh>;
beforeEach(() => {
  [ids, asked, faults] = [['client'], [], []];
  serve = fresh();
});
const get = (path: string, headers: PageRequest['headers'] = {}, method = 'GET') =>
  serve({ method, path, headers, requestId: '7c9e6679-7425-40de-944b-e07fc1f90ae7' });
const problemOf = ({ body }: { body: Buffer }) => JSON.parse(body.toString());

describe('the page', () => {
  test.each(['/', '/index.html', '/sensors', '/executions/2f1c', '/api', '//evil.invalid/x'])(
    'is at %s',
    async (path) => {
      const { status, headers, body } = await get(path);
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['cache-control']).toBe('no-cache');
      expect(body.toString()).toContain('<title>Caudal</title>');
    },
  );

  test.each([
    '/assets/main-OLDHASH1.js',
    '/favicon.ico',
    '/../package.json',
    '/assets/../../index.mjs',
    '/..%2findex.mjs',
    '/assets/main-3F2AB01C.js.br',
    '/__proto__.js',
  ])('is not what %s gets: it is a file, and there is none of the name', async (path) => {
    const { status, headers, body } = await get(path);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      404,
      'application/problem+json',
      'no-store',
    ]);
    expect(problemOf({ body })).toMatchObject({ type: 'urn:caudal:problem:not-found', status: 404 });
  });
});

describe('a file with its hash in the name', () => {
  test('may be kept for a year, and is sent in the smallest encoding that is taken', async () => {
    const sent = async (accepted?: string) => {
      const { headers, body } = await get(`/${script}`, { 'accept-encoding': accepted });
      expect(headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': 'text/javascript; charset=utf-8',
        vary: 'Accept-Encoding',
      });
      return [headers['content-encoding'], body.toString('latin1'), headers.etag];
    };
    const [, , plainTag] = await sent();
    const gzipped = gzipSync('start()').toString('latin1');
    expect(await sent()).toEqual([undefined, 'start()', plainTag]);
    expect(await sent('gzip, deflate, br')).toEqual(['br', 'smaller', expect.stringMatching(/-br"$/)]);
    expect(await sent('gzip, br;q=0')).toEqual(['gzip', gzipped, expect.stringMatching(/-gzip"$/)]);
    expect(await sent('*')).toEqual(['br', 'smaller', expect.anything()]);
    expect((await sent('identity'))[0]).toBeUndefined();
  });

  test('is not sent again to who has it', async () => {
    const { headers } = await get(`/${script}`, { 'accept-encoding': 'br' });
    const again = (tag = '') => get(`/${script}`, { 'accept-encoding': 'br', 'if-none-match': tag });
    for (const tag of [headers.etag, `"other", W/${headers.etag}`, '*']) {
      const { status, body } = await again(tag);
      expect([status, body.length]).toEqual([304, 0]);
    }
    expect((await again('"other"')).status).toBe(200);
  });
});

test('HEAD is answered as GET, and other methods are told what is taken', async () => {
  const [whole, head] = [await get('/'), await get('/', {}, 'HEAD')];
  expect(head).toEqual(whole);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const { status, headers, body } = await get('/', {}, method);
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(problemOf({ body }).type).toBe('urn:caudal:problem:method-not-allowed');
  }
});

test('every answer has the same headers for safety', async () => {
  ids = [];
  const answers = [
    await get('/'),
    await get(`/${script}`),
    await get(`/${script}`, { 'if-none-match': '*' }),
    await get('/config.json'),
    await get('/none.js'),
    await get('/', {}, 'POST'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 304, 503, 404, 405]);
  for (const { headers } of answers)
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: http://127.0.0.1:4566/toons/; " +
        "connect-src 'self' https://tokens.invalid https://raw.invalid/; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
});

describe('/config.json', () => {
  test('says where everything is, and finds the client once', async () => {
    const { status, headers, body } = await get('/config.json');
    await get('/config.json');
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'application/json',
      'no-cache',
    ]);
    expect(JSON.parse(body.toString())).toEqual({
      version: '1.2.3',
      stage: null,
      region: 'eu-west-1',
      api: '/api',
      apiUrl: 'https://api.invalid/prod',
      auth: {
        issuer: 'https://issuer.invalid/pool',
        domain: 'https://tokens.invalid',
        clientId: 'client',
        scopes: ['openid', 'caudal/read'],
      },
    });
    expect(asked).toEqual(['caudal-console']);
  });

  test.each([
    ['no client', [], 'no app client named caudal-console'],
    ['two clients', ['one', 'two'], 'more than one app client named caudal-console'],
  ])('is not there while there is %s, and is once there is one', async (_, found, fault) => {
    ids = found;
    const { status, headers, body } = await get('/config.json');
    expect([status, headers['retry-after'], headers['cache-control']]).toEqual([503, '5', 'no-store']);
    expect(problemOf({ body }).type).toBe('urn:caudal:problem:unavailable');
    expect(faults).toEqual([expect.stringContaining(fault)]);
    ids = ['client'];
    expect((await get('/config.json')).status).toBe(200);
  });
});

describe('a build is refused', () => {
  test.each([
    ['a file of a type without a media type', 'console.wasm', 'no media type for console.wasm'],
    ['what is only there compressed', 'lost.js.br', 'lost.js.br is in'],
  ])('for %s', (_, name, message) => {
    writeFileSync(join(directory, name), 'x');
    expect(() => readBuiltFiles(directory)).toThrow(message);
    rmSync(join(directory, name));
  });

  test('without index.html', () => {
    expect(() => readBuiltFiles(join(directory, 'assets'))).toThrow("The console's index.html is not in");
  });
});
