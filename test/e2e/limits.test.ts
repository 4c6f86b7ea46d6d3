import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasets } from '#datasets';
import { reconcile } from '../../operator/reconcile/reconcile.ts';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';

let world: CloudWorld;
beforeAll(async () => {
  // Some 20,000 writes in one call: a busy machine takes longer for them than the function may.
  world = await startCloudWorld({ timeoutFactor: 4 });
});
afterAll(() => world.close());

const line = (sensorId: string, minute = 0) =>
  `{"dataset":"water-temperature","sensorId":"${sensorId}","timestamp":"2025-06-01T12:${String(minute).padStart(2, '0')}:00.000Z","temperature":12.5,"deviation":0.1}\n`;

describe('readings at the limits', () => {
  it('takes 10,000 sensors in one batch, the longest series name and the longest key', async () => {
    const longest = 's'.repeat(128);
    const sensors = Array.from({ length: 9_999 }, (_, n) => `sensor-${n}`);
    const folder = 'landing/water-temperature/';
    const key = `${folder}${'k'.repeat(1_024 - folder.length - '.ndjson'.length)}.ndjson`;
    expect(Buffer.byteLength(key)).toBe(1_024);
    await world.upload(key, [...sensors, longest, `${longest}s`].map((id) => line(id)).join(''));
    await world.settled(10_001);

    const { statistics } = await world.get<{ statistics: { count: number; sensors: number }[] }>(
      '/datasets/water-temperature/statistics?period=month&from=2025-06&to=2025-06',
    );
    expect(statistics).toMatchObject([{ count: 10_000, sensors: 10_000 }]);
    const one = await world.get<{ statistics: { count: number }[] }>(
      `/datasets/water-temperature/statistics?period=month&from=2025-06&to=2025-06&sensor=${longest}`,
    );
    expect(one.statistics).toMatchObject([{ count: 1 }]);
    const result = await reconcile(world.ports, datasets);
    expect(result.differences).toEqual([]);
    expect([result.distinct, result.rejected]).toEqual([10_000, 1]);
  });
});

describe('the state of an execution', () => {
  /** A JSON text of so many bytes. */
  const input = (bytes: number) => `{"x":"${'x'.repeat(bytes - 8)}"}`;
  const start = (bytes: number) =>
    world.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: world.target.machineArn, input: input(bytes) }),
    );

  it('takes an input of 262,144 bytes and refuses one more', async () => {
    expect(input(262_144)).toHaveLength(262_144);
    const { executionArn } = await start(262_144);
    await expect(start(262_145)).rejects.toMatchObject({ name: 'ValidationException' });
    // What PlanIngest is given besides makes it too large, or it is no request: in either case it ends with a name.
    await expect
      .poll(async () => {
        const { status } = await world.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
        return status;
      })
      .toBe('FAILED');
    const { error } = await world.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    expect(['InvalidInput', 'States.DataLimitExceeded']).toContain(error);
  });
});

describe('a Firehose batch', () => {
  const put = (sizes: readonly number[]) =>
    new FirehoseClient({
      endpoint: world.cloud.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }).send(
      new PutRecordBatchCommand({
        DeliveryStreamName: 'caudal-readings',
        Records: sizes.map((size) => ({ Data: Buffer.alloc(size, '\n') })),
      }),
    );
  const mib = 1_048_576;
  const quarters = Array.from({ length: 4 }, () => 1_000 * 1_024);

  it.each<[string, number[]]>([
    ['500 records', Array(500).fill(10)],
    ['a record of 1,000 KiB', [1_000 * 1_024]],
    ['4 MiB', [...quarters, 4 * mib - 4 * 1_000 * 1_024]],
  ])('takes %s', async (_, sizes) => {
    expect(await put(sizes)).toMatchObject({ FailedPutCount: 0 });
  });

  it.each<[string, number[]]>([
    ['501 records', Array(501).fill(10)],
    ['a record of one byte over 1,000 KiB', [1_000 * 1_024 + 1]],
    ['one byte over 4 MiB', [...quarters, 4 * mib - 4 * 1_000 * 1_024 + 1]],
  ])('refuses %s', async (_, sizes) => {
    await expect(put(sizes)).rejects.toMatchObject({ $fault: 'client' });
  });
});
