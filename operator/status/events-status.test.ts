import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-queries.ts';
import { createPageLister, createPageRemover } from '../../adapters/dynamodb/statistics-table.ts';
import { storedDays } from '../../adapters/s3/stored-days.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { logPartitionOf } from '../../core/streams/notification-log.ts';
import { unfoldedProjections } from '../../handlers/operations/status/unfolded-projections.ts';
import { AwsError } from '../../local/engine/calls.ts';
import { caudal } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';
import { accessToken, clientSettings, output } from '../../test/support/job-world.ts';
import type { Check } from '../shared/checks.ts';

/** What `status` and `doctor` say of streams and projections, with something of them broken. */

let world: CloudWorld;
/** Whether the delivery stream takes what the functions of streams send. */
let takesFacts = true;
const rows = ['03', '04', '05'].map((month) => `1,2026-${month}-10T10:00:00Z,created,3,7,2,`);
beforeAll(async () => {
  world = await startCloudWorld({
    interceptors: [
      async ({ action, phase }) => {
        if (phase === 'before' && action === 'PutRecordBatch' && !takesFacts)
          throw new AwsError('ServiceUnavailableException', 'Slow down.', { status: 503 });
      },
    ],
  });
  const header = 'booking_id,booking_date,status,user_id,salon_id,employee_id,payment_id';
  await world.upload('landing/salon-bookings/spring.csv', `${header}\n${rows.join('\n')}\n`);
  await world.settled(rows.length);
});
afterAll(() => world?.close());

const run = (...args: string[]) => caudal(world.cloud.endpointUrl, ...args);
async function checkOf(verb: 'status' | 'doctor', name: string): Promise<Check | undefined> {
  const ran = await run(verb, '--json');
  const found = ran.json<Check[] | { checks: Check[] }>();
  return ('checks' in found ? found.checks : found).find((check) => check.name === name);
}
const lineOf = async (name: string) =>
  (await world.get<{ lines: { name: string; state: string }[] }>('/status')).lines.find(
    (line) => line.name === name,
  );

test('a relay that is called, and has nothing to publish, is well', async () => {
  expect(await checkOf('doctor', 'relay')).toMatchObject({ state: 'ok' });
  expect(await checkOf('doctor', 'tables')).toMatchObject({ text: 'all 5 ACTIVE' });
  expect(await checkOf('status', 'relay')).toMatchObject({ state: 'ok', text: 'every commit is in its log' });
});

