import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchToken } from '../../cli/token.ts';
import { routes } from '../../handlers/api/contract/routes.ts';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';

let world: CloudWorld;
const tokens = { read: '', write: '' };
beforeAll(async () => {
  world = await startCloudWorld();
  for (const scope of ['read', 'write'] as const) tokens[scope] = await tokenOf(scope);
});
afterAll(() => world.close());

async function tokenOf(scope: string): Promise<string> {
  const { clientId, clientSecret, tokenUrl } = world.target;
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
      ...(body === undefined || method === 'GET' ? {} : { body }),
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
