import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accessToken } from './token.ts';

/** An issuer whose key can be changed, as that of a local cloud that is started anew. */
let key = 'first';
let keysAreThere = true;
let issued = 0;
let origin = '';
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const server = createServer((request, response) => {
  if (request.url === '/pool/.well-known/jwks.json') {
    response.statusCode = keysAreThere ? 200 : 503;
    response.end(keysAreThere ? JSON.stringify({ keys: [{ kid: key }] }) : '');
    return;
  }
  issued++;
  const token = [encode({ kid: key, alg: 'RS256' }), encode({ iss: `${origin}/pool` }), 'signature'].join(
    '.',
  );
  response.end(JSON.stringify({ access_token: token, expires_in: 3_600 }));
});

let cache = '';
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'caudal-token-'));
  process.env.XDG_CACHE_HOME = cache;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  key = 'first';
  keysAreThere = true;
  issued = 0;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(cache, { recursive: true });
});

const ask = () =>
  accessToken(
    { tokenUrl: `${origin}/oauth2/token`, clientId: 'client', clientSecret: async () => 'secret' },
    { scope: 'caudal/read' },
  );

test('a kept token is used while the pool has the key that signed it', async () => {
  expect(await ask()).toEqual(await ask());
  expect(issued).toBe(1);
});

test('a token of a pool that has other keys by now is replaced', async () => {
  const { accessToken: before } = await ask();
  key = 'second';
  const { accessToken: after } = await ask();
  expect(after).not.toBe(before);
  expect(issued).toBe(2);
});

test('a kept token is used where the keys cannot be read', async () => {
  await ask();
  keysAreThere = false;
  await ask();
  expect(issued).toBe(1);
});
