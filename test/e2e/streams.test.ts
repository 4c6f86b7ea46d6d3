import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { DeleteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factLines } from '../../core/streams/facts.ts';
import { reservations } from '../../streams/reservations.ts';
import { caudal } from '../support/caudal.ts';
import { accessToken, clientSettings, type JobWorld, output, startJobWorld } from '../support/job-world.ts';
import { root } from '../support/test-cloud.ts';

/** Streams through the API and the command line, over one local cloud. */

let world: JobWorld;
let token: string;
beforeAll(async () => {
  world = await startJobWorld();
  token = await accessToken(world.cloud);
});
afterAll(() => world?.close());

const hour = (n: number): string => new Date(Date.now() + n * 3_600_000).toISOString();
const slot = (reservationId: string, n = 24) => ({
  ...{ reservationId, employeeId: 'e-1', userId: 'u-1' },
  ...{ slotStart: hour(n), slotEnd: hour(n + 1) },
});

async function call(path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(world.cloud.apiUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  const value: any = text === '' ? undefined : JSON.parse(text);
  return { status: answer.status, headers: answer.headers, value };
}
const command = (id: string, name: string, data: object, commandId: string, stream = 'reservations') =>
  call(`/streams/${stream}/${id}/commands`, { commandId, name, data });
/** What the log of a stream tells of it. */
async function told(id: string, stream = 'reservations') {
  const { partition } = (await call(`/streams/${stream}/${id}`)).value;
  const { entries } = (await call(`/log/${partition}`)).value;
  return entries
    .flatMap((entry: { commits: { id: string; stream: string }[] }) => entry.commits)
    .filter((of: { id: string; stream: string }) => of.id === id && of.stream === stream);
}

describe('a calendar', () => {
  test('creates, completes, shows, cancels and shows a reservation, of which the log then has three notifications', async () => {
    expect((await command('seed', 'create', slot('r-1'), 'c-1')).status).toBe(201);
    expect((await command('seed', 'complete', { reservationId: 'r-1' }, 'c-2')).status).toBe(201);
    const status = async () => (await call('/streams/reservations/seed')).value.state.reservations[0].status;
    expect(await status()).toBe('completed');
    expect((await command('seed', 'cancel', { reservationId: 'r-1' }, 'c-3')).status).toBe(201);
    expect(await status()).toBe('canceled');
    expect((await call('/streams/reservations/seed?at=2')).value.state.reservations[0].status).toBe(
      'completed',
    );
    expect(await told('seed')).toMatchObject([
      { position: 1, events: ['created'] },
      { position: 2, events: ['completed'] },
      { position: 3, events: ['canceled'] },
    ]);
  });

  test('is written by commands alone: who may write readings sends no line of it', async () => {
    const line = { salon_id: 'forged', occurred_at: hour(0), event: 'canceled', reservation_id: 'r-1' };
    const forged = { ...line, stream: 'reservations', position: 1, event_number: 1, event_count: 1 };
    const { status, value } = await call('/datasets/reservations/readings', [forged]);
    expect([status, value.type]).toEqual([409, 'urn:caudal:problem:filled-by-streams']);
    expect(value.detail).toContain('POST /streams/{stream}/{id}/commands');
    // Files are landed by operators.
    expect((await call('/uploads', { name: 'a.ndjson', bytes: 3 })).status).toBe(401);
    // Under another dataset's route it is that dataset's line, or none.
    const other = await call('/datasets/salon-bookings/readings', [{ dataset: 'reservations', ...forged }]);
    expect([other.status, other.value.rejected[0].reason]).toEqual([422, 'dataset-mismatch']);
  });

  test('keeps what is completed, where that is its rule', async () => {
    const firm = (name: string, data: object, id: string) =>
      command('seed', name, data, id, 'firm-reservations');
    await firm('create', slot('r-1'), 'c-1');
    await firm('complete', { reservationId: 'r-1' }, 'c-2');
    const { status, value } = await firm('cancel', { reservationId: 'r-1' }, 'c-3');
    expect([status, value.reason]).toEqual([409, 'reservation-completed']);
    expect(await told('seed', 'firm-reservations')).toHaveLength(2);
  });

  test('gives a slot that twenty want to one of them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => command('race', 'create', slot(`r-${n}`), `c-${n}`)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    expect(answers.filter(({ status }) => status === 409).map(({ value }) => value.reason)).toEqual(
      Array.from({ length: 19 }, () => 'slot-taken'),
    );
    expect(await told('race')).toHaveLength(1);
  });

  test('answers a repeated command with its commit, another of its id with 409, and one that expects another position with 412', async () => {
    const data = slot('r-1');
    const first = await command('again', 'create', data, 'c-1');
    const second = await command('again', 'create', data, 'c-1');
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.value).toEqual(first.value);
    const reused = await command('again', 'create', slot('r-2', 30), 'c-1');
    expect([reused.status, reused.value.type]).toEqual([409, 'urn:caudal:problem:command-reused']);
    const path = '/streams/reservations/again/commands';
    const cancel = { commandId: 'c-2', name: 'cancel', data: { reservationId: 'r-1' } };
    const moved = await call(path, cancel, { 'if-match': '"7"' });
    expect([moved.status, moved.value.position]).toEqual([412, 1]);
    const { headers } = await call('/streams/reservations/again');
    expect((await call(path, cancel, { 'if-match': headers.get('etag') ?? '' })).status).toBe(201);
  });

  test('takes commands in a batch with those of others, and answers each by itself', async () => {
    const commands = [
      { id: 'batch-1', commandId: 'c-1', name: 'create', data: slot('r-1') },
      { id: 'batch-2', commandId: 'c-1', name: 'create', data: slot('r-1') },
      { id: 'batch-1', commandId: 'c-2', name: 'create', data: slot('r-2') },
      { id: 'batch-1', commandId: 'c-3', name: 'complete', data: { reservationId: 'r-1' }, expected: 1 },
      { id: 'batch-2', commandId: 'c-2', name: 'remove', data: {} },
    ];
    const statuses = ({ answers }: { answers: { status: number }[] }) => answers.map(({ status }) => status);
    const first = await call('/streams/reservations/commands', { commands });
    expect([first.status, statuses(first.value)]).toEqual([200, [201, 201, 409, 201, 400]]);
    expect(first.value.answers[2].problem.reason).toBe('slot-taken');
    const second = await call('/streams/reservations/commands', { commands });
    expect([second.status, statuses(second.value)]).toEqual([200, [200, 200, 409, 200, 400]]);
    expect(second.value).toMatchObject({ committed: 0, repeated: 3, refused: 2 });
    expect(await told('batch-1')).toHaveLength(2);
    expect(await told('batch-2')).toHaveLength(1);
  });

  test.each([
    ['/streams/nothing/commands', { commands: [] }, 404],
    ['/streams/reservations/commands', { commands: [] }, 400],
    ['/streams/nothing/x', undefined, 404],
    ['/streams/reservations/nobody', undefined, 404],
    ['/streams/reservations/nobody/events', undefined, 404],
    ['/streams/reservations/seed?at=0', undefined, 400],
    ['/log/4', undefined, 400],
    ['/streams/reservations/seed/commands', { commandId: 'c', name: 'remove', data: {} }, 400],
    ['/streams/reservations/seed/commands', { commandId: 'c', name: 'cancel', data: {} }, 400],
    ['/streams/reservations/seed/commands', { commandId: 'a b', name: 'cancel', data: {} }, 400],
  ])('%s with %j is %i', async (path, body, status) => {
    expect((await call(path, body)).status).toBe(status);
  });
});

