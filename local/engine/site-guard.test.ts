import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onLoopback } from './endpoint.ts';
import { forThisMachine } from './site-guard.ts';

/** What reached the server behind the guard. */
const taken: string[] = [];
const console_ = 'http://127.0.0.1:4569';
const server = onLoopback(
  createServer(
    forThisMachine(
      (message, response) => {
        taken.push(`${message.method} ${message.url}`);
        response.end('taken');
      },
      {
        maySend: (origin, { method }) => origin === console_ && method !== 'DELETE',
        mayOpen: (path) => path === '/login',
      },
    ),
  ),
);
let port = 0;
beforeAll(async () => {
  ({ port } = await server.listen(0));
});
afterAll(() => server.close());

interface Sent {
  method?: string;
  path?: string;
  host?: string | undefined;
  headers?: Record<string, string | undefined>;
  body?: string;
}

/** The status, and the message of a refusal. */
function send({ method = 'GET', path = '/', host = `127.0.0.1:${port}`, headers = {}, body }: Sent) {
  const given = Object.entries({ host, ...headers }).filter(([, value]) => value !== undefined);
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers: Object.fromEntries(given) });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.end(body);
  });
}

describe('Host', () => {
  it.each(['127.0.0.1', 'localhost', 'LocalHost', '[::1]'])(
    '%s with the port is this server',
    async (name) => {
      expect((await send({ host: `${name}:${port}` })).status).toBe(200);
    },
  );

  it.each([
    ['a rebound name', () => `evil.example:${port}`],
    ['a name that begins as ours', () => `127.0.0.1.evil.example:${port}`],
    ['a name that ends as ours', () => `evil.localhost:${port}`],
    ['another port', () => `127.0.0.1:${port + 1}`],
    ['no port', () => 'localhost'],
    ['an address that also leads here', () => `127.0.0.2:${port}`],
    ['the number of the address', () => `2130706433:${port}`],
    ['any address', () => `0.0.0.0:${port}`],
    ['a user before it', () => `localhost:${port}@evil.example`],
    ['two', () => `127.0.0.1:${port}, evil.example`],
  ])('%s is answered 421, and nothing reaches the server', async (_, host) => {
    taken.length = 0;
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
      const { status, text } = await send({ method, host: host() });
      expect([status, JSON.parse(text).message]).toEqual([421, expect.stringContaining(`127.0.0.1:${port}`)]);
    }
    expect(taken).toEqual([]);
  });

  it('of a whole URL as the target, as a proxy is asked, is answered 421', async () => {
    expect((await send({ path: 'http://evil.example/' })).status).toBe(421);
  });

  it('missing, as HTTP/1.0 allows, is answered 421', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.end('GET / HTTP/1.0\r\n\r\n'));
      socket.on('error', reject).setEncoding('utf8').on('data', resolve);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe('a request of', () => {
  const from = (origin: string | undefined, site?: string) => ({ origin, 'sec-fetch-site': site });
  const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

  it('a program, a typed address and a page of this server is taken, by every method', async () => {
    const own = [
      from(undefined),
      from(undefined, 'none'),
      from(undefined, 'same-origin'),
      from(`http://127.0.0.1:${port}`, 'same-origin'),
      from(`http://localhost:${port}`, 'same-site'),
      from(`http://[::1]:${port}`),
    ];
    for (const headers of own) {
      for (const method of everyMethod) expect((await send({ method, headers })).status).toBe(200);
    }
  });

  it('a page of another site is refused, whatever it asks for and however', async () => {
    taken.length = 0;
    const origins = [
      'http://evil.example',
      'https://evil.example',
      'null',
      '',
      'http://127.0.0.1',
      `http://127.0.0.1:${port + 1}`,
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      `http://evil.example:${port}`,
      'file://',
    ];
    const pages = [
      ...origins.flatMap((origin) =>
        ['cross-site', 'same-site', 'same-origin', 'none', undefined].map((site) => from(origin, site)),
      ),
      ...['cross-site', 'same-site', 'Cross-Site', 'odd', ''].map((site) => from(undefined, site)),
    ];
    for (const headers of pages) {
      for (const method of everyMethod) {
        const sent = { method, headers: { ...headers, 'content-type': 'text/plain' } };
        expect([headers, method, (await send(sent)).status]).toEqual([headers, method, 403]);
      }
    }
    expect(taken).toEqual([]);
  });

  it('a page that the rules name is taken for what they say', async () => {
    const headers = from(console_, 'same-site');
    expect((await send({ method: 'POST', headers })).status).toBe(200);
    expect((await send({ method: 'OPTIONS', headers })).status).toBe(200);
    expect((await send({ method: 'DELETE', headers })).status).toBe(403);
    // Without an Origin it could be any page of the site.
    expect((await send({ method: 'GET', headers: from(undefined, 'same-site') })).status).toBe(403);
  });

  it('a link of another site opens the pages that the rules name in a tab, not in a frame, and nothing else', async () => {
    for (const site of ['cross-site', 'same-site']) {
      for (const mode of ['navigate', 'no-cors', 'cors', undefined]) {
        for (const dest of ['document', 'iframe', 'image', undefined]) {
          for (const method of ['GET', 'POST']) {
            for (const path of ['/login?a=b', '/', '/login/x', '/other?/login']) {
              const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
              const may =
                mode === 'navigate' && dest === 'document' && method === 'GET' && path === '/login?a=b';
              const sent = { method, path, headers };
              expect([sent, (await send(sent)).status]).toEqual([sent, may ? 200 : 403]);
            }
          }
        }
      }
    }
    // A form that is posted is a navigation with an origin.
    const form = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      origin: 'http://evil.example',
    };
    for (const method of ['GET', 'POST']) {
      expect((await send({ method, path: '/login', headers: form })).status).toBe(403);
    }
  });

  it('a page is refused before its body has come', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(
          `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://evil.example\r\nContent-Length: 1000000\r\n\r\nbegun`,
        ),
      );
      socket.on('error', reject).setEncoding('utf8').on('data', resolve);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});
