import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchToken } from '../../cli/token.ts';
import { problemDocument } from '../../handlers/api/contract/openapi.ts';
import { routes } from '../../handlers/api/contract/routes.ts';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';

let world: CloudWorld;
const tokens = { read: '', write: '', operate: '' };
beforeAll(async () => {
  world = await startCloudWorld();
  for (const scope of ['read', 'write', 'operate'] as const) tokens[scope] = await tokenOf(scope);
});
afterAll(() => world.close());

async function tokenOf(scope: string): Promise<string> {
  const { tokenUrl, writer } = world.target;
  const { clientId, clientSecret } = writer;
  const client = { tokenUrl, clientId, clientSecret: async () => clientSecret };
  return (await fetchToken(client, `caudal/${scope}`)).accessToken;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: string;
  readonly contentType?: string;
}

/** The stage admits 50 requests a second: one that is throttled is asked again. */
async function call({ method, path, token, body, contentType }: Call): Promise<Response> {
  for (;;) {
    const answer = await fetch(`${world.cloud.apiUrl}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body }),
    });
    if (answer.status !== 429) return answer;
    await sleep(50);
  }
}

describe.each(routes.filter(({ scope }) => scope !== null))('$method $path', ({ method, path, scope }) => {
  const filled = path.replace('{dataset}', 'water-temperature').replace('{jobId}', 'JOB001');

  it('refuses a call without a token', async () => {
    expect((await call({ method, path: filled })).status).toBe(401);
  });

  it('refuses a token of the other scope', async () => {
    const token = tokens[scope === 'read' ? 'write' : 'read'];
    expect((await call({ method, path: filled, token })).status).toBe(401);
  });
});

/** What callers send: nearly right, of the wrong type, and nothing like it. */
const word = fc.oneof(
  fc.constantFrom('water-temperature', '2024-01', '2024-02-30', 'month', '1', '-1', '1e999', '', 'null'),
  fc.string({ maxLength: 40, unit: 'binary' }).map((text) => text.toWellFormed()),
);
const body = fc.oneof(
  fc.json(),
  fc.string({ maxLength: 200 }),
  fc
    .record(
      {
        jobId: word,
        toons: fc.array(
          fc.record(
            { id: word, type: word, content: word, key: word, data: fc.jsonValue() },
            { requiredKeys: [] },
          ),
        ),
        readings: fc.array(
          fc.record({ sensorId: word, timestamp: word, temperature: fc.jsonValue() }, { requiredKeys: [] }),
        ),
        files: fc.jsonValue(),
        manifest: word,
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);
const parameters = ['year', 'month', 'sensor', 'period', 'from', 'to', 'limit', 'cursor', 'jobId', 'other'];

describe('what no route has', () => {
  const jobs = '/jobs?limit=1';

  it('is a problem of its own: no token, no such path, no such method', async () => {
    const refused = await call({ method: 'GET', path: jobs });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="caudal"']);
    const absent = await call({ method: 'GET', path: '/nowhere', token: tokens.read });
    const other = await call({ method: 'DELETE', path: jobs, token: tokens.read });
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    for (const [answer, kind] of [
      [refused, 'unauthorized'],
      [absent, 'not-found'],
      [other, 'method-not-allowed'],
    ] as const) {
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      const document = problemDocument.parse(await answer.json());
      expect([document.type, document.status]).toEqual([`urn:caudal:problem:${kind}`, answer.status]);
    }
  });

  it('HEAD needs the token that GET needs, and has its headers without the body; OPTIONS needs none', async () => {
    for (const path of ['/datasets', '/datasets/water-temperature', '/jobs/none']) {
      const whole = await call({ method: 'GET', path, token: tokens.read });
      const head = await call({ method: 'HEAD', path, token: tokens.read });
      expect([head.status, await head.text()]).toEqual([whole.status, '']);
      for (const name of [
        'etag',
        'content-type',
        'content-length',
        'content-encoding',
        'cache-control',
        'vary',
      ])
        expect([path, name, head.headers.get(name)]).toEqual([path, name, whole.headers.get(name)]);
      expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
    }
    expect((await call({ method: 'HEAD', path: '/datasets' })).status).toBe(401);
    const options = await call({ method: 'OPTIONS', path: '/datasets' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect(options.headers.get('content-length')).toBeNull();
    expect(options.headers.get('access-control-allow-methods')).toBeNull();
  });

  it('an answer of some length is compressed for who takes that', async () => {
    const { headers } = await call({ method: 'GET', path: '/openapi.json' });
    expect([headers.get('content-encoding'), headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
  });
});

it('the document names the address that gives tokens here', async () => {
  const document = await (await call({ method: 'GET', path: '/openapi.json' })).json();
  expect(document).toMatchObject({
    components: {
      securitySchemes: {
        accessToken: { flows: { clientCredentials: { tokenUrl: world.cloud.tokenUrl } } },
      },
    },
  });
});

describe('whatever is sent', () => {
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s answers without a fault of its own and without a stack trace',
    async (_, { method, path, scope }) => {
      await fc.assert(
        fc.asyncProperty(
          word,
          fc.dictionary(fc.constantFrom(...parameters), word, { maxKeys: 5 }),
          body,
          fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain'),
          async (segment, query, text, contentType) => {
            const filled = path.replace(/\{\w+\}/, encodeURIComponent(segment) || 'x');
            const answer = await call({
              method,
              path: `${filled}?${new URLSearchParams(query)}`,
              body: text,
              contentType,
              ...(scope === null ? {} : { token: tokens[scope] }),
            });
            const told = await answer.text();
            expect(answer.status, told).toBeLessThan(500);
            expect(told).not.toMatch(/\n\s+at |node:internal|\.mjs:\d+|\.ts:\d+/);
          },
        ),
        { numRuns: 20 },
      );
    },
  );
});