test('the commands of docs/events.md work as they stand', async () => {
  const page = readFileSync(join(root, 'docs', 'events.md'), 'utf8');
  const blocks = [...page.matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block ?? '');
  const cache = mkdtempSync(join(tmpdir(), 'caudal-docs-'));
  const strict = 'curl() { command curl --fail-with-body "$@"; }';
  try {
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', ['set -euo pipefail', strict, ...blocks].join('\n')],
      {
        cwd: root,
        env: {
          ...process.env,
          ...{ API: world.cloud.apiUrl, AWS_ENDPOINT_URL: world.cloud.endpointUrl, AWS_REGION: 'us-east-1' },
          ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', XDG_CACHE_HOME: cache },
        },
      },
    );
    expect(stdout).toMatch(/r-1 +completed +e-3/);
    expect(stdout).toMatch(/r-1 +canceled +e-3/);
    expect(stdout).toMatch(/\n3 .*r-1 canceled/);
    expect(stdout).toContain('"commandId":"c-1"');
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test('the command line says what the rules refuse, and ends with 1', async () => {
  const run = (...args: string[]) =>
    caudal(world.cloud.endpointUrl, 'reservations', ...args, '--salon', 'cli');
  const given = [
    '--reservation',
    'r-1',
    '--employee',
    'e-1',
    '--user',
    'u',
    '--start',
    hour(24),
    '--end',
    hour(25),
  ];
  expect(await run('create', ...given)).toMatchObject({ status: 0 });
  const other = given.map((value) => (value === 'r-1' ? 'r-2' : value));
  const refused = await run('create', ...other);
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringContaining('employee e-1 has reservation r-1'),
  ]);
  expect(await run('cancel')).toMatchObject({ status: 2 });
});

