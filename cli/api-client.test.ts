import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiRefusal, createApiClient } from './api-client.ts';

interface Answer {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

let server: Server;
let answers: Answer[];
let seen: { readonly request: string; readonly token: string; readonly body: string }[];
let pauses: number[];
let fresh: boolean[];

beforeEach(async () => {
  [answers, seen, pauses, fresh] = [[], [], [], []];
  server = createServer(async (request: IncomingMessage, response) => {
    const { method, url, headers } = request;
    seen.push({
      request: `${method} ${url}`,
      token: headers.authorization ?? '',
      body: await text(request),
    });
    const { status, body = { done: true }, headers: more = {} } = answers.shift() ?? { status: 200 };
    response.writeHead(status, more).end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

const client = () =>
  createApiClient({
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prod/`,
    token: async (options) => {
      fresh.push(options.fresh);
      return options.fresh ? 'new' : 'kept';
    },
    pause: async (ms) => void pauses.push(ms),
  });

describe('the client of the API', () => {
  it('sends its token and JSON, and answers JSON', async () => {
    expect(await client().get('/datasets')).toEqual({ done: true });
    expect(await client().post('/jobs', { jobId: 'x' })).toEqual({ done: true });
    expect(seen).toEqual([
      { request: 'GET /prod/datasets', token: 'Bearer kept', body: '' },
      { request: 'POST /prod/jobs', token: 'Bearer kept', body: '{"jobId":"x"}' },
    ]);
  });

  it('makes an error of a refusal, with the detail of its problem document', async () => {
    answers = [
      { status: 400, body: { detail: 'limit is 0; accepted: 1 to 1000', message: 'm' } },
      { status: 500, body: 'x'.repeat(600) },
      { status: 404, body: { message: 'there is none' } },
    ];
    const refusal = client().get('/alerts?limit=0');
    await expect(refusal).rejects.toBeInstanceOf(ApiRefusal);
    await expect(refusal).rejects.toThrow(
      /^GET http:.*\/prod\/alerts\?limit=0 answered 400: limit is 0; accepted: 1 to 1000$/,
    );
    await expect(client().post('/jobs', {})).rejects.toThrow(/answered 500: x{500}$/);
    await expect(client().get('/jobs/x')).rejects.toMatchObject({ status: 404 });
  });

  it('finds nothing where there is nothing', async () => {
    answers = [{ status: 404 }, { status: 403 }];
    expect(await client().find('/jobs/x')).toBeUndefined();
    await expect(client().find('/jobs/x')).rejects.toMatchObject({ status: 403 });
  });

  it('waits as it is told to, and asks again', async () => {
    answers = [{ status: 429, headers: { 'retry-after': '7' } }, { status: 503 }, { status: 200 }];
    await client().post('/jobs', {});
    expect(pauses).toEqual([7_000, 2_000]);
    expect(seen).toHaveLength(3);
  });

  it('tells at once of what it would have to wait for longer than anybody does', async () => {
    const body = { detail: 'so many more from tomorrow on' };
    answers = [{ status: 429, headers: { 'retry-after': '90000' }, body }];
    await expect(client().post('/jobs/uploads', {})).rejects.toThrow('so many more from tomorrow on');
    expect(pauses).toEqual([]);
  });

  it('sends only a GET again where nobody knows whether it was taken', async () => {
    answers = [{ status: 504 }, { status: 200 }];
    await client().get('/datasets');
    answers = [{ status: 504 }];
    await expect(client().post('/jobs', {})).rejects.toMatchObject({ status: 504 });
    expect(seen).toHaveLength(3);
  });

  it('gives up after five attempts', async () => {
    answers = Array.from({ length: 9 }, () => ({ status: 503 }));
    await expect(client().get('/datasets')).rejects.toMatchObject({ status: 503 });
    expect(seen).toHaveLength(5);
    expect(pauses).toEqual([1_000, 2_000, 3_000, 4_000]);
  });

  it('replaces a token that is refused, once', async () => {
    const api = client();
    answers = [{ status: 401 }, { status: 200 }];
    await api.get('/datasets');
    expect(seen.map(({ token }) => token)).toEqual(['Bearer kept', 'Bearer new']);
    answers = [{ status: 401 }, { status: 401 }];
    await expect(api.get('/datasets')).rejects.toMatchObject({ status: 401 });
    expect(fresh).toEqual([false, true, false, false]);
  });
});
