import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchToken } from '../../cli/token.ts';
import { routes } from '../../handlers/api/contract/routes.ts';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';

/** What an outsider with a token sends to each route: none of it is a fault of the API. */

let world: CloudWorld;
const tokens = { read: '', write: '', operate: '' };
beforeAll(async () => {
  world = await startCloudWorld();
  const { tokenUrl, writer } = world.target;
  const { clientId, clientSecret } = writer;
  const client = { tokenUrl, clientId, clientSecret: async () => clientSecret };
  for (const scope of ['read', 'write', 'operate'] as const)
    tokens[scope] = (await fetchToken(client, `caudal/${scope}`)).accessToken;
});
afterAll(() => world.close());

interface Sent {
  readonly method: string;
  /** Behind the stage, as it goes over the wire: nothing escapes it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

async function send({ method, path, headers = {}, body }: Sent): Promise<{ status: number; text: string }> {
  const base = new URL(world.cloud.apiUrl);
  for (;;) {
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sending = request(
        { host: base.hostname, port: base.port, method, path: `${base.pathname}${path}`, headers },
        (found) => {
          const chunks: Buffer[] = [];
          found.on('data', (chunk: Buffer) => chunks.push(chunk));
          found.on('end', () =>
            resolve({ status: found.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
          found.on('error', reject);
        },
      );
      sending.on('error', reject);
      sending.end(body);
    });
    if (answer.status !== 429) return answer;
    await sleep(50);
  }
}

const deep = (open: string, close: string, depth = 200_000) => open.repeat(depth) + close.repeat(depth);
const reading = '"sensorId":"a","timestamp":"2024-01-01T00:00:00Z","temperature":1';

/** Texts that are no value of anything, raw in a path or query. */
const hostileTexts = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '%00',
    'a%00b',
    '%',
    '%E0%A4%A',
    '%ED%A0%80',
    '%ff',
    '%2e%2e',
    '..%2f..%2fetc',
  ],
  ...[
    "'%20OR%201=1--",
    '%3Cscript%3E',
    '$%7Bjndi:x%7D',
    '%0d%0aSet-Cookie:%20a=b',
    '%E2%80%AE',
    '%F0%9F%92%A9',
    '9'.repeat(400),
    'a'.repeat(7_000),
  ],
  ...[
    '-0',
    '1e308',
    'NaN',
    'undefined',
    '0x10',
    '2024-01%0a',
    '%20',
    '+',
    '#',
    '%23',
    '*',
    '1;2',
    '%5B%5D',
    '%7B%7D',
  ],
];

