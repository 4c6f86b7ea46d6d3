import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCommit } from '../../core/streams/stream.ts';
import { StoreUnavailable } from '../../ports/faults.ts';
import { type Calendar, reservations } from '../../streams/reservations.ts';
import { MemoryStreams, steppedClock } from '../../test/support/memory-streams.ts';
import { createCommandHandler, type GivenCommand, type Handled } from './handle-command.ts';
import { readStream } from './read-stream.ts';
import { createPublisher, relayPending } from './run-relay.ts';

const nowMs = Date.parse('2026-05-02T08:00:00Z');
const key = { stream: 'reservations', id: 'salon-7' };
let commandNumber = 0;

const create = (reservationId: string, hour = 0, more: Partial<GivenCommand> = {}): GivenCommand => ({
  commandId: `c-${++commandNumber}`,
  name: 'create',
  data: {
    ...{ reservationId, employeeId: 'e-1', userId: 'u-1' },
    slotStart: new Date(nowMs + hour * 3_600_000).toISOString(),
    slotEnd: new Date(nowMs + (hour + 1) * 3_600_000).toISOString(),
  },
  ...more,
});
const on = (name: string, reservationId: string): GivenCommand => ({
  commandId: `c-${++commandNumber}`,
  name,
  data: { reservationId },
});

/** Several processes over one store. */
function world(processes = 1) {
  const store = new MemoryStreams();
  const clock = steppedClock(nowMs);
  const ports = { commits: store, snapshots: store, log: store, outbox: store, facts: store, clock };
  const handlers = Array.from({ length: processes }, () => createCommandHandler(ports));
  const give = (command: GivenCommand, expected?: number, process = 0): Promise<Handled> =>
    (handlers[process] as (typeof handlers)[0])(reservations, key, command, expected);
  return { store, clock, ports, give, read: (asOf = {}) => readStream(ports, reservations, key, asOf) };
}
const positionOf = (handled: Handled): number | undefined =>
  handled.kind === 'committed' ? handled.commit.position : undefined;

describe('a command', () => {
  test('is committed at the next position, once: the same id answers the same', async () => {
    const { store, give } = world(2);
    const first = create('r-1');
    expect(await give(first)).toMatchObject({ kind: 'committed', isNew: true, commit: { position: 1 } });
    const before = JSON.stringify([...store.streams]);
    for (const process of [0, 1])
      expect(await give(first, undefined, process)).toMatchObject({
        ...{ kind: 'committed', isNew: false },
        commit: { position: 1, commandId: first.commandId },
      });
    expect(JSON.stringify([...store.streams])).toBe(before);
    expect(await give({ ...create('r-2', 5), commandId: first.commandId }, undefined, 1)).toEqual({
      kind: 'reused',
      position: 1,
    });
  });

  test('is found again behind a snapshot and beyond what a process remembers', async () => {
    const { store, ports, give } = world();
    const first = create('r-0');
    await give(first);
    for (let n = 1; n <= 110; n++) await give(create(`r-${n}`, n));
    expect(store.snapshots.get('reservations/salon-7/1')?.map(({ position }) => position)).toEqual([50, 100]);
    const other = createCommandHandler(ports);
    store.calls.length = 0;
    expect(positionOf(await other(reservations, key, first))).toBe(1);
    expect(store.calls).toEqual(['last', 'after', 'byCommand']);
    expect(positionOf(await other(reservations, key, create('r-111', 111)))).toBe(112);
  });

  test('is refused by what is stored, not by what a process remembers', async () => {
    const { give } = world(2);
    expect(positionOf(await give(create('r-1')))).toBe(1);
    expect(positionOf(await give(on('cancel', 'r-1'), undefined, 1))).toBe(2);
    // The first process knows of no cancellation, and would refuse.
    expect(positionOf(await give(create('r-2')))).toBe(3);
    expect(await give(create('r-3'), undefined, 1)).toMatchObject({
      ...{ kind: 'refused', reason: 'slot-taken', position: 3 },
    });
  });

  test('is put at once by a process that is alone with a stream', async () => {
    const { store, give } = world();
    await give(create('r-1'));
    store.calls.length = 0;
    await give(create('r-2', 1));
    expect(store.calls).toEqual(['append']);
  });

  test('finds a stream at the position that it expects, or does nothing', async () => {
    const { give } = world(2);
    expect(await give(create('r-1'), 1)).toEqual({ kind: 'moved', position: 0 });
    expect(positionOf(await give(create('r-1'), 0))).toBe(1);
    const second = create('r-2', 1);
    expect(positionOf(await give(second, 1, 1))).toBe(2);
    expect(await give(create('r-3', 2), 1)).toEqual({ kind: 'moved', position: 2 });
    expect(positionOf(await give(second, 1))).toBe(2); // done before, whatever it expects
  });

  test('is recorded no earlier than the one before it', async () => {
    const { clock, store, give } = world();
    await give(create('r-1'));
    clock.atMs -= 5_000;
    await give(create('r-2', 1, { occurredMs: nowMs - 60_000 }));
    const commits = store.streams.get('reservations/salon-7')?.map(decodeCommit);
    expect(commits?.map(({ recordedMs }) => recordedMs)).toEqual([nowMs, nowMs]);
    expect(commits?.[1]?.occurredMs).toBe(nowMs - 60_000);
  });

  test('that a store can not hold is refused by name', async () => {
    const { give } = world();
    const { data } = create('r-1');
    const long = { ...(data as object), userId: 'u'.repeat(400_000) };
    expect(await give({ commandId: 'c', name: 'create', data: long })).toMatchObject({
      reason: 'commit-too-large',
    });
  });
});

