import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localDay } from '../../core/time/calendar.ts';
import { dayMs } from '../../core/time/duration.ts';
import { caudalIn } from '../support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';

let world: CloudWorld;
let firehose: FirehoseClient;
/** Lines that were sent so far. */
let lines = 0;
beforeAll(async () => {
  world = await startCloudWorld();
  firehose = new FirehoseClient({
    endpoint: world.cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  firehose?.destroy();
  await world?.close();
});

const stream = { DeliveryStreamName: 'caudal-readings' };
const verb = (...args: string[]) => caudalIn(root, world.cloud.endpointUrl, ...args);
async function settled(more: number): Promise<void> {
  lines += more;
  await world.settled(lines);
}

interface Day {
  period: string;
  sensorId: string;
  count: number;
  contested: number;
  measures: Record<string, { min: number; max: number }>;
}
async function daysOf(dataset: string, sensor: string, from: string, to: string): Promise<Day[]> {
  const query = new URLSearchParams({ period: 'day', from, to, sensor });
  return (await world.get<{ statistics: Day[] }>(`/datasets/${dataset}/statistics?${query}`)).statistics;
}

describe("Firehose's demo data", () => {
  /** As the AWS console sends it: no time, no dataset, no newline. */
  const tick = (symbol: string, price: number) =>
    `{"TICKER_SYMBOL":"${symbol}","SECTOR":"HEALTHCARE","CHANGE":-0.05,"PRICE":${price}}`;
  const record = (text: string) => ({ Data: Buffer.from(text) });
  /** Around now: the object may arrive on the other side of a midnight. */
  const days = () =>
    [-dayMs, dayMs].map((ms) => localDay('America/New_York', Date.now() + ms)) as [string, string];

  test('gets in with the time of its arrival, and what contradicts within one object is contested', async () => {
    await firehose.send(new PutRecordCommand({ ...stream, Record: record(tick('QXZ', 84.51)) }));
    await settled(1);
    const Records = [tick('ABC', 10), tick('WMT', 80), tick('WMT', 81), tick('ABC', 10)].map(record);
    expect((await firehose.send(new PutRecordBatchCommand({ ...stream, Records }))).FailedPutCount).toBe(0);
    await settled(4);
    expect(await daysOf('stock-ticks', 'QXZ', ...days())).toMatchObject([
      { count: 1, contested: 0, measures: { PRICE: { min: 84.51 } } },
    ]);
    expect(await daysOf('stock-ticks', 'ABC', ...days())).toMatchObject([{ count: 1, contested: 0 }]); // repeated
    expect(await daysOf('stock-ticks', 'WMT', ...days())).toMatchObject([{ count: 1, contested: 1 }]);
  });

  test('is the same in a recount and after a replay', async () => {
    const before = await daysOf('stock-ticks', 'WMT', ...days());
    const recounted = await verb('reconcile');
    expect([recounted.status, recounted.stdout]).toEqual([0, expect.stringContaining('agree')]);
    const [from = '', to = ''] = [-dayMs, dayMs].map((ms) => new Date(Date.now() + ms).toISOString());
    expect((await verb('replay', '--from', from.slice(0, 10), '--to', to.slice(0, 10))).status).toBe(0);
    await world.settled(lines);
    expect(await daysOf('stock-ticks', 'WMT', ...days())).toEqual(before);
    expect((await verb('reconcile')).status).toBe(0);
  });
});

describe('a time that can not be', () => {
  const gadget = (sensorId: string, timestamp: string) =>
    `${JSON.stringify({ dataset: 'gadget-telemetry', sensorId, timestamp, battery: 50, signal: -70 })}\n`;
  const hoursAhead = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

  test('is rejected by name, and the lines beside it are taken', async () => {
    const texts = [
      gadget('ahead', '2099-01-01T00:00:00Z'),
      gadget('unset', '1970-01-01T00:12:00Z'),
      gadget('sound', hoursAhead(20)),
      gadget('sound', hoursAhead(-1)),
    ];
    await firehose.send(new PutRecordCommand({ ...stream, Record: { Data: Buffer.from(texts.join('')) } }));
    await settled(4);
    const { stdout } = await verb('rejects', '--dataset', 'gadget-telemetry');
    expect(stdout).toContain('in-the-future');
    expect(stdout).toContain('at most 1 day after its arrival');
    expect(stdout).toContain('too-early');
    expect(stdout).toContain('from 2010-01-01 on, in UTC');
    const { sensors } = await world.get<{ sensors: { sensorId: string }[] }>(
      '/datasets/gadget-telemetry/sensors',
    );
    expect(sensors.map(({ sensorId }) => sensorId)).toEqual(['sound']);
  });

  test('is explained', async () => {
    const { stdout } = await verb('explain', 'gadget-telemetry', 'ahead', '2099-01-01T00:00:00Z');
    expect(stdout).toContain('in-the-future');
  });
});
