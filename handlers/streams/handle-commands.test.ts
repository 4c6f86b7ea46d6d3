import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logPartitions } from '../../core/streams/notification-log.ts';
import { decodeCommit } from '../../core/streams/stream.ts';
import { StoreUnavailable } from '../../ports/faults.ts';
import { reservations } from '../../streams/reservations.ts';
import { MemoryStreams, steppedClock } from '../../test/support/memory-streams.ts';
import { type Asked, createCommandsHandler, type Outcome } from './handle-commands.ts';
import { createPublisher, relayPending } from './run-relay.ts';

const nowMs = Date.parse('2026-05-02T08:00:00Z');
const never = () => false;

function world() {
  const store = new MemoryStreams();
  const clock = steppedClock(nowMs);
  const ports = { commits: store, snapshots: store, log: store, outbox: store, facts: store, clock };
  return { store, ports, handle: createCommandsHandler(ports) };
}

const create = (salon: number, n: number, hour = n): Asked => ({
  id: `salon-${salon}`,
  command: {
    ...{ commandId: `create-${n}`, name: 'create' },
    data: {
      ...{ reservationId: `r-${n}`, employeeId: 'e-1', userId: 'u-1' },
      slotStart: new Date(nowMs + hour * 3_600_000).toISOString(),
      slotEnd: new Date(nowMs + (hour + 1) * 3_600_000).toISOString(),
    },
  },
});
const on = (name: string, salon: number, n: number): Asked => ({
  id: `salon-${salon}`,
  command: { commandId: `${name}-${n}`, name, data: { reservationId: `r-${n}` } },
});
const shown = (outcome: Outcome): string => {
  if (outcome.kind === 'committed') return `${outcome.commit.position}${outcome.isNew ? '' : ' again'}`;
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
};
/** Commands by stream, in the order of their commits. */
const committed = ({ streams }: MemoryStreams) =>
  Object.fromEntries(
    [...streams].sort().map(([name, texts]) => [name, texts.map((text) => decodeCommit(text).commandId)]),
  );

test('each command is decided by itself, those of one stream in the order given', async () => {
  const { handle } = world();
  const asked = [
    create(1, 1),
    create(2, 1),
    create(1, 2, 1), // the slot of the first one
    on('cancel', 1, 1),
    create(1, 3, 1), // which is free now
    { ...create(2, 2), expected: 1 },
    { ...create(2, 3), expected: 1 },
    create(2, 1),
    { ...create(2, 9), command: { ...create(2, 9).command, commandId: 'create-1' } },
  ];
  expect((await handle(reservations, asked, never)).map(shown)).toEqual([
    ...['1', '1', 'slot-taken', '2', '3', '2', 'moved', '1 again', 'reused'],
  ]);
});

test('streams are read and written beside one another', async () => {
  const { store, handle } = world();
  const salons = Array.from({ length: 40 }, (_, salon) => salon);
  const asked = salons.flatMap((salon) => [create(salon, 1), create(salon, 2)]);
  expect((await handle(reservations, asked, never)).map(shown)).toEqual(salons.flatMap(() => ['1', '2']));
  // All streams have been asked for before the first one is written.
  const before = store.calls.slice(0, store.calls.indexOf('append'));
  expect(before.filter((call) => call === 'last')).toHaveLength(40);
});

test('after a fault of the store no command of its stream is begun, and the others are', async () => {
  const { store, handle } = world();
  let appends = 0;
  store.around = (call, phase) => {
    if (call === 'append' && phase === 'after' && ++appends === 1) throw new StoreUnavailable('planted');
  };
  const asked = [create(1, 1), create(2, 1), on('cancel', 1, 1), create(1, 2), create(2, 2)];
  expect((await handle(reservations, asked, never)).map(shown)).toEqual([
    ...['undecided', '1', 'undecided', 'undecided', '2'],
  ]);
  store.around = () => undefined;
  // The first was committed, though nobody was told so.
  expect((await handle(reservations, asked, never)).map(shown)).toEqual([
    ...['1 again', '1 again', '2', '3', '2 again'],
  ]);
});

test('none is begun when the time is over', async () => {
  const { handle } = world();
  let asked = 0;
  const outcomes = await handle(reservations, [create(1, 1), create(1, 2), create(1, 3)], () => ++asked > 2);
  expect(outcomes.map(shown)).toEqual(['1', '2', 'undecided']);
});

test('a fault that is not the store’s is thrown when nothing is under way any more', async () => {
  const { store, handle } = world();
  store.around = (call, phase) => {
    if (call === 'append' && phase === 'before') throw new TypeError('planted');
  };
  await expect(handle(reservations, [create(1, 1), create(2, 1)], never)).rejects.toThrow('planted');
  expect(committed(store)).toEqual({});
});

test('a batch that is given again until all is decided comes to what it comes to without faults, wherever calls fail', async () => {
  const step = fc.record({
    salon: fc.nat(3),
    n: fc.nat(4),
    what: fc.constantFrom('create', 'cancel', 'complete'),
  });
  const fault = fc.record({ at: fc.nat(30), phase: fc.constantFrom('before', 'after') });
  let faulted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 8, maxLength: 24 }),
      fc.array(fault, { minLength: 2, maxLength: 10 }),
      async (steps, faults) => {
        const asked = steps.map(({ salon, n, what }) =>
          what === 'create' ? create(salon, n, n % 3) : on(what, salon, n),
        );
        const right = world();
        const without = await right.handle(reservations, asked, never);

        const { store, ports, handle } = world();
        let calls = 0;
        store.around = (_, phase) => {
          calls++;
          if (faults.some((each) => each.at === calls && each.phase === phase)) {
            faulted++;
            throw new StoreUnavailable('planted');
          }
        };
        const last: Outcome[] = [];
        let left = [...asked.keys()];
        for (let time = 0; left.length > 0; time++) {
          expect(time).toBeLessThan(30);
          // Now and then by a new process, which knows nothing.
          const by = time % 2 === 0 ? handle : createCommandsHandler(ports);
          const given = left.map((index) => asked[index] as Asked);
          const outcomes = await by(reservations, given, never);
          outcomes.forEach((outcome, index) => {
            last[left[index] as number] = outcome;
          });
          left = left.filter((_, index) => outcomes[index]?.kind === 'undecided');
        }
        expect(committed(store)).toEqual(committed(right.store));
        const plain = (outcomes: readonly Outcome[]) =>
          outcomes.map((each) => shown(each).replace(' again', ''));
        expect(plain(last)).toEqual(plain(without));
      },
    ),
    { numRuns: 300 },
  );
  expect(faulted).toBeGreaterThan(100);
});

test('commits that are published again beside new ones, or twice at once, keep none of the new ones from the log', async () => {
  const { store, ports, handle } = world();
  const asked = Array.from({ length: 230 }, (_, n) => create(1, n));
  const key = { stream: 'reservations', id: 'salon-1' };
  await handle(reservations, asked.slice(0, 220), never);
  for (let partition = 0; partition < logPartitions; partition++)
    await relayPending(ports, partition, () => false);
  await handle(reservations, asked.slice(220), never);
  const publish = createPublisher(ports);
  // A span from the first to the last is more than one round looks at.
  const positions = [1, 1, 100, 221, 222, 222, 223, 224, 225, 226, 227, 228, 229, 230];
  await Promise.all(positions.map((position) => publish({ ...key, position })));
  expect(store.told()).toEqual(asked.map((_, index) => `reservations/salon-1/${index + 1}`));
});
