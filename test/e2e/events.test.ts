import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { caudal } from '../support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { clientSettings } from '../support/job-world.ts';

/** Bookings of two salons by three ways, from the files to what the API, SQL and the verbs say of them; as docs/events.md has it. */

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld();
  await world.upload('landing/salon-bookings/may.csv', `${header}\n${rows.join('\n')}\n`);
  await world.upload('landing/salon-bookings/queue.sqs.json', payload);
  await world.upload('raw/2026/05/06/08/stream', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  await world.settled(rows.length + 1 + lines.length);
});
afterAll(() => world?.close());

const header = 'booking_id,booking_date,status,user_id,salon_id,employee_id,payment_id';
const instant = '2026-05-04T10:00:00Z';
/** Three events of salon 7 at one instant, one of them twice, and one line that says no status. */
const rows = [
  `1,${instant},created,3,7,2,`,
  `2,${instant},created,4,7,2,`,
  `2,${instant},created,4,7,2,`,
  `1,${instant},cancelled,3,7,2,`,
  `3,${instant},lost,4,7,2,`,
];
const page = readFileSync(join(root, 'docs', 'events.md'), 'utf8');
/** Of the page: booking 12 is created. */
const payload = /```json\n(.*)\n```/.exec(page)?.[1] ?? '';
const booking = { dataset: 'salon-bookings', salon_id: 7, user_id: 4, employee_id: 2 };
const lines = [
  { ...booking, booking_id: 2, booking_date: '2026-05-06T08:00:00Z', status: 'completed', payment_id: 90 },
  // Said already by a file, which came later than the stream; and differently by another line of it.
  { ...booking, booking_id: 2, booking_date: instant, status: 'created', employee_id: 1 },
  { ...booking, booking_id: 5, booking_date: '2026-06-01T08:00:00Z', status: 'created', salon_id: 8 },
];
interface Row {
  readonly period: string;
  readonly count: number;
  readonly counts: unknown;
}
const monthOf = async (month: string, more = '') => {
  const query = `period=month&from=${month}&to=${month}${more}`;
  return (await world.get<{ statistics: Row[] }>(`/datasets/salon-bookings/statistics?${query}`)).statistics;
};

test('events of one salon and time are told apart, counted by status, and merged over salons', async () => {
  expect(await monthOf('2026-05', '&sensor=7')).toMatchObject([
    { count: 5, contested: 0, measures: {}, counts: { status: { created: 3, completed: 1, cancelled: 1 } } },
  ]);
  expect(await monthOf('2026-06')).toMatchObject([{ sensors: 1, count: 1, counts: { status: { created: 1 } } }]);
}); // biome-ignore format: a step a line

test('the events themselves come page by page, also where a page ends between events of one time', async () => {
  const found: unknown[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ sensor: '7', from: '2026-05-04', to: '2026-05-31', limit: '1' });
    if (cursor !== null) query.set('cursor', cursor);
    const answer: { readings: Record<string, unknown>[]; cursor: string | null } = await world.get(
      `/datasets/salon-bookings/readings?${query}`,
    );
    found.push(...answer.readings.map(({ booking_id, status, payment_id, employee_id }) => [booking_id, status, payment_id, employee_id]));
    cursor = answer.cursor;
  } while (cursor !== null);
  expect(found).toEqual([
    [12, 'created', null, null],
    [1, 'cancelled', null, 2],
    [1, 'created', null, 2],
    [2, 'created', null, 2],
    [2, 'completed', 90, 2],
  ]);
}); // biome-ignore format: a step a line

test('what was sent adds up by a recount, and each event of a time is explained', async () => {
  const { endpointUrl } = world.cloud;
  const counted = await caudal(endpointUrl, 'reconcile', '--dataset', 'salon-bookings');
  expect([counted.status, counted.stdout]).toEqual([0, expect.stringMatching(/salon-bookings +2026-05\S* /)]);
  const { stdout, status } = await caudal(endpointUrl, 'explain', 'salon-bookings', '7', instant);
  expect(stdout.match(/It is stored/g)).toHaveLength(3);
  expect(stdout).toContain('It is stored, in the version that won over 1 more.');
  expect(stdout).toContain('status is "lost"; accepted: created, completed, cancelled');
  expect(status).toBe(0);
});

/** What salon 7's bookings come to, as of a moment. */
const projected = async (asOf: string) =>
  (await world.get<{ state: unknown }>(`/datasets/salon-bookings/projections/bookings?entity=7&asOf=${asOf}`))
    .state;

