import { beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '../../../ports/toons.ts';
import { body, createApiWorld, request } from '../../../test/support/api-world.ts';
import { jobs } from '../contract/jobs.ts';

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld();
});

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function store(jobId: string, second: number, more: Partial<JobView> = {}): void {
  const counts = { total: 3, processed: 0, failed: 0 };
  const times = { createdAt: at(second), updatedAt: at(second) };
  const job: JobView = {
    jobId,
    kind: 'toons',
    state: 'Completed',
    ...counts,
    metadata: {},
    ...times,
    ...more,
  };
  world.jobs.jobs.set(jobId, job);
}

type Caller = Parameters<typeof request>[2];
const ask = async (path: string, caller: Caller = {}) => world.answer(request('GET', path, caller));

/** The ids of all pages. */
async function idsOf(query: string, caller: Caller = {}): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const path: string = `/jobs?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page = jobs.listJobs.answer.parse(body(await ask(path, caller)));
    ids.push(...page.jobs.map(({ jobId }) => jobId));
    cursor = page.cursor;
  }
  return ids;
}

describe('a list of jobs', () => {
  beforeEach(() => {
    store('run-1', 1, { kind: 'ingest' });
    store('mine-1', 2, { clientId: 'tester' });
    store('theirs', 3, { clientId: 'other', state: 'Failed', error: 'Boom' });
    store('run-2', 4, { kind: 'ingest', state: 'Failed' });
    store('mine-2', 5, { clientId: 'tester', state: 'Processing' });
    store('mine-3', 6, { clientId: 'tester' });
  });

  test.each([1, 2, 100])('has both kinds in one order, the newest first, by pages of %d', async (limit) => {
    expect(await idsOf(`limit=${limit}`)).toEqual(['mine-3', 'mine-2', 'run-2', 'mine-1', 'run-1']);
  });

  test('has the jobs of all clients for the scope that sees them, and says whose they are', async () => {
    const scopes = ['caudal/read', 'caudal/jobs'];
    expect(await idsOf('kind=toons&limit=2', { scopes })).toEqual(['mine-3', 'mine-2', 'theirs', 'mine-1']);
    const { jobs: listed } = body(await ask('/jobs?state=Failed&kind=toons', { scopes }));
    expect(listed).toMatchObject([{ jobId: 'theirs', clientId: 'other', error: 'Boom' }]);
  });

  test('is narrowed by kind, state and creation, both ends included', async () => {
    expect(await idsOf('kind=ingest')).toEqual(['run-2', 'run-1']);
    expect(await idsOf('state=Completed&limit=1')).toEqual(['mine-3', 'mine-1', 'run-1']);
    expect(await idsOf(`from=${at(2)}&to=${at(4)}`)).toEqual(['run-2', 'mine-1']);
    expect(await idsOf('from=2026-01-01T01:00:05%2B01:00')).toEqual(['mine-3', 'mine-2']);
  });

  test.each([
    ['kind=other', 'kind'],
    ['state=Done', 'state'],
    ['from=yesterday', 'from'],
    [`from=${at(2)}&to=${at(1)}`, 'from'],
  ])('of %s names the parameter that is wrong', async (query, parameter) => {
    const answer = await ask(`/jobs?${query}`);
    expect([answer.status, body(answer).parameter]).toEqual([400, parameter]);
  });

  test('has cursors of its own query and caller alone', async () => {
    const { cursor } = body(await ask('/jobs?limit=1'));
    for (const [query, caller] of [
      ['kind=toons', {}],
      ['limit=1', { clientId: 'other' }],
    ] as const) {
      const answer = await ask(`/jobs?${query}&cursor=${cursor}`, caller);
      expect([answer.status, body(answer).parameter]).toEqual([400, 'cursor']);
    }
  });

  test('takes no place that DynamoDB would not: an incomplete one, or one outside of what is asked for', async () => {
    const query = `kind=ingest&limit=1&from=${at(0)}&to=${at(5)}`;
    const { cursor } = body(await ask(`/jobs?${query}`));
    const [digest] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const statusOf = async (...place: string[]) => {
      const forged = Buffer.from(JSON.stringify([digest, ...place, '-', ''])).toString('base64url');
      return (await ask(`/jobs?${query}&cursor=${forged}`)).status;
    };
    expect(await statusOf(at(4), 'run-2')).toBe(200);
    for (const createdAt of ['', '-', '-1', '2026-01-01', at(6), at(-1)])
      expect([createdAt, await statusOf(createdAt, 'run-2')]).toEqual([createdAt, 400]);
    expect(await statusOf(at(4), '')).toBe(400);
  });

  test('passes over so many jobs of others in a request and no more, and goes on behind them', async () => {
    for (let second = 10; second < 60; second++) store(`x-${second}`, second, { clientId: 'other' });
    const first = body(await ask('/jobs?kind=toons'));
    expect(first.jobs).toEqual([]);
    expect(first.cursor).toEqual(expect.any(String));
    expect(await idsOf('kind=toons')).toEqual(['mine-3', 'mine-2', 'mine-1']);
  });
});

test('there is no job of another client, but for the scope that sees all', async () => {
  store('theirs', 1, { clientId: 'other' });
  const refused = await ask('/jobs/theirs');
  const unknown = await ask('/jobs/nobody');
  expect([refused.status, body(refused).detail]).toEqual([404, 'unknown job "theirs"']);
  expect(unknown.status).toBe(404);
  expect((await ask('/jobs/theirs', { clientId: 'other' })).status).toBe(200);
  const seen = await ask('/jobs/theirs', { scopes: ['caudal/read', 'caudal/jobs'] });
  expect(body(seen)).toMatchObject({ jobId: 'theirs', clientId: 'other' });
});

test("a user's jobs are the user's, not those of the page's client, and an operator alone sees all", async () => {
  store('of-ana', 1, { clientId: 'ana' });
  store('of-the-page', 2, { clientId: 'page' });
  const as = (id: string, group: string, scopes = ['caudal/read', 'caudal/jobs']): Caller => ({
    clientId: 'page',
    user: { id, groups: [group] },
    scopes,
  });
  expect(await idsOf('kind=toons', as('ana', 'viewer'))).toEqual(['of-ana']);
  expect(await idsOf('kind=toons', as('bo', 'viewer'))).toEqual([]);
  expect((await ask('/jobs/of-ana', as('bo', 'viewer'))).status).toBe(404);
  expect(await idsOf('kind=toons', as('bo', 'operator'))).toEqual(['of-the-page', 'of-ana']);
  expect(await idsOf('kind=toons', as('bo', 'operator', ['caudal/read']))).toEqual([]);
});
