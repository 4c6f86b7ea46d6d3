import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ExecutionStatus } from '../../../core/execution-status.ts';
import type {
  ExecutionDescription,
  ExecutionSummary,
  MapRun,
  StateVisit,
} from '../../../ports/executions.ts';
import { request } from '../../../test/support/api-world.ts';
import { createOperate } from '../operate/operate.ts';
import { createQueryOperations } from './query-operations.ts';

const arnOf = (machine: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:caudal-${machine}`;
const machines = { ingest: arnOf('ingest'), jobs: arnOf('jobs') };
/** What other routes of these functions are answered with. */
const ofOthers = undefined as never;
const clock = { nowMs: () => 0, pause: async () => {} };
const definition = readFileSync('state-machines/ingest.asl.json', 'utf8');

/** Step Functions with some executions; a token is the place of the next one. */
function world(
  known: readonly { machine: 'ingest' | 'jobs'; name: string; atMs: number; status?: ExecutionStatus }[],
  told: { visits?: StateVisit[]; mapRuns?: MapRun[]; last?: { name: string; type: string } } = {},
) {
  const all: ExecutionDescription[] = known.map(({ machine, name, atMs, status = 'SUCCEEDED' }) => ({
    ...{ name, status, stateMachineArn: machines[machine], startDate: new Date(atMs) },
    executionArn: `${machines[machine].replace('stateMachine', 'execution')}:${name}`,
    ...(status === 'RUNNING' ? {} : { stopDate: new Date(atMs + 1_000) }),
    redriveStatus: status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    input: '[]',
  }));
  const started: string[] = [];
  const tokens = { areStale: false };
  const executions = {
    async list(of: {
      stateMachineArn: string;
      status?: string | undefined;
      limit: number;
      token?: string | undefined;
    }) {
      const found: ExecutionSummary[] = all
        .filter(
          (each) => each.stateMachineArn === of.stateMachineArn && (of.status ?? each.status) === each.status,
        )
        .sort((a, b) => b.startDate.getTime() - a.startDate.getTime());
      if (of.token !== undefined && tokens.areStale) return { executions: [], isRefused: true };
      const from = Number(of.token ?? 0);
      const end = from + of.limit;
      return { executions: found.slice(from, end), token: end < found.length ? String(end) : undefined };
    },
    describe: async (arn: string) => all.find(({ executionArn }) => executionArn === arn),
    visits: async () => ({ visits: told.visits ?? [], more: false }),
    lastState: async () => told.last,
    mapRuns: async () => told.mapRuns ?? [],
    failedChildren: async () => [],
    definition: async () => definition,
    async start({ name }: { name: string }) {
      started.push(name);
      return 'started' as const;
    },
    redrive: async () => 'refused' as const,
  };
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => void faults.push(fault);
  const segments = { failed: async () => [] };
  const answer = createQueryOperations({
    ...{ executions, segments, machines, onFault, clock },
    ...{ status: ofOthers, rejects: ofOthers, metrics: ofOthers },
  });
  const operate = createOperate({ executions, machines, onFault, corrections: ofOthers });
  return {
    ...{ all, started, faults },
    staleTokens: () => {
      tokens.areStale = true;
    },
    get: async (path: string) => {
      const { status, body } = await answer(request('GET', path));
      return { status, body: JSON.parse(body) };
    },
    redrive: async (name: string, user?: { id: string; groups: string[] }) => {
      const asked = { ...request('POST', `/executions/${name}/redrive`), ...(user && { user }) };
      const { status, body } = await operate(asked);
      return { status, body: JSON.parse(body) };
    },
  };
}

describe('GET /executions', () => {
  const many = Array.from({ length: 25 }, (_, index) => ({
    machine: index % 3 === 0 ? ('jobs' as const) : ('ingest' as const),
    ...{ name: `e-${String(index).padStart(2, '0')}`, atMs: 1_000_000 + 1_000 * Math.floor(index / 2) },
  }));

  test.each([1, 2, 4, 7, 25])('pages of %i have each execution once, the newest first', async (limit) => {
    const { get, all } = world(many);
    const seen: { name: string; startedAt: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await get(`/executions?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.status).toBe(200);
      seen.push(...page.body.executions);
      cursor = page.body.cursor;
    }
    expect(seen.map(({ name }) => name).sort()).toEqual(all.map(({ name }) => name).sort());
    expect(seen.map(({ startedAt }) => startedAt)).toEqual(
      seen
        .map(({ startedAt }) => startedAt)
        .sort()
        .reverse(),
    );
  });

  test('one that starts between two pages moves none out of sight', async () => {
    const { get, all } = world(many.filter(({ machine }) => machine === 'ingest'));
    const first = await get('/executions?limit=5');
    all.push({ ...(all[0] as ExecutionDescription), name: 'new', startDate: new Date(9_000_000) });
    const second = await get(`/executions?limit=5&cursor=${first.body.cursor}`);
    const names = [...first.body.executions, ...second.body.executions].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('new');
  });

  test('only those of a machine and a status', async () => {
    const { get } = world([
      { machine: 'ingest', name: 'a', atMs: 1, status: 'FAILED' },
      { machine: 'ingest', name: 'b', atMs: 2 },
      { machine: 'jobs', name: 'c', atMs: 3, status: 'FAILED' },
    ]);
    const { body } = await get('/executions?status=FAILED&machine=ingest');
    expect(body).toMatchObject({
      executions: [{ name: 'a', machine: 'ingest', status: 'FAILED' }],
      cursor: null,
    });
  });

  test('a cursor whose token Step Functions no longer takes says so, and how to begin anew', async () => {
    const { get, staleTokens } = world(
      [1, 2].map((at) => ({ machine: 'ingest', name: `r-${at}`, atMs: at })),
    );
    const { body } = await get('/executions?limit=1');
    staleTokens();
    const answer = await get(`/executions?limit=1&cursor=${body.cursor}`);
    expect([answer.status, answer.body.parameter]).toEqual([400, 'cursor']);
    expect(answer.body.detail).toContain('more than 24 hours old');
  });

  test('a cursor of another query is refused', async () => {
    const { get } = world(many);
    const { body } = await get('/executions?limit=5');
    const { status } = await get(`/executions?limit=6&cursor=${body.cursor}`);
    expect(status).toBe(400);
  });
});

