import { DeleteCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caudal, reading } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';

/**
 * An installation as a version before pages left it: partitions and ledgers as they are, an item for each series and period, alerts by
 * series.
 */
const sensors = ['a', 'b', 'plant #3'];
const days = ['2025-06-01', '2025-06-02', '2025-07-01'];
const lines = sensors.flatMap((sensorId) =>
  days.map((day, index) =>
    reading(sensorId, `${day}T10:00:00.000Z`, {
      temperature: 10 + index,
      deviation: sensorId === 'a' ? 0.9 : 0.1,
    }),
  ),
);

let world: CloudWorld;
let alertsTable: string;
beforeAll(async () => {
  world = await startCloudWorld();
  alertsTable = world.cloud.outputs.CaudalData?.AlertsTable ?? '';
  await world.upload('landing/water-temperature/first.ndjson', `${lines.join('\n')}\n`);
  await world.settled(lines.length);
});
afterAll(() => world.close());

const run = (...args: string[]) => caudal(world.cloud.endpointUrl, ...args);

async function itemsOf(table: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const page of paginateScan({ client: world.documents }, { TableName: table }))
    items.push(...(page.Items ?? []));
  return items;
}

/** Takes the pages away, puts an item in their place, and keys the alerts by their series. */
async function goBack(): Promise<void> {
  const { documents, target } = world;
  for (const { pk, sk } of await itemsOf(target.statisticsTable))
    await documents.send(new DeleteCommand({ TableName: target.statisticsTable, Key: { pk, sk } }));
  for (const sensorId of sensors) {
    for (const sk of [...days.map((day) => `day#${day}`), 'month#2025-06', 'month#2025-07']) {
      const Item = { pk: `water-temperature#${sensorId}`, sk, version: 1, count: 1 };
      await documents.send(new PutCommand({ TableName: target.statisticsTable, Item }));
    }
  }
  for (const { pk, sk, shard, ...alert } of await itemsOf(alertsTable)) {
    await documents.send(new DeleteCommand({ TableName: alertsTable, Key: { pk, sk } }));
    const key = { pk: `water-temperature#${alert.sensorId}`, sk: `${alert.day}#${alert.rule}` };
    await documents.send(new PutCommand({ TableName: alertsTable, Item: { ...alert, ...key } }));
  }
}

const asked = async () => [
  await world.get('/datasets/water-temperature/statistics?period=month&from=2025-06&to=2025-07'),
  await world.get('/datasets/water-temperature/statistics?period=day&from=2025-06-01&to=2025-07-31&sensor=a'),
  await world.get('/datasets/water-temperature/sensors?month=2025-06'),
  await world.get('/datasets/water-temperature/alerts?from=2025-06-01&to=2025-07-31'),
];

it('prepares pages beside the items, and then brings all of an installation along, once', async () => {
  const before = await asked();
  const alerts = await itemsOf(alertsTable);
  expect(alerts).toHaveLength(3);
  await goBack();

  const prepared = await run('migrate', '--prepare');
  expect(prepared.stdout).toMatch(/3 partitions read, 5 pages written/);
  expect(prepared.stdout).toContain('✓ prepared: deploy this version');
  expect(prepared.status).toBe(0);
  expect((await itemsOf(alertsTable)).every(({ shard }) => shard === undefined)).toBe(true);
  expect(await asked()).toEqual(before); // the deployed version after that

  const migrated = await run('migrate');
  expect(migrated.stdout).toMatch(/3 alerts moved/);
  expect(migrated.stdout).toMatch(/3 partitions read, 0 pages written/);
  expect(migrated.stdout).toMatch(/15 items of the earlier version removed/);
  expect(migrated.stdout).toContain('✓ everything agrees');
  expect(migrated.status).toBe(0);
  expect(await asked()).toEqual(before);
  expect(await itemsOf(alertsTable)).toEqual(expect.arrayContaining(alerts));
  expect((await itemsOf(world.target.statisticsTable)).every(({ page }) => page !== undefined)).toBe(true);
  expect((await run('reconcile')).stdout).toContain('✓ everything agrees');

  const again = await run('migrate', '--json');
  expect(again.json()).toMatchObject({
    alerts: { moved: 0, unknown: [] },
    pages: { partitions: 3, written: 0 },
    items: { found: 0, removed: true },
    differences: [],
  });
});

it('loses nothing to executions that come before it: their month is whole, and nobody is notified again', async () => {
  await goBack();
  const more = reading('b', '2025-06-15T10:00:00.000Z', { temperature: 20, deviation: 0.2 });
  await world.upload('landing/water-temperature/second.ndjson', `${more}\n`);
  await world.settled(lines.length + 1);
  const [months] = (await asked()) as [{ statistics: { period: string; count: number }[] }];
  expect(months.statistics.find(({ period }) => period === '2025-06')?.count).toBe(7);
  const sent = (await itemsOf(alertsTable)).filter(({ shard }) => shard !== undefined);
  expect(sent.map(({ day, state }) => [day, state])).toEqual([
    ['2025-06-01', 'sent'],
    ['2025-06-02', 'sent'],
  ]);

  const ran = await run('migrate', '--json');
  expect(ran.json()).toMatchObject({
    alerts: { moved: 3 },
    items: { found: 15, removed: true },
    differences: [],
  });
  expect(await itemsOf(alertsTable)).toHaveLength(3);
  expect((await itemsOf(alertsTable)).every(({ shard, state }) => shard === 0 && state === 'sent')).toBe(
    true,
  );
});