test('a projection is as of a moment, and its pages that are deleted, altered or of nothing are found and mended', async () => {
  const state = { createdBefore: { completed: 0, cancelled: 0 }, hoursToCompletion: null };
  // The creation of that instant comes before its cancellation, by the order of the states, although its identity does not.
  const atInstant = { created: 3, states: { created: 2, completed: 0, cancelled: 1 } };
  expect(await projected('2026-05-04T10:00:00Z')).toEqual({ ...state, ...atInstant });
  const later = await projected('2026-05-31T00:00:00Z');
  expect(later).toMatchObject({ states: { created: 1, completed: 1, cancelled: 1 }, hoursToCompletion: { mean: 46 } });

  const { cloud } = world;
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings(cloud.endpointUrl)));
  const TableName = cloud.outputs.CaudalData?.StatisticsTable ?? '';
  const { Items = [] } = await documents.send(
    new ScanCommand({
      TableName,
      FilterExpression: 'begins_with(pk, :pk) and begins_with(sk, :day)',
      ExpressionAttributeValues: { ':pk': 'salon-bookings+projections#', ':day': 'day-page#' },
    }),
  );
  const [deleted, altered] = Items.filter(({ sk }) => sk !== 'day-page#2026-06-01').sort((a, b) => (a.sk < b.sk ? -1 : 1));
  if (deleted === undefined || altered === undefined) throw new Error('salon 7 has pages of two days');
  await documents.send(new DeleteCommand({ TableName, Key: { pk: deleted.pk, sk: deleted.sk } }));
  await documents.send(new PutCommand({ TableName, Item: { ...altered, page: deleted.page } }));
  await documents.send(new PutCommand({ TableName, Item: { ...deleted, sk: 'day-page#2026-05-30' } }));
  const compare = (...more: string[]) => caudal(cloud.endpointUrl, 'reconcile', '--stores', '--dataset', 'salon-bookings', ...more);
  const found = await compare();
  expect(found.status).toBe(1);
  expect(found.stdout).toMatch(/salon-bookings\+projections 2026-05-04.*\n.*missing/);
  expect(found.stdout).toMatch(/salon-bookings\+projections 7 2026-05-06/);
  expect(found.stdout).toMatch(/salon-bookings\+projections 2026-05-30.*\n.*no reading that belongs on it/);
  const day = await caudal(cloud.endpointUrl, 'explain', 'salon-bookings', '7', instant);
  expect(day.stdout).toContain("the day's states of projections do not follow from the partition");
  await compare('--fix', '--yes');
  await expect.poll(async () => (await compare()).status, { timeout: 60_000, interval: 1_000 }).toBe(0);
  expect(await projected('2026-05-31T00:00:00Z')).toEqual(later);
}); // biome-ignore format: a step a line

test('SQL has typed columns under the names of the dataset', async () => {
  const statement = "select salon_id, booking_id, status, payment_id, typeof(booking_id) as type from salon_bookings where local_date = date '2026-05-06'";
  const { stdout, status } = await caudal(world.cloud.endpointUrl, 'sql', statement, '--json');
  expect(status).toBe(0);
  expect(stdout).toContain('"salon_id"');
  expect(stdout).toMatch(/"type":\s*"BIGINT"/);
}); // biome-ignore format: a step a line

test('the report of a month has a page for each salon, its numbers as data, and the same bytes again', async () => {
  const out = mkdtempSync(join(tmpdir(), 'caudal-reports-'));
  const { endpointUrl } = world.cloud;
  const written = async (...more: string[]) => {
    const { status, stdout } = await caudal(endpointUrl, 'report', 'salon-bookings', '--month', '2026-05', '--out', out, ...more);
    const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name)).sort();
    return { status, stdout, files: names.map((name) => [name, readFileSync(join(out, name)).toString('base64')] as const) };
  };
  try {
    expect((await written('--salon', '7')).files.map(([name]) => name)).toEqual(['salon-bookings/2026-05/pages/7.html']);
    const first = await written();
    expect([first.status, first.stdout]).toEqual([0, expect.stringContaining('index.html')]);
    expect(readFileSync(join(out, 'salon-bookings/2026-05/totals.csv'), 'utf8')).toBe(
      'salon_id,bookings,period_before,change_percent,completed,cancelled,cancelled_percent\n7,3,0,,1,1,33.3\n',
    );
    const page = readFileSync(join(out, 'salon-bookings/2026-05/pages/7.html'), 'utf8');
    expect(page).toContain('<dt>cancelled, %</dt><dd>33.3</dd>');
    expect((await written()).files).toEqual(first.files);
    expect((await written('--engine', 'athena')).files).toEqual(first.files);
    const yearly = await caudal(endpointUrl, 'report', 'salon-bookings', '--year', '2026', '--salon', '7', '--out', out);
    expect([yearly.status, yearly.stdout.trim()]).toEqual([0, join(out, 'salon-bookings/2026/pages/7.html')]);
    const ofYear = readFileSync(join(out, 'salon-bookings/2026/pages/7.html'), 'utf8');
    expect(ofYear).toContain('<dt>bookings</dt><dd>3</dd>');
    const alone = readFileSync(join(out, 'salon-bookings/2026-05/pages/7.html'), 'utf8');
    await written('--salon', '7');
    expect(readFileSync(join(out, 'salon-bookings/2026-05/pages/7.html'), 'utf8')).toBe(alone);
    expect(await caudal(endpointUrl, 'report', 'salon-bookings', '--out', out)).toMatchObject({ status: 2 });
    expect(await caudal(endpointUrl, 'report', 'salon-bookings', '--month', '2020-01', '--out', out)).toMatchObject({ status: 1 });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}); // biome-ignore format: a step a line

test('a withdrawn event counts nowhere, and the others of its time go on counting', async () => {
  const line = { ...booking, booking_id: 1, booking_date: instant, status: 'cancelled', withdrawn: true };
  await world.upload('landing/salon-bookings/sorry.ndjson', `${JSON.stringify(line)}\n`);
  await world.settled(rows.length + 1 + lines.length + 1);
  expect(await monthOf('2026-05', '&sensor=7')).toMatchObject([
    { count: 4, counts: { status: { created: 3, completed: 1 } } },
  ]);
});
