import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiAccess, apiAccess } from '../../cli/api-access.ts';
import { accessToken } from '../../cli/token.ts';
import { UsageError } from '../../cli/usage-error.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { type Expectation, ExpectationBuilder } from '../../producer/proof/expectation.ts';
import { periodDifferences } from './expected-difference.ts';
import { spans, verify } from './verify.ts';

let directory: string;
let server: Server;
let issued: number;
let refused: Set<string>;
let shown: Expectation;
let printed: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'caudal-verify-'));
  [issued, refused, printed] = [0, new Set(), []];
  shown = expectation();
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  vi.spyOn(console, 'log').mockImplementation((line) => printed.push(String(line)));
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.pathname === '/oauth2/token') {
      expect(request.headers.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
      const scope = new URLSearchParams(await text(request)).get('scope');
      issued += 1;
      response.end(JSON.stringify({ access_token: `${scope}-${issued}`, expires_in: 3_600 }));
      return;
    }
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!bearer.startsWith('caudal/read-') || refused.has(bearer)) {
      response.writeHead(401).end('{"message":"Unauthorized"}');
      return;
    }
    answerStatistics(url, (status, body) => response.writeHead(status).end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await writeFile(file(), JSON.stringify(expectation()));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

const file = () => join(directory, 'expected.json');
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const access = (): ApiAccess => ({
  apiUrl: `${origin()}/prod`,
  tokenUrl: `${origin()}/oauth2/token`,
  clientId: 'me',
  clientSecret: async () => 'secret',
  scopes: { read: 'caudal/read', write: 'caudal/write', operate: 'caudal/operate', jobs: 'caudal/jobs' },
});
const run = (...args: string[]) => {
  const urls = ['--api-url', `${origin()}/prod/`, '--token-url', `${origin()}/oauth2/token`];
  return verify.run([...urls, '--client-id', 'me', '--client-secret', 'secret', '--expect', file(), ...args]);
};

/** Two series over three months, one page holding one period, as a small API would. */
function expectation(): Expectation {
  const builder = new ExpectationBuilder();
  for (let day = 0; day < 70; day += 1) {
    for (const sensorId of ['a', 'b']) {
      const timestampMs = Date.UTC(2024, 0, 1, 12) + day * 86_400_000;
      builder.reading(waterTemperature, {
        sensorId,
        timestampMs,
        revision: 0,
        values: [day / 7, 0.1],
        attributes: [],
      });
    }
  }
  return builder.build(true);
}

function answerStatistics(url: URL, answer: (status: number, body: unknown) => void): void {
  const query = Object.fromEntries(url.searchParams);
  const match = /^\/prod\/datasets\/([a-z-]+)\/statistics$/.exec(url.pathname);
  const series = shown.datasets[match?.[1] ?? '']?.sensors[query.sensor ?? ''];
  if (series === undefined) {
    answer(404, { detail: 'no such sensor' });
    return;
  }
  const periods = Object.entries(query.period === 'day' ? series.days : series.months)
    .filter(([name]) => name >= (query.from ?? '') && name <= (query.to ?? ''))
    .map(([period, statistics]) => ({ period, ...statistics }));
  const at = Number(query.cursor ?? 0);
  answer(200, {
    statistics: periods.slice(at, at + 1),
    cursor: at + 1 < periods.length ? String(at + 1) : null,
  });
}

/** Changes one month of sensor a in what the API shows. */
function change(fields: Record<string, unknown>): void {
  const month = shown.datasets['water-temperature']?.sensors.a?.months['2024-02'];
  Object.assign(month?.measures.temperature ?? {}, fields);
}

describe('verify', () => {
  it('agrees where all is as expected, by month and by day', async () => {
    expect(await run()).toBe(0);
    expect(printed).toEqual(['All as expected: 140 readings in 6 months of 2 series.']);
    expect(await run('--period', 'day', '--json')).toBe(0);
    expect(JSON.parse(printed[1] ?? '')).toEqual({ series: 2, periods: 140, readings: 140, differences: [] });
  });

  it.each([
    ['a count that is one off', { count: 30 }, 'temperature.count 30, 29 expected'],
    ['an extreme that differs in its last bit', { max: 59 / 7 + 2 ** -48 }, ', 8.428571428571429 expected'],
    ['a time', { minAt: '2024-02-01T12:00:00.001Z' }, 'temperature.minAt'],
    ['a mean that differs in its last bit', { mean: 45 / 7 + 2 ** -50 }, 'temperature.mean'],
    ['a mean that is no number', { mean: null }, 'temperature.mean null'],
    ['a standard deviation', { standardDeviation: 1 }, 'temperature.standardDeviation 1'],
  ])('names %s', async (_, fields, difference) => {
    change(fields);
    expect(await run()).toBe(1);
    expect(printed.join('\n')).toMatch(new RegExp(`water-temperature a 2024-02: .*${difference}`));
  });

  it('names a series that is not there, and a month that was not sent', async () => {
    const sensors = shown.datasets['water-temperature']?.sensors ?? {};
    const { a } = sensors;
    delete (sensors as Record<string, unknown>).b;
    delete a?.months['2024-02'];
    expect(await run()).toBe(1);
    expect(printed.join('\n')).toContain('4 differences');
    expect(printed.join('\n')).toContain('b 2024-01: nothing, 31 readings expected');
    shown = expectation();
    const { a: expected } = expectation().datasets['water-temperature']?.sensors ?? {};
    delete expected?.months['2024-02'];
    expect(periodDifferences(undefined, { period: '2024-02', count: 3, measures: {} })).toEqual([
      '3 readings that were not sent',
    ]);
  });

  it('waits for what is still on its way', async () => {
    change({ count: 1 });
    setTimeout(() => {
      shown = expectation();
    }, 500);
    expect(await run('--wait', '20s')).toBe(0);
  });

  it('is not misled by an empty or foreign file', async () => {
    await writeFile(file(), '{}');
    await expect(run()).rejects.toThrow(UsageError);
    await expect(verify.run([])).rejects.toThrow(UsageError);
    await expect(run('--period', 'year')).rejects.toThrow(UsageError);
    await expect(run('--wait', 'soon')).rejects.toThrow(UsageError);
  });

  it('asks for long spans in pieces', () => {
    expect(spans(['2010-01', '2012-05', '2015-01', '2024-12'])).toEqual([
      ['2010-01', '2012-05'],
      ['2015-01', '2015-01'],
      ['2024-12', '2024-12'],
    ]);
    expect(spans([])).toEqual([]);
  });
});

describe('a token', () => {
  it('is fetched once and kept for its user alone', async () => {
    const first = await accessToken(access(), { scope: 'caudal/read' });
    expect(await accessToken(access(), { scope: 'caudal/read' })).toEqual(first);
    expect(issued).toBe(1);
    const cache = join(directory, 'cache', 'caudal');
    const [name = ''] = await readdir(cache);
    expect((await stat(join(cache, name))).mode & 0o777).toBe(0o600);
    expect((await stat(cache)).mode & 0o777).toBe(0o700);
  });

  it('is another for another scope, and a new one shortly before it expires, when asked, or when the file is broken', async () => {
    const scope = 'caudal/read';
    const { expiresAtMs } = await accessToken(access(), { scope });
    await accessToken(access(), { scope: 'caudal/write' });
    expect(issued).toBe(2);
    await accessToken(access(), { scope, nowMs: expiresAtMs - 61_000 });
    expect(issued).toBe(2);
    await accessToken(access(), { scope, nowMs: expiresAtMs - 59_000 });
    await accessToken(access(), { scope, fresh: true });
    expect(issued).toBe(4);
    const cache = join(directory, 'cache', 'caudal');
    for (const name of await readdir(cache)) await writeFile(join(cache, name), '{"accessTok');
    await accessToken(access(), { scope });
    expect(issued).toBe(5);
  });

  it('that the API refuses is replaced once', async () => {
    const { accessToken: kept } = await accessToken(access(), { scope: 'caudal/read' });
    refused.add(kept);
    expect(await run()).toBe(0);
    expect(issued).toBe(2);
    refused = new Set(Array.from({ length: 9 }, (_, index) => `caudal/read-${index}`));
    await expect(run()).rejects.toThrow('401');
  });

  it('needs all of the four settings, or none', async () => {
    await expect(apiAccess({ apiUrl: origin() }, { env: {} })).rejects.toThrow(
      'give --token-url and --client-id and --client-secret too',
    );
    const env = {
      CAUDAL_API_URL: 'https://a/prod/',
      CAUDAL_TOKEN_URL: 't',
      CAUDAL_CLIENT_ID: 'c',
      CAUDAL_CLIENT_SECRET: 's',
    };
    expect(await apiAccess({}, { env })).toMatchObject({
      apiUrl: 'https://a/prod',
      tokenUrl: 't',
      clientId: 'c',
    });
  });
});