/** Bodies, each of them sent to each route that takes one. */
const hostileBodies: Readonly<Record<string, string | Buffer>> = {
  'brackets without end': '['.repeat(500_000),
  'arrays within arrays': deep('[', ']'),
  'objects within objects': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'a deep reading': `[{${reading},"x":${deep('[', ']')}}]`,
  'readings that are deep': `{"readings":${deep('[', ']')}}`,
  'a deep toon': `{"jobId":"DEEP1","toons":[{"type":"message","data":{"a":${deep('[', ']')}}}]}`,
  'a deep toon of objects': `{"jobId":"DEEP2","toons":[{"type":"message","data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}]}`,
  'deep telemetry': `{"jobId":"DEEP3","toons":[{"type":"telemetry","dataset":"water-temperature","data":[${deep('[', ']')}]}]}`,
  'deep labels': `{"jobId":"DEEP4","metadata":${deep('[', ']')},"toons":[{"type":"message","data":{"a":1}}]}`,
  'a deep file': `{"files":${deep('[', ']')}}`,
  'half a surrogate pair': `[{"sensorId":"\\ud800","timestamp":"2024-01-01T00:00:00Z","temperature":1}]`,
  'half a surrogate pair in a toon': '{"jobId":"HALF1","toons":[{"type":"message","data":{"a":"\\ud800"}}]}',
  'half a surrogate pair in a label':
    '{"jobId":"HALF2","metadata":{"a":"\\udc00"},"toons":[{"type":"message","data":{"a":1}}]}',
  'half a surrogate pair as a label':
    '{"jobId":"HALF3","metadata":{"\\udc00":1},"toons":[{"type":"message","data":{"a":1},"metadata":{"\\ud800":"\\ud800"}}]}',
  'half a surrogate pair in a key': '{"jobId":"HALF4","toons":[{"type":"binary","key":"toons/x/\\ud800"}]}',
  'half a surrogate pair as a manifest': '{"jobId":"HALF5","manifest":"toons/x/\\ud800"}',
  'half a surrogate pair as a dataset':
    '{"jobId":"HALF6","toons":[{"type":"telemetry","dataset":"\\ud800","data":[{"a":1}]}]}',
  'half a surrogate pair as a name': '{"files":[{"name":"\\ud800","bytes":1,"contentType":"text/plain"}]}',
  'a prototype': '{"__proto__":{"readings":[]},"jobId":"P1","toons":[{"__proto__":{"type":"message"}}]}',
  'a prototype as labels':
    '{"jobId":"P2","metadata":{"__proto__":"x","constructor":"y"},"toons":[{"type":"message","data":{"__proto__":{"a":1}}}]}',
  'a prototype in a reading': `[{${reading},"__proto__":{"temperature":2}},{"constructor":1},{"toString":1}]`,
  'a prototype as a reading': `{"__proto__":[{${reading}}]}`,
  'a prototype in a file':
    '{"files":[{"name":"a","bytes":1,"contentType":"text/plain","__proto__":{}}],"__proto__":[]}',
  'a key twice': `{"readings":[{${reading}}],"readings":[]}`,
  'bytes that are no UTF-8': Buffer.from([0x5b, 0xff, 0xfe, 0x5d]),
  'UTF-16': Buffer.from('[{}]', 'utf16le'),
  'a byte order mark': '\ufeff[{}]',
  NULs: '\0'.repeat(1_000),
  'numbers beyond all': `[{"sensorId":1e400,"timestamp":-0,"temperature":${'9'.repeat(100_000)},"revision":1e21}]`,
  'many small values': `[${'0,'.repeat(200_000)}0]`,
  'many keys': `{${Array.from({ length: 40_000 }, (_, key) => `"k${key}":0`).join()}}`,
  'many keys of a reading': `[{${Array.from({ length: 40_000 }, (_, key) => `"k${key}":0`).join()}}]`,
  'many wrong toons': `{"jobId":"MANY","toons":[${'{},'.repeat(100_000)}{}]}`,
  'many labels': `{"jobId":"MANY2","metadata":{${Array.from({ length: 40_000 }, (_, key) => `"k${key}":0`).join()}},"toons":[{"type":"message","data":{"a":1}}]}`,
  nothing: '',
  null: 'null',
  'a text': '"x"',
};

const filled = (path: string, text: string) => path.replace(/\{\w+\}/, text);
const ofRoute = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const authorization = (scope: keyof typeof tokens | null): Readonly<Record<string, string>> =>
  scope === null ? {} : { authorization: `Bearer ${tokens[scope]}` };

/** Each gets an answer, and none of them tells what the inside looks like. */
function expectSound(name: string, { status, text }: { status: number; text: string }): void {
  expect(status, `${name}: ${text.slice(0, 300)}`).toBeLessThan(500);
  expect(text, name).not.toMatch(/\n\s+at |node:internal|\.mjs:\d+|\.ts:\d+/);
}