test('a commit that is not published, and a rule that calls nobody, are told until they are mended', async () => {
  const settings = clientSettings(world.cloud.endpointUrl);
  const events = new EventBridgeClient(settings);
  const Name = output(world.cloud, 'CaudalApi', 'RelayRule');
  await events.send(new DisableRuleCommand({ Name }));
  takesFacts = false;
  const stream = { stream: 'reservations', id: 'late' };
  const [slotStart, slotEnd] = [24, 25].map((n) => new Date(Date.now() + n * 3_600_000).toISOString());
  const data = { reservationId: 'r', employeeId: 'e', userId: 'u', slotStart, slotEnd };
  const answer = await fetch(`${world.cloud.apiUrl}/streams/reservations/late/commands`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await accessToken(world.cloud)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ commandId: 'c', name: 'create', data }),
  });
  expect(answer.status).toBe(201);
  expect(await checkOf('doctor', 'relay')).toMatchObject({
    state: 'fail',
    text: expect.stringContaining(`${Name} is DISABLED`),
    fix: expect.stringContaining(`aws events enable-rule --name ${Name}`),
  });
  expect(await checkOf('status', 'relay')).toMatchObject({
    state: 'fail',
    text: expect.stringMatching(/^1 commit in no log yet, .*: reservations\/late\/1; its rule is DISABLED$/),
    fix: expect.stringContaining(`aws events enable-rule --name ${Name}`),
  });
  await events.send(new EnableRuleCommand({ Name }));
  expect(await checkOf('status', 'relay')).toMatchObject({ state: 'ok' });

  // As if it had waited for six minutes.
  const TableName = output(world.cloud, 'CaudalData', 'StreamsTable');
  const { Items: [pending] = [] } = await world.documents.send(
    new QueryCommand({
      ...{ TableName, IndexName: 'pending', KeyConditionExpression: 'pending = :log' },
      ExpressionAttributeValues: { ':log': String(logPartitionOf(stream)) },
    }),
  );
  await world.documents.send(
    new UpdateCommand({
      ...{ TableName, Key: { pk: pending?.pk, sk: pending?.sk } },
      UpdateExpression: 'SET pendingSince = :since',
      ExpressionAttributeValues: { ':since': new Date(Date.now() - 360_000).toISOString() },
    }),
  );
  expect(await checkOf('status', 'relay')).toMatchObject({
    state: 'fail',
    text: expect.stringMatching(/^1 commit in no log yet, the oldest for 6 min .*: reservations\/late\/1$/),
    fix: 'docs/runbook.md, caudal-log-late',
  });
  expect(await lineOf('relay')).toMatchObject({ state: 'fault', see: 'docs/runbook.md#caudal-log-late' });
  expect((await run('status')).status).toBe(1);

  takesFacts = true;
  const relay = world.cloud.resources.find(
    ({ type, logicalId }) => type === 'AWS::Lambda::Function' && logicalId.includes('RelayCommits'),
  );
  await new LambdaClient(settings).send(new InvokeCommand({ FunctionName: relay?.ref, Payload: '{}' }));
  expect(await checkOf('status', 'relay')).toMatchObject({ state: 'ok', text: 'every commit is in its log' });
  await world.settled(rows.length + 1); // its event is ingested as any other
});

const bookings = datasets.find(({ name }) => name === 'salon-bookings') as Dataset;
async function unfolded(dataset: Dataset) {
  const statistics = createStatisticsQueries(world.documents, world.target.statisticsTable);
  return unfoldedProjections(
    statistics,
    dataset,
    await storedDays(world.s3, world.target.curatedBucket, dataset),
  );
}

test('a projection of a higher version than its pages is told with the months that an answer would be of', async () => {
  const [name = ''] = Object.keys(bookings.projections);
  const raised = (months: number): Dataset => ({
    ...bookings,
    projections: { [name]: { ...bookings.projections[name], months, version: 1_000 } as never },
  });
  expect(await unfolded(bookings)).toEqual([]);
  const of = { dataset: 'salon-bookings', projection: name, version: 1_000, missing: [] };
  expect(await unfolded(raised(13))).toEqual([{ ...of, outdated: ['2026-03', '2026-04', '2026-05'] }]);
  expect(await unfolded(raised(2))).toEqual([{ ...of, outdated: ['2026-04', '2026-05'] }]);
});

test('events that are in no state are told, and folded by the command that is', async () => {
  expect(await checkOf('status', 'projections')).toBeUndefined();
  const pages = createPageRemover(world.documents, world.target.statisticsTable);
  let removed = 0;
  const lister = createPageLister(world.documents, world.target.statisticsTable);
  for await (const page of lister.list('salon-bookings+projections')) {
    await pages.remove(page, page.n);
    removed++;
  }
  expect(removed).toBe(6);
  const found = await checkOf('status', 'projections');
  expect(found).toMatchObject({
    state: 'warn',
    text: expect.stringContaining('salon-bookings bookings: events of 2026-03 to 2026-05 are not folded yet'),
    fix: expect.stringMatching(/^while nothing .* reconcile --stores --dataset salon-bookings --fix$/),
  });
  expect(await lineOf('projections')).toMatchObject({ state: 'attention' });
  const command = found?.fix?.split('caudal -- ')[1]?.split(' ') ?? [];
  expect((await run(...command, '--yes')).status).toBe(0);
  expect(await checkOf('status', 'projections')).toBeUndefined();
});
