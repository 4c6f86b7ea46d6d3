import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../../ports/faults.ts';
import { streams } from '../../../streams/registry.ts';
import { request } from '../../../test/support/api-world.ts';
import { MemoryStreams, steppedClock } from '../../../test/support/memory-streams.ts';
import { createCommandStreams } from './command-streams.ts';

const nowMs = Date.parse('2026-05-02T08:00:00Z');

function world() {
  const store = new MemoryStreams();
  const clock = steppedClock(nowMs);
  // Nobody waits for the log in vain here: what is published is told.
  const waiting = { ...clock, nowMs: () => clock.atMs, pause: () => new Promise<void>(() => undefined) };
  const faults: unknown[] = [];
  const unpublished: unknown[] = [];
  const ports = { commits: store, snapshots: store, log: store, outbox: store, facts: store };
  const answer = createCommandStreams({
    ...ports,
    ...{ streams, clock: waiting },
    onFault: (fault) => faults.push(fault),
    onUnpublished: (fault) => unpublished.push(fault),
  });
  const post = async (route: string, id: string | undefined, body: unknown, headers = {}) => {
    const { status, body: text } = await answer({
      ...request('POST', '/'),
      ...{ route, headers: { 'content-type': 'application/json', ...headers } },
      pathParameters: { stream: 'reservations', ...(id === undefined ? {} : { id }) },
      body: Buffer.from(JSON.stringify(body)),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status, value: JSON.parse(text) as any };
  };
  return {
    ...{ store, clock, faults, unpublished },
    batch: (...commands: unknown[]) => post('/streams/{stream}/commands', undefined, { commands }),
    single: (id: string, command: object, headers = {}) =>
      post('/streams/{stream}/{id}/commands', id, command, headers),
  };
}

const hour = (n: number) => new Date(nowMs + n * 3_600_000).toISOString();
const create = (commandId: string, n: number, more: object = {}) => ({
  ...{ commandId, name: 'create' },
  data: {
    ...{ reservationId: commandId, employeeId: 'e-1', userId: 'u-1' },
    ...{ slotStart: hour(n), slotEnd: hour(n + 1) },
  },
  ...more,
});

test('a batch answers each command in its order, and publishes what is committed before', async () => {
  const { store, batch } = world();
  const { status, value } = await batch(
    { id: 'a', ...create('c-1', 1) },
    { id: 'b', ...create('c-1', 1) },
    { id: 'a', ...create('c-2', 1) },
    { id: 'a', ...create('c-1', 1) },
    { id: 'b', ...create('c-3', 3, { expected: 7 }) },
    { id: 'b', ...create('c-3', 3, { expected: 1 }) },
    { id: 'b', ...create('c-1', 9) },
  );
  expect(status).toBe(200);
  expect(value).toMatchObject({ committed: 3, repeated: 1, refused: 3 });
  const recordedAt = hour(0);
  expect(value.answers).toEqual([
    { id: 'a', commandId: 'c-1', status: 201, position: 1, recordedAt },
    { id: 'b', commandId: 'c-1', status: 201, position: 1, recordedAt },
    expect.objectContaining({
      ...{ id: 'a', commandId: 'c-2', status: 409 },
      problem: expect.objectContaining({ reason: 'slot-taken', position: 1 }),
    }),
    { id: 'a', commandId: 'c-1', status: 200, position: 1, recordedAt },
    expect.objectContaining({
      ...{ id: 'b', status: 412 },
      problem: expect.objectContaining({ parameter: 'expected', position: 1 }),
    }),
    { id: 'b', commandId: 'c-3', status: 201, position: 2, recordedAt },
    expect.objectContaining({
      status: 409,
      problem: expect.objectContaining({ type: 'urn:caudal:problem:command-reused' }),
    }),
  ]);
  expect(store.told().sort()).toEqual(['a/1', 'b/1', 'b/2'].map((of) => `reservations/${of}`));
  expect(store.pendingRefs.size).toBe(0);
});

test('a command alone is answered as one in a batch is, and leaves the same behind', async () => {
  const commands: object[] = [
    create('c-1', 1),
    create('c-1', 1),
    create('c-1', 2),
    create('c-2', 1),
    create('c-3', 5, { expected: 4 }),
    create('c-4', 6, { occurredAt: hour(-30) }),
    create('c-5', 7, { occurredAt: hour(1) }),
    { commandId: 'c-6', name: 'remove', data: {} },
    { commandId: 'c-7', name: 'cancel', data: { reservationId: 'c-1', why: 1 } },
    { commandId: 'c-8', name: 'cancel', data: { reservationId: 'c-1' } },
  ];
  const together = world();
  const alone = world();
  const { value } = await together.batch(...commands.map((command) => ({ id: 'a', ...command })));
  for (const [index, command] of commands.entries()) {
    const { expected, ...plain } = command as { expected?: number };
    const headers = expected === undefined ? {} : { 'if-match': `"${expected}"` };
    const answered = await alone.single('a', plain, headers);
    const { status, position, recordedAt, problem } = value.answers[index];
    expect(status).toBe(answered.status);
    if (problem === undefined) expect(answered.value).toMatchObject({ position, recordedAt });
    else expect(problem).toEqual(JSON.parse(JSON.stringify(answered.value).replace('If-Match', 'expected')));
  }
  expect([...together.store.streams]).toEqual([...alone.store.streams]);
});

test('what a fault leaves undecided is 503 with all answers, and the same batch again completes it', async () => {
  const { store, faults, batch } = world();
  let appends = 0;
  store.around = (call, phase) => {
    if (call === 'append' && phase === 'before' && ++appends === 1) throw new StoreUnavailable('planted');
  };
  const commands = [
    { id: 'a', ...create('c-1', 1) },
    { id: 'b', ...create('c-1', 1) },
    { id: 'a', commandId: 'c-2', name: 'cancel', data: { reservationId: 'c-1' } },
  ];
  const first = await batch(...commands);
  expect(first).toMatchObject({
    status: 503,
    value: { type: 'urn:caudal:problem:unavailable', committed: 1, refused: 0 },
  });
  expect(first.value.answers.map(({ status }: { status: number }) => status)).toEqual([503, 201, 503]);
  expect(faults).toEqual([new StoreUnavailable('planted')]);
  expect(store.told()).toEqual(['reservations/b/1']);
  const second = await batch(...commands);
  expect(second).toMatchObject({ status: 200, value: { committed: 2, repeated: 1, refused: 0 } });
  expect(store.told().sort()).toEqual(['a/1', 'a/2', 'b/1'].map((of) => `reservations/${of}`));
});

test('a log that can not be written keeps no answer back, and is told of once', async () => {
  const { store, unpublished, batch } = world();
  store.around = (call, phase) => {
    if (call === 'append entry' && phase === 'before') throw new StoreUnavailable('planted');
  };
  const answered = await batch(...[1, 2, 3, 4].map((n) => ({ id: 'a', ...create(`c-${n}`, n) })));
  expect(answered).toMatchObject({ status: 200, value: { committed: 4 } });
  expect(unpublished).toEqual([new StoreUnavailable('planted')]);
  expect(store.pendingRefs.size).toBe(4);
});

test('a body that is no batch is refused as a whole, naming the command', async () => {
  const { store, batch } = world();
  const good = { id: 'a', ...create('c-1', 1) };
  for (const [commands, parameter] of [
    [[good, { ...good, commandId: 'a b' }], 'commands[1].commandId'],
    [[good, { ...good, id: 'commands' }], 'commands[1].id'],
    [[good, { ...good, expected: -1 }], 'commands[1].expected'],
    [[], 'commands'],
    [Array.from({ length: 501 }, () => good), 'commands'],
  ] as const) {
    const { status, value } = await batch(...commands);
    expect([status, value.type, value.parameter]).toEqual([
      400,
      'urn:caudal:problem:invalid-body',
      parameter,
    ]);
  }
  expect(store.streams.size).toBe(0);
});