describe('every route answers by a problem', () => {
  test.each(ofRoute)('%s: texts in its path and query', async (_, { method, path, parameters, scope }) => {
    const names = [
      ...Object.keys(parameters.shape),
      '__proto__',
      'constructor',
      'toString',
      'a%00',
      '%ff',
      '',
    ];
    for (const text of hostileTexts) {
      const paths = [
        ...(path.includes('{') ? [filled(path, text)] : []),
        ...names.map((name) => `${filled(path, 'water-temperature')}?${name}=${text}`),
        `${filled(path, 'x')}?${text}&${text}=1&${text}=2`,
      ];
      for (const each of paths)
        expectSound(each, await send({ method, path: each, headers: authorization(scope) }));
    }
  });

  test.each(ofRoute)('%s: headers', async (_, { method, path, scope }) => {
    for (const [name, value] of [
      ...['', '*', '"', '"a", W/', 'x'.repeat(6_000), '\u00ff'].map(
        (text) => ['if-none-match', text] as const,
      ),
      ...[
        '',
        ';',
        ',,,',
        'text/csv;q=1e99',
        'a/b;q=',
        '*/*;q=NaN',
        '__proto__',
        `${'a/b,'.repeat(1_500)}`,
      ].map((text) => ['accept', text] as const),
      ...[
        '',
        ';',
        'application/json;charset=utf-7',
        '__proto__',
        'multipart/form-data',
        'x'.repeat(6_000),
      ].map((text) => ['content-type', text] as const),
      ...['gzip', 'br', 'identity, gzip'].map((text) => ['content-encoding', text] as const),
    ]) {
      const headers = { ...authorization(scope), [name]: value };
      const body = method === 'GET' ? '' : '{}';
      const answer = await send({ method, path: filled(path, 'water-temperature'), headers, body });
      expectSound(`${name}: ${value.slice(0, 40)}`, answer);
    }
  });

  test.each(ofRoute.filter(([, { method }]) => method === 'POST'))(
    '%s: bodies',
    async (_, { path, scope }) => {
      for (const type of ['application/json', 'application/x-ndjson', undefined])
        for (const [name, body] of Object.entries(hostileBodies)) {
          const headers = {
            ...authorization(scope),
            ...(type === undefined ? {} : { 'content-type': type }),
          };
          expectSound(
            name,
            await send({ method: 'POST', path: filled(path, 'water-temperature'), headers, body }),
          );
        }
    },
  );

  test.each(ofRoute)('%s: cursors', async (_, { method, path, scope, parameters }) => {
    if (!('cursor' in parameters.shape)) return;
    const query = path.endsWith('alerts')
      ? 'from=2024-01-01&to=2024-01-31&'
      : path.endsWith('statistics')
        ? 'from=2024-01&to=2024-02&'
        : '';
    for (const value of [
      [],
      {},
      ['a'],
      [null],
      ['x'.repeat(12), '__proto__'],
      deep('[', ']', 80),
      '\ud800',
    ]) {
      const cursor = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
        'base64url',
      );
      const answer = await send({
        method,
        path: `${filled(path, 'water-temperature')}?${query}cursor=${cursor}`,
        headers: authorization(scope),
      });
      expectSound(cursor, answer);
      expect([400, 404]).toContain(answer.status);
    }
  });
});

