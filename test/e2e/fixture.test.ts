import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';

const csv = readFileSync(join(root, 'test/fixtures/aquasense-2023-11.csv'), 'utf8');
const [header = '', ...lines] = csv.trimEnd().split('\n');
const months = JSON.parse(
  readFileSync(join(root, 'test/fixtures/aquasense-2023-11.expected.json'), 'utf8'),
) as {
  year: number;
  month: number;
  count: number;
  temperature: { mean: number };
  deviation: { max: number };
  maxdiff: number;
}[];

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld();
  await world.upload('landing/water-temperature/aquasense-2023-11.csv', csv);
  await world.settled(lines.length);
});
afterAll(() => world.close());

describe('a file in the landing prefix', () => {
  it.each(months)('gives the exact month $year-$month over the API', async (expected) => {
    const at = `year=${expected.year}&month=${expected.month}`;
    const temp = await world.get<{ mean: number; count: number }>(`/temp?${at}`);
    const sd = await world.get<{ maxDeviation: number }>(`/sd?${at}`);
    const maxdiff = await world.get<{ difference: number }>(`/maxdiff?${at}`);
    expect(temp.count).toBe(expected.count);
    expect(temp.mean).toBe(expected.temperature.mean);
    expect(sd.maxDeviation).toBe(expected.deviation.max);
    expect(maxdiff.difference).toBe(expected.maxdiff);
  });

  it('raises one alert, for 2024-01-23, and publishes it once', async () => {
    const { alerts } = await world.get<{ alerts: { day: string; sensorId: string; sentAt: string }[] }>(
      '/datasets/water-temperature/alerts?from=2023-11-01&to=2024-03-31',
    );
    expect(alerts.map(({ day, sensorId }) => [day, sensorId])).toEqual([['2024-01-23', 'aquasense']]);
    expect(alerts[0]?.sentAt).toBeTruthy();
    expect(world.cloud.services.sns.published()).toHaveLength(1);
  });

  it('changes no statistic and no alert when it comes again, or shuffled under another name', async () => {
    const before = await everythingKept();
    await world.upload('landing/water-temperature/aquasense-2023-11.csv', csv);
    await world.settled(2 * lines.length);
    const shuffled = [header, ...lines.toReversed()].join('\n');
    await world.upload('landing/water-temperature/another-name.csv', shuffled);
    await world.settled(3 * lines.length);
    expect(await everythingKept()).toEqual(before);
    expect(world.cloud.services.sns.published()).toHaveLength(1);
  });
});

/** Every partition file by key, since its bytes tell of the latest upload; every statistics and alert item. */
async function everythingKept() {
  const { target, s3, documents } = world;
  const { Versions: versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: target.curatedBucket, Prefix: 'curated/' }),
  );
  const alertsTable = world.cloud.outputs.CaudalData?.AlertsTable;
  const scan = async (table: string | undefined) =>
    (await documents.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items;
  return {
    files: [...new Set(versions.map(({ Key }) => Key))],
    statistics: await scan(target.statisticsTable),
    alerts: await scan(alertsTable),
  };
}
