import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LogEntry, logPartitionOf } from '../../core/streams/notification-log.ts';
import type { RelayedCommit } from '../../core/streams/relay.ts';
import type { Commit } from '../../core/streams/stream.ts';
import { createCommandHandler } from '../../handlers/streams/handle-command.ts';
import { createPublisher, relayPending } from '../../handlers/streams/run-relay.ts';
import { createEndpoint } from '../../local/engine/endpoint.ts';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import { reservations } from '../../streams/reservations.ts';
import { streamsTable } from '../../test/support/streams-table.ts';
import { systemClock } from '../system-clock.ts';
import { openDocuments } from './documents.ts';
import {
  createCommitOutbox,
  createCommitStore,
  createNotificationLog,
  createSnapshotStore,
} from './streams-table.ts';

const table = 'streams';
const directory = mkdtempSync(join(tmpdir(), 'caudal-streams-'));
const dynamodb = createDynamoDb({ directory });
const calls: string[] = [];
const endpoint = createEndpoint({
  services: [dynamodb],
  interceptors: [
    async ({ action, phase }) => {
      if (phase === 'before') calls.push(action);
    },
  ],
});
let documents: DynamoDBDocumentClient;
beforeAll(async () => {
  await dynamodb.createTable(streamsTable, table);
  documents = openDocuments({
    endpoint: `http://127.0.0.1:${(await endpoint.listen(0)).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(async () => {
  documents.destroy();
  await endpoint.close();
  await dynamodb.close();
  rmSync(directory, { recursive: true });
});

/** Commits that were handed on. */
const delivered = new Set<string>();

let salon = 0;
let key: { stream: string; id: string };
beforeEach(() => {
  key = { stream: 'reservations', id: `salon-${++salon}` };
});
const stores = () => ({
  commits: createCommitStore(documents, table),
  snapshots: createSnapshotStore(documents, table),
  log: createNotificationLog(documents, table),
  outbox: createCommitOutbox(documents, table),
  facts: {
    async deliver(_: LogEntry, commits: readonly RelayedCommit[]) {
      for (const { id, position } of commits) delivered.add(`${id}/${position}`);
    },
  },
  clock: systemClock,
});
const commit = (position: number, changes: Partial<Commit> = {}): Commit => ({
  ...{ position, commandId: `c-${position}`, digest: 'd', occurredMs: 1, recordedMs: position },
  events: [{ name: 'completed', data: { reservationId: 'ä' } }],
  ...changes,
});

test('a position is taken once, who is late learns by whom, and commits are read as they were put, in their order', async () => {
  const { commits } = stores();
  for (const position of [1, 2, 10, 11]) expect(await commits.append(key, commit(position))).toBeUndefined();
  expect(await commits.append(key, commit(2, { commandId: 'other' }))).toEqual(commit(2));
  expect(await commits.append({ ...key, id: `${key.id}x` }, commit(1))).toBeUndefined();
  expect(await commits.after(key, 0)).toEqual([1, 2, 10, 11].map((position) => commit(position)));
  expect(await commits.after(key, 2, 1)).toEqual([commit(10)]);
  expect(await commits.last(key)).toEqual(commit(11));
  expect(await commits.at(key, 3)).toBeUndefined();
  expect(await commits.byCommand(key, 'c-10')).toEqual(commit(10));
  expect(await commits.byCommand(key, 'c-9')).toBeUndefined();
  expect(await commits.last({ ...key, id: 'nobody' })).toBeUndefined();
});

test('commits that are put at once are taken by their conditions each, in calls of many', async () => {
  const { commits } = stores();
  const keyOf = (n: number) => ({ ...key, id: `${key.id}-${n}` });
  const of = (n: number, commandId: string) => commit(1, { commandId: `${commandId}-${n}` });
  for (const n of [3, 40]) await commits.append(keyOf(n), of(n, 'earlier'));
  calls.length = 0;
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  const there = await Promise.all([
    ...numbers.map((n) => commits.append(keyOf(n), of(n, 'first'))),
    ...[3, 7].map((n) => commits.append(keyOf(n), of(n, 'second'))),
  ]);
  expect(there.slice(0, 60)).toEqual(
    numbers.map((n) => {
      if (n === 7) return there[7];
      return n === 3 || n === 40 ? of(n, 'earlier') : undefined;
    }),
  );
  expect(there[60]).toEqual(of(3, 'earlier'));
  // Of two that want one position at once, one has it.
  const last = await commits.last(keyOf(7));
  expect([of(7, 'first'), of(7, 'second')]).toContainEqual(last);
  expect([there[7], there[61]].filter((answer) => answer === undefined)).toHaveLength(1);
  expect(calls.filter((action) => action === 'BatchExecuteStatement')).toHaveLength(3);
  // They are read in one call too, one key that two ask for among them; who asks alone reads alone.
  calls.length = 0;
  const read = await Promise.all([...numbers, 5].map((n) => commits.at(keyOf(n), 1)));
  expect(read[40]).toEqual(of(40, 'earlier'));
  expect(read.slice(8, 12)).toEqual([8, 9, 10, 11].map((n) => of(n, 'first')));
  expect(read[60]).toEqual(of(5, 'first'));
  expect(calls.toSorted()).toEqual(['BatchGetItem', 'GetItem']);
  expect(await Promise.all([commits.at(keyOf(1), 2), commits.at(keyOf(2), 1)])).toEqual([
    undefined,
    of(2, 'first'),
  ]);
});

test('the last snapshot at a position is found, of the version of the rules alone', async () => {
  const { snapshots } = stores();
  const snapshot = (position: number) => ({ position, recordedMs: 7, state: { of: position } });
  for (const position of [9, 100]) await snapshots.keep(key, 1, snapshot(position));
  await snapshots.keep(key, 1, { ...snapshot(9), state: 'another' });
  await snapshots.keep(key, 12, snapshot(50));
  const last = (version: number, upTo: number) => snapshots.last(key, { version, upTo });
  expect(await last(1, Number.MAX_SAFE_INTEGER)).toEqual(snapshot(100));
  expect(await last(1, 99)).toEqual(snapshot(9));
  expect(await last(1, 8)).toBeUndefined();
  expect(await last(2, 100)).toBeUndefined();
});

test('a state that no item holds is not kept', async () => {
  const { snapshots } = stores();
  await snapshots.keep(key, 1, { position: 1, recordedMs: 1, state: {} });
  const parts = Array.from({ length: 10 }, () =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('base64'),
  );
  await snapshots.keep(key, 1, { position: 2, recordedMs: 1, state: parts });
  expect((await snapshots.last(key, { version: 1, upTo: 9 }))?.position).toBe(1);
});

test('commits of racing writers are told once each, in the order of their stream, and pend no more', async () => {
  const create = (id: string, n: number) => ({
    commandId: `c-${id}`,
    name: 'create',
    data: {
      ...{ reservationId: id, employeeId: `e-${n % 3}`, userId: 'u' },
      slotStart: new Date(Date.now() + n * 3_600_000).toISOString(),
      slotEnd: new Date(Date.now() + (n + 0.9) * 3_600_000).toISOString(),
    },
  });
  await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      const handle = createCommandHandler(stores());
      const publish = createPublisher(stores());
      for (let n = 0; n < 8; n++) {
        const handled = await handle(reservations, key, create(`r-${writer}-${n}`, writer * 100 + n));
        if (handled.kind !== 'committed') throw new Error(JSON.stringify(handled));
        if (n % 2 === 0) await publish({ ...key, position: handled.commit.position });
      }
    }),
  );
  const { commits, log, outbox } = stores();
  const partition = logPartitionOf(key);
  await relayPending(stores(), partition, () => false);
  expect(await outbox.pending(partition, 100)).toEqual([]);
  const told = (await log.from(partition, 1, 1_000)).flatMap((entry) => entry.commits);
  expect(told.filter(({ id }) => id === key.id).map(({ position }) => position)).toEqual(
    Array.from({ length: 32 }, (_, index) => index + 1),
  );
  const positions = (await commits.after(key, 0)).map(({ position }) => position);
  expect(positions).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  expect(positions.filter((position) => !delivered.has(`${key.id}/${position}`))).toEqual([]);
  expect((await log.head(partition))?.position).toBe((await log.from(partition, 1, 1_000)).length);
});