describe('a cursor of a page that is there', () => {
  beforeAll(async () => {
    for (const month of [1, 2]) {
      const rows = Array.from({ length: 12 }, (_, day) => `2024/${month}/${day + 1},12.5,0.9`);
      const file = [
        'Fecha,Medida,Desviaciones',
        ...rows,
        `2024/${month}/13,many,1`,
        `2024/${month}/14,few,1`,
        '',
      ];
      await world.upload(`landing/water-temperature/s-${month}/a.csv`, file.join('\n'));
      await world.settled(14 * month);
    }
  });

  const ofDataset = (path: string) => `/datasets/water-temperature/${path}`;
  const days = 'from=2024-01-01&to=2024-02-28';

  test.each([
    ofDataset('sensors?from=2024-01&to=2024-02'),
    ofDataset('statistics?from=2024-01&to=2024-02'),
    ofDataset('statistics?from=2024-01&to=2024-02&by=sensor'),
    ofDataset(`statistics?period=day&${days}&by=sensor`),
    ofDataset(`statistics?period=day&${days}&sensor=s-1`),
    ofDataset(`statistics?period=hour&${days}`),
    ofDataset(`statistics?period=hour&${days}&by=sensor`),
    ofDataset(`statistics?period=all&${days}&by=sensor`),
    ofDataset('statistics?period=month&from=2024-01&to=2024-02&quantiles=0.5'),
    ofDataset(`readings?${days}&sensor=s-1`),
    ofDataset(`readings?${days}&sensor=s-1&order=newest`),
    ofDataset(`alerts?${days}`),
    '/jobs?kind=ingest',
    '/jobs?from=2024-01-01T00:00:00Z',
    '/executions?machine=ingest',
    '/executions?status=SUCCEEDED',
    '/rejects?dataset=water-temperature',
    '/rejects/lines?key=landing/water-temperature/s-1/a.csv',
  ])('%s: is no fault, whatever is written into it', async (path) => {
    const ask = (cursor: string) =>
      send({ method: 'GET', path: `${path}&limit=1${cursor}`, headers: authorization('read') });
    const { cursor } = JSON.parse((await ask('')).text);
    expect(cursor).toEqual(expect.any(String));
    expect((await ask(`&cursor=${cursor}`)).status).toBe(200);
    const [digest, ...position]: string[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const odd = ['', '-', '-1', '0', 'x', '\0', '1e400', '9'.repeat(15), 'a'.repeat(200), '💩'];
    const times = ['2024-01-02', '9999-12-31', '2024-01-02T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];
    const forged = [
      ...position.flatMap((_, index) => [...odd, ...times].map((part) => position.with(index, part))),
      ...position.map((_, index) => position.slice(0, index)),
      [...position, ''],
      [...position, ...position],
      [...position].reverse(),
    ];
    for (const parts of forged) {
      const text = Buffer.from(JSON.stringify([digest, ...parts])).toString('base64url');
      const answer = await ask(`&cursor=${text}`);
      expectSound(JSON.stringify(parts), answer);
      expect([200, 400], JSON.stringify(parts)).toContain(answer.status);
    }
  });
});

/** Tokens that are none of the pool's, made of one that is: they say what the route wants. */
function forgedTokens(token: string): Readonly<Record<string, string>> {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signed = (header: object) => {
    const text = `${encode(header)}.${claims}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const hmacHead = `${encode({ alg: 'HS256', kid })}.${claims}`;
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  return {
    'no algorithm': `${encode({ alg: 'none', kid })}.${claims}.`,
    'no algorithm, in another case': `${encode({ alg: 'nOnE' })}.${claims}.${signature}`,
    'no signature': `${head}.${claims}.`,
    'the key of another': signed({ alg: 'RS256', kid }),
    'a key that it brings along': signed({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) }),
    'a key that it says where to find': signed({
      alg: 'RS256',
      kid: '../../../dev/null',
      jku: 'http://127.0.0.1:1/',
    }),
    'a shared key': `${hmacHead}.${createHmac('sha256', pem).update(hmacHead).digest('base64url')}`,
    'another pool': `${head}.${encode({ ...said, iss: `${said.iss}x` })}.${signature}`,
    'another client': `${head}.${encode({ ...said, client_id: 'other' })}.${signature}`,
    'a later end': `${head}.${encode({ ...said, exp: 4e9 })}.${signature}`,
    'all scopes': `${head}.${encode({ ...said, scope: 'caudal/read caudal/write caudal/operate' })}.${signature}`,
    'two tokens': `${token},${token}`,
    'more parts': `${token}.${signature}`,
    'one letter less': token.slice(0, -2),
    __proto__: '__proto__',
  };
}

test.each(ofRoute.filter(([, { scope }]) => scope !== null))(
  '%s takes no token that the pool did not give',
  async (_, { method, path, scope }) => {
    const token = tokens[scope ?? 'read'];
    const at = filled(path, 'water-temperature');
    for (const [name, forged] of Object.entries(forgedTokens(token))) {
      const { status } = await send({ method, path: at, headers: { authorization: `Bearer ${forged}` } });
      expect([name, status]).toEqual([name, 401]);
    }
    for (const headers of [
      { authorization: `Basic ${token}` },
      { 'x-authorization': `Bearer ${token}` },
      { cookie: `token=${token}` },
    ])
      expect((await send({ method, path: `${at}?access_token=${token}`, headers })).status).toBe(401);
  },
);