test('the command line imports a file of commands, and takes it again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'caudal-import-'));
  const path = join(directory, 'bookings.ndjson');
  const line = (id: string, n: number) =>
    JSON.stringify({ id, commandId: `c-${n}`, name: 'create', data: slot(`r-${n}`, 24 + 2 * n) });
  const lines = Array.from({ length: 620 }, (_, n) => line(`import-${n % 30}`, n));
  const taken = JSON.stringify({ id: 'import-0', commandId: 'late', name: 'create', data: slot('r-9', 24) });
  const run = (...args: string[]) => caudal(world.cloud.endpointUrl, 'reservations', 'import', path, ...args);
  try {
    writeFileSync(path, `${lines.join('\n')}\n\n${taken}\n`);
    const first = await run();
    expect(first).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('620 done, 0 done already, 1 refused'),
    });
    expect(first.stdout).toContain('line 622, late of import-0: slot-taken: ');
    const again = await run('--json');
    expect(again.json()).toMatchObject({ committed: 0, repeated: 620, refused: [{ line: 622 }] });
    writeFileSync(path, `${lines.join('\n')}\n{"id":\n`);
    const broken = await run();
    expect([broken.status, broken.stdout.trim()]).toEqual([1, '0 done, 500 done already, 0 refused']);
    expect(broken.stderr).toContain('line 621 is not JSON');
    writeFileSync(path, lines.slice(0, 3).join('\n'));
    expect(await run()).toMatchObject({ status: 0 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

describe('events of streams', () => {
  const salon = 'facts';
  const of = `/datasets/reservations/statistics?period=month&from=2000-01&to=2099-12&sensor=${salon}`;
  const counts = async () => (await call(of)).value.statistics.map((row: { counts: unknown }) => row.counts);
  beforeAll(async () => {
    for (let n = 0; n < 50; n++) await command(salon, 'create', slot(`r-${n}`, 24 + n), `c-${n}`);
    await command(salon, 'complete', { reservationId: 'r-0' }, 'done');
    await command(salon, 'cancel', { reservationId: 'r-0' }, 'undone');
  });

  test('are facts of their dataset: counted, read, explained and queried as others are', async () => {
    await expect.poll(counts).toEqual([{ event: { created: 50, completed: 1, canceled: 1 } }]);
    const { commits } = (await call(`/streams/reservations/${salon}/events?limit=100`)).value;
    const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
    const span = `from=${day(-2)}&to=${day(2)}&limit=1000`;
    const { readings } = (await call(`/datasets/reservations/readings?sensor=${salon}&${span}`)).value;
    const sorted = readings.toSorted(
      (a: { position: number }, b: { position: number }) => a.position - b.position,
    );
    expect(
      sorted.map((each: Record<string, unknown>) => [each.position, each.command_id, each.event]),
    ).toEqual(
      commits.map((each: { position: number; commandId: string; events: { name: string }[] }) => [
        ...[each.position, each.commandId, each.events[0]?.name],
      ]),
    );
    // As the stream itself has them.
    const { state } = (await call(`/datasets/reservations/projections/current?entity=${salon}`)).value;
    expect(state.counts).toEqual({ created: 49, completed: 0, canceled: 1 });
    const folded = (await call(`/streams/reservations/${salon}`)).value.state.reservations;
    const statusOf = (each: { reservationId: string; status: string }) =>
      `${each.reservationId} ${each.status}`;
    expect(state.reservations.map(statusOf).sort()).toEqual(folded.map(statusOf).sort());
    const { endpointUrl } = world.cloud;
    const explained = await caudal(endpointUrl, 'explain', 'reservations', salon, commits[50].occurredAt);
    expect(explained).toMatchObject({ status: 0, stdout: expect.stringContaining('It is stored') });
    const statement = `select event, reservation_id from reservations where salon_id = '${salon}' and event <> 'created' order by position`;
    const { stdout } = await caudal(endpointUrl, 'sql', statement, '--format', 'csv');
    expect(stdout.trim().split(/\r?\n/)).toEqual(['event,reservation_id', 'completed,r-0', 'canceled,r-0']);
  });

  /** The table of streams, and what it holds, in the order of its keys. */
  function store() {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings(world.cloud.endpointUrl)));
    const TableName = output(world.cloud, 'CaudalData', 'StreamsTable');
    const scan = async () => {
      const items: Record<string, unknown>[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName })) items.push(...Items);
      const nameOf = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
      return items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    };
    const remove = ({ pk, sk }: Record<string, unknown>) =>
      client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    return { scan, remove };
  }

  test('build the emptied store again, logs and snapshots included, byte for byte', async () => {
    const { endpointUrl } = world.cloud;
    const { scan, remove } = store();
    const before = await scan();
    const kinds = ['commit', 'snapshot', 'entry'].map(
      (kind) => before.filter(({ sk }) => String(sk).startsWith(`${kind}#`)).length,
    );
    expect(kinds).toEqual([expect.any(Number), 1, expect.any(Number)]);
    expect(kinds[0]).toBeGreaterThanOrEqual(52);
    for (const item of before) await remove(item);
    expect(await scan()).toEqual([]);
    const rebuilt = await caudal(endpointUrl, 'replay', '--streams', '--lost');
    expect(rebuilt).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('✓ the store is what the raw log says'),
    });
    expect(await scan()).toEqual(before);
    // Again it changes nothing, and the next command takes the next position.
    expect((await caudal(endpointUrl, 'replay', '--streams')).stdout).toContain('0 written, ');
    expect((await command(salon, 'cancel', { reservationId: 'r-1' }, 'after')).value.position).toBe(53);
  });

  test('that somebody else sent for the next position become no commit, and what is lost beside them is built again', async () => {
    const { endpointUrl, services } = world.cloud;
    const key = { stream: 'reservations', id: salon };
    const { partition, position: last } = (await call(`/streams/reservations/${salon}`)).value;
    const position = last + 1;
    const events = [{ name: 'canceled', data: { reservationId: 'r-2' } }];
    const { entries } = (await call(`/log/${partition}`)).value;
    const named = { ...key, position, recordedAt: hour(0), events: ['canceled'] };
    const commit = { position, commandId: 'forged', digest: 'd', events };
    const moment = { occurredMs: Date.parse(named.recordedAt), recordedMs: Date.parse(named.recordedAt) };
    const lines = factLines(
      reservations,
      key,
      { ...commit, ...moment },
      {
        ...{ position: entries.length + 1, commits: [named] },
      },
    );
    const firehose = new FirehoseClient(clientSettings(endpointUrl));
    await firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: output(world.cloud, 'CaudalIngest', 'DeliveryStream'),
        Records: lines.map((line) => ({ Data: Buffer.from(`${line}\n`) })),
      }),
    );
    await services.firehose.flush();
    const { scan, remove } = store();
    const before = await scan();
    const commits = before.filter(
      ({ sk, pk }) => pk === `stream#reservations#${salon}` && `${sk}`.startsWith('commit#'),
    );
    await remove(commits[6] as Record<string, unknown>);
    const { status, stdout } = await caudal(endpointUrl, 'replay', '--streams');
    expect(stdout).toContain(
      `position ${position} of reservations/${salon} is not as the log of the store has it`,
    );
    expect(stdout).toContain('commits      1 written, ');
    expect(status).toBe(1);
    expect(await scan()).toEqual(before);
  });
});