test('of twenty that want one slot, one has it', async () => {
  const { store, give } = world(20);
  const handled = await Promise.all(
    Array.from({ length: 20 }, (_, n) => give(create(`r-${n}`), undefined, n)),
  );
  expect(handled.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
  expect(handled.flatMap((of) => (of.kind === 'refused' ? [of.reason] : []))).toEqual(
    Array.from({ length: 19 }, () => 'slot-taken'),
  );
  expect(store.streams.get('reservations/salon-7')).toHaveLength(1);
});

test('a stream is read as of a position, of a recording and of what had occurred', async () => {
  const { clock, give, read } = world();
  const stateOf = async (asOf: object) => {
    const found = await read(asOf);
    if (found.kind !== 'read') return found.kind;
    const { reservations: held } = found.folded.state as Calendar;
    return held.map(({ reservationId, status }) => `${reservationId} ${status}`).join(', ');
  };
  expect(await stateOf({})).toBe('absent');
  await give(create('r-1', 24));
  clock.atMs += 60_000;
  await give(on('complete', 'r-1'));
  clock.atMs += 60_000;
  await give(create('r-2', 26, { occurredMs: nowMs + 30_000 }));
  await give(on('cancel', 'r-1'));
  expect(await stateOf({})).toBe('r-1 canceled, r-2 created');
  expect(await stateOf({ position: 2 })).toBe('r-1 completed');
  expect(await stateOf({ position: 5 })).toBe('absent');
  expect(await stateOf({ recordedMs: nowMs - 1 })).toBe('absent');
  expect(await stateOf({ recordedMs: nowMs + 60_000 })).toBe('r-1 completed');
  expect(await stateOf({ recordedMs: nowMs + 90_000 })).toBe('r-1 completed');
  expect(await stateOf({ occurredMs: nowMs + 59_000 })).toBe('r-1 created, r-2 created');
  expect(await stateOf({ position: 2, occurredMs: nowMs + 59_000 })).toBe('r-1 created');
});

test('writers that die at any call, and repeat what was not answered, commit each command once and tell of each once', async () => {
  const crash = fc.record({ at: fc.nat(400), phase: fc.constantFrom('before', 'after') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(crash, { maxLength: 12 }),
      fc.integer({ min: 2, max: 4 }),
      async (crashes, processes) => {
        const { store, clock, ports } = world();
        let calls = 0;
        store.around = (_, phase) => {
          calls++;
          if (crashes.some((each) => each.at === calls && each.phase === phase))
            throw new StoreUnavailable('planted');
        };
        const commands = Array.from({ length: 8 }, (_, n) => create(`r-${n}`, n % 5));
        const outcomes = await Promise.all(
          Array.from({ length: processes }, async (_, process) => {
            let handle = createCommandHandler(ports);
            let publish = createPublisher(ports);
            const answered = new Map<string, string>();
            // All give all commands, each in an order of its own: repeats of one another.
            const rotated = [...commands.slice(process * 2), ...commands.slice(0, process * 2)];
            for (const command of rotated) {
              for (let attempt = 0; attempt < 30; attempt++) {
                try {
                  const handled = await handle(reservations, key, command);
                  if (handled.kind === 'committed')
                    await publish({ ...key, position: handled.commit.position });
                  answered.set(command.commandId, String(positionOf(handled) ?? handled.kind));
                  break;
                } catch (fault) {
                  if (!(fault instanceof StoreUnavailable)) throw fault;
                  handle = createCommandHandler(ports); // the process died
                  publish = createPublisher(ports);
                }
              }
            }
            return answered;
          }),
        );
        store.around = () => undefined;
        for (const partition of [0, 1, 2, 3]) await relayPending({ ...ports, clock }, partition, () => false);
        const texts = store.streams.get('reservations/salon-7') ?? [];
        const ids = texts.map((text) => decodeCommit(text).commandId);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(5); // five hours, one employee
        expect(store.told()).toEqual(ids.map((_, index) => `reservations/salon-7/${index + 1}`));
        expect([...store.delivered.keys()].sort()).toEqual(store.told().sort());
        // Who was told of a position was told the true one.
        for (const answered of outcomes)
          for (const [commandId, outcome] of answered)
            if (outcome !== 'refused') expect(ids[Number(outcome) - 1]).toBe(commandId);
      },
    ),
    { numRuns: 60 },
  );
});
