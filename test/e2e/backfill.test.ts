import { setTimeout as pause } from 'node:timers/promises';
import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';

/**
 * A backfill: many files of the same months at once, in executions that overlap. What `bench/backfill.ts` measures at its whole size is
 * held here at a small one.
 */
const stations = Array.from({ length: 10 }, (_, index) => `station-${index}`);
const firstMs = Date.UTC(2025, 2, 1);
const days = 92;
const perDay = 24;

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld({ timeScale: 100 });
});
afterAll(() => world.close());

function fileOf(station: number): { key: string; body: string } {
  const sensorId = stations[station];
  const lines = Array.from({ length: days * perDay }, (_, index) =>
    JSON.stringify({
      ...{ dataset: 'water-temperature', sensorId },
      timestamp: new Date(firstMs + index * 3_600_000).toISOString(),
      temperature: (station * 100 + (index % 97)) / 64,
    }),
  );
  return { key: `landing/water-temperature/${sensorId}.ndjson`, body: `${lines.join('\n')}\n` };
}

it('rewrites each partition three times at the most, fails no execution, and counts every reading', async () => {
  for (const station of stations.keys()) {
    const { key, body } = fileOf(station);
    await world.upload(key, body);
    await pause(300); // so that a pipe takes them in several batches, one after the other
  }
  await world.settled(stations.length * days * perDay);

  const executions: (string | undefined)[] = [];
  const pages = paginateListExecutions(
    { client: world.stepFunctions },
    { stateMachineArn: world.target.machineArn },
  );
  for await (const page of pages) executions.push(...(page.executions ?? []).map(({ status }) => status));
  expect(executions.length).toBeGreaterThan(2);
  expect(new Set(executions)).toEqual(new Set(['SUCCEEDED']));

  const Bucket = world.target.curatedBucket;
  const Prefix = 'curated/dataset=water-temperature/date=';
  const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  expect(Contents.length).toBeGreaterThanOrEqual(days);
  for (const { Key } of Contents) {
    const { Metadata } = await world.s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(Number(Metadata?.version), `writes of ${Key}`).toBeLessThanOrEqual(3);
  }

  const span = 'period=month&from=2025-02&to=2025-07';
  for (const station of stations.keys()) {
    const { statistics } = await world.get<{ statistics: { count: number }[] }>(
      `/datasets/water-temperature/statistics?${span}&sensor=${stations[station]}`,
    );
    expect(statistics.reduce((sum, { count }) => sum + count, 0)).toBe(days * perDay);
  }
});