describe('GET /executions/{name}', () => {
  test('has its states with outcome and the items of its maps, the newest runs with the last visits', async () => {
    const at = (ms: number) => new Date(ms);
    const counted = (succeeded: number) => ({
      ...{ total: 9, pending: 1, running: 2, failed: 0, timedOut: 0, aborted: 0 },
      succeeded,
    });
    const { get } = world([{ machine: 'ingest', name: 'x', atMs: 1, status: 'RUNNING' }], {
      visits: [
        {
          name: 'PlanIngest',
          type: 'Task',
          enteredAt: at(1),
          exitedAt: at(2),
          faults: [{ error: 'E', cause: '{"errorMessage":"broke"}' }],
        },
        { name: 'ValidateSegments', type: 'Map', enteredAt: at(2), exitedAt: at(3), faults: [] },
        { name: 'ValidateSegments', type: 'Map', enteredAt: at(4), faults: [] },
      ],
      mapRuns: [{ mapRunArn: 'm', startDate: at(4), itemCounts: counted(6) }],
    });
    const { status, body } = await get('/executions/x');
    expect(status).toBe(200);
    expect(body.visits).toMatchObject([
      { state: 'PlanIngest', outcome: 'done', faultCount: 1, faults: [{ error: 'E', cause: 'broke' }] },
      { state: 'ValidateSegments', outcome: 'done' },
      { state: 'ValidateSegments', outcome: 'running', leftAt: null, items: { succeeded: 6, running: 2 } },
    ]);
    expect(body.visits[1].items).toBeUndefined();
    expect(body).toMatchObject({ redrive: { way: 'none' }, isWhole: true, graph: { startAt: 'PlanIngest' } });
  });

  test('is 404 for one that there is not', async () => {
    expect((await world([]).get('/executions/none')).status).toBe(404);
  });
});

describe('POST /executions/{name}/redrive', () => {
  const failed = { machine: 'ingest', name: 'x', atMs: 1, status: 'FAILED' } as const;
  const last = { name: 'IngestFailed', type: 'Fail' };

  test('runs the input of one that ended in its Fail state again', async () => {
    const { redrive, started } = world([failed], { last });
    const { status, body } = await redrive('x');
    expect(status).toBe(202);
    expect(body).toMatchObject({ execution: started[0], machine: 'ingest', way: 'again' });
  });

  test('says why it does nothing', async () => {
    const { redrive } = world([{ machine: 'ingest', name: 'x', atMs: 1 }]);
    const { status, body } = await redrive('x');
    expect(status).toBe(409);
    expect(body.detail).toContain('It succeeded');
  });

  test('is for operators', async () => {
    const { redrive, started } = world([failed], { last });
    expect((await redrive('x', { id: 'u', groups: ['viewer'] })).status).toBe(403);
    expect(started).toEqual([]);
    expect((await redrive('x', { id: 'u', groups: ['operator'] })).status).toBe(202);
  });
});
