import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Served, scratch, serve, until } from '../../../test/support/local/harness.ts';
import { createS3 } from '../s3/service.ts';
import { readTransformer } from './input.ts';
import { type BusEvent, createEventBridge, type EventBridge } from './service.ts';

const queue = 'arn:aws:sqs:us-east-1:000000000000:q';
let place: ReturnType<typeof scratch>;
let events: EventBridge;
let served: Served;
let client: EventBridgeClient;
let delivered: [string, BusEvent][];
let failures: number;

function open(): EventBridge {
  return createEventBridge({
    directory: `${place.directory}/events`,
    deliver: async (arn, event) => {
      if (failures-- > 0) throw new Error('not now');
      delivered.push([arn, event as BusEvent]);
    },
  });
}

beforeEach(async () => {
  place = scratch();
  delivered = [];
  failures = 0;
  events = open();
  served = await serve([events]);
  client = new EventBridgeClient({ ...served.reach, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await served.close();
  await events.close();
  await place.remove();
});

const put = (Detail: object | string, more = {}) =>
  client.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: 'caudal',
          DetailType: 'IngestCompleted',
          Detail: typeof Detail === 'string' ? Detail : JSON.stringify(Detail),
          ...more,
        },
      ],
    }),
  );
const rule = (pattern: object, more = {}) =>
  events.putRule({ name: 'r', pattern, targets: [{ id: 't', arn: queue }], ...more });

test('an event reaches the targets of the rules that match it, in the shape of EventBridge', async () => {
  events.start();
  rule({ source: ['caudal'], detail: { jobId: [{ exists: true }] } });
  events.putRule({ name: 'other', pattern: { source: ['else'] }, targets: [{ id: 't', arn: 'arn:other' }] });
  events.putRule({
    name: 'off',
    pattern: { source: ['caudal'] },
    state: 'DISABLED',
    targets: [{ id: 't', arn: 'arn:off' }],
  });
  const Time = new Date('2026-01-02T03:04:05Z');
  const answer = await put({ jobId: 'j' }, { Time, Resources: ['arn:x'] });
  await events.idle();
  expect(answer.FailedEntryCount).toBe(0);
  expect(delivered).toEqual([
    [
      queue,
      {
        version: '0',
        id: answer.Entries?.[0]?.EventId,
        'detail-type': 'IngestCompleted',
        source: 'caudal',
        account: '000000000000',
        time: '2026-01-02T03:04:05Z',
        region: 'us-east-1',
        resources: ['arn:x'],
        detail: { jobId: 'j' },
      },
    ],
  ]);
});

test('a delivery that fails is repeated', async () => {
  events.start();
  rule({ source: ['caudal'] });
  failures = 2;
  await put({});
  await until('delivered at the third try', () => delivered.length === 1);
});

test('what was accepted is delivered by the next process', async () => {
  rule({ source: ['caudal'] });
  await put({ n: 1 });
  await events.close();
  events = open();
  expect(delivered).toEqual([]);
  events.start();
  await events.idle();
  expect(delivered.map(([, event]) => event.detail)).toEqual([{ n: 1 }]);
});

test('a target may take a constant or a part of the event', async () => {
  events.start();
  rule(
    { source: ['caudal'] },
    {
      targets: [
        { id: 'a', arn: 'arn:a', input: '{"k":1}' },
        { id: 'b', arn: 'arn:b', inputPath: '$.detail.x' },
      ],
    },
  );
  await put({ x: { y: 2 } });
  await events.idle();
  expect(Object.fromEntries(delivered)).toEqual({ 'arn:a': { k: 1 }, 'arn:b': { y: 2 } });
});

test('buses are apart, and an unknown one is an error', async () => {
  events.start();
  events.createBus({ name: 'own' });
  rule({ source: ['caudal'] }, { busName: 'own' });
  await put({});
  await put({ own: true }, { EventBusName: 'arn:aws:events:us-east-1:000000000000:event-bus/own' });
  await events.idle();
  expect(delivered.map(([, event]) => event.detail)).toEqual([{ own: true }]);
  await expect(put({}, { EventBusName: 'none' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('a malformed entry fails alone; more than 1 MiB is refused', async () => {
  const answer = await put('not json');
  expect([answer.FailedEntryCount, answer.Entries?.[0]?.ErrorCode]).toEqual([1, 'MalformedDetail']);
  await put({ x: 'x'.repeat(1_000_000) });
  await expect(put({ x: 'x'.repeat(1_100_000) })).rejects.toMatchObject({ name: 'ValidationException' });
});

test('rules are listed and described', async () => {
  rule({ source: ['caudal'] }, { description: 'd' });
  expect((await client.send(new ListRulesCommand({}))).Rules?.map(({ Name }) => Name)).toEqual(['r']);
  const described = await client.send(new DescribeRuleCommand({ Name: 'r' }));
  expect(described).toMatchObject({
    EventPattern: '{"source":["caudal"]}',
    State: 'ENABLED',
    Description: 'd',
  });
  const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: 'r' }));
  expect(Targets).toEqual([{ Id: 't', Arn: queue }]);
  await expect(client.send(new DescribeRuleCommand({ Name: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

describe('a schedule', () => {
  const schedule = 'rate(5 minutes)';
  const watch = 'arn:aws:lambda:us-east-1:000000000000:function:watch';
  afterEach(() => {
    vi.useRealTimers();
  });

  test('delivers an event each time, as AWS words it, while it is enabled and until the cloud ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const targets = [{ id: 't', arn: watch }];
    const { arn } = events.putRule({ name: 'each', schedule, targets });
    events.putRule({ name: 'off', schedule, targets, state: 'DISABLED' });
    events.start();
    await put({});
    vi.advanceTimersByTime(299_999);
    await events.idle();
    expect(delivered).toEqual([]);
    for (const ms of [1, 300_000]) {
      vi.advanceTimersByTime(ms);
      await events.idle();
    }
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [arn], detail: {} };
    expect(delivered).toMatchObject([
      [watch, event],
      [watch, event],
    ]);
    expect(await client.send(new DescribeRuleCommand({ Name: 'each' }))).toMatchObject({
      ScheduleExpression: schedule,
    });
    await client.send(new DisableRuleCommand({ Name: 'each' }));
    await client.send(new EnableRuleCommand({ Name: 'off' }));
    vi.advanceTimersByTime(300_000);
    await events.idle();
    expect(delivered.slice(2)).toMatchObject([[watch, { resources: [arn.replace('each', 'off')] }]]);
    await events.close();
    vi.advanceTimersByTime(900_000);
    expect(delivered).toHaveLength(3);
  });

  test.each([
    ['cron(0 6 4 * ? *)', '2026-10-31T12:00:00Z', ['2026-11-04T06:00:00Z', '2026-12-04T06:00:00Z']],
    ['cron(0 6 4 * ? *)', '2026-12-04T06:00:00Z', ['2027-01-04T06:00:00Z', '2027-02-04T06:00:00Z']],
    ['cron(30 23 * * ? *)', '2026-02-28T23:30:00Z', ['2026-03-01T23:30:00Z', '2026-03-02T23:30:00Z']],
  ])('%s is due after %s at %j, and its event says so', async (schedule, now, times) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: new Date(now) });
    const transformer = { paths: { time: '$.time' }, template: '{"of":"a","time":<time>}' };
    events.putRule({ name: 'r', schedule, targets: [{ id: 't', arn: watch, transformer }] });
    events.start();
    vi.advanceTimersByTime(70 * 86_400_000);
    await events.idle();
    expect(delivered.slice(0, 2)).toEqual(times.map((time) => [watch, { of: 'a', time }]));
  });

  test.each([
    [{ InputPathsMap: { time: '$.time[0]' }, InputTemplate: '{}' }, 'InputPathsMap has time'],
    [{ InputPathsMap: {}, InputTemplate: '{"time":<time>}' }, '<time>, which InputPathsMap does not name'],
    [{ InputPathsMap: { time: '$.time' }, InputTemplate: '"at <time' }, 'takes JSON'],
  ])('an input transformer %j is refused', (given, why) => {
    expect(() => readTransformer(given)).toThrow(why);
  });

  test.each([
    'cron(0 12 * * MON *)',
    'cron(0 24 4 * ? *)',
    'cron(0 12 31 * ? *)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'at(2026-01-01T00:00:00)',
  ])('that is %s is refused by name', (given) => {
    const put = () => events.putRule({ name: 'r', schedule: given, targets: [] });
    expect(put).toThrow(`does not support the ScheduleExpression ${given}`);
  });
});

describe('objects', () => {
  test('cause one event each, in the shape of S3, also when the process ended before it was published', async () => {
    const directory = `${place.directory}/s3`;
    const seen: BusEvent[] = [];
    const make = () =>
      createS3({
        directory,
        onObjectCreated: async (event) => {
          if (failures-- > 0) throw new Error('not now');
          seen.push(event);
        },
      });
    const first = make();
    first.createBucket({ name: 'raw', versioned: true, eventBridge: true });
    first.createBucket({ name: 'quiet' });
    const put = await first.putObject({ bucket: 'raw', key: 'raw/a b.gz', body: 'hello' });
    await first.putObject({ bucket: 'quiet', key: 'x', body: '' });
    expect(seen).toEqual([]);
    await first.close();
    const second = make();
    second.start();
    await until('published', () => seen.length === 1);
    expect(seen[0]).toMatchObject({
      version: '0',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '000000000000',
      region: 'us-east-1',
      resources: ['arn:aws:s3:::raw'],
      detail: {
        version: '0',
        bucket: { name: 'raw' },
        object: { key: 'raw/a b.gz', size: 5, etag: put.etag, 'version-id': put.versionId },
        reason: 'PutObject',
      },
    });
    failures = 1;
    await second.putObject({ bucket: 'raw', key: 'b', body: 'hello' });
    await until('published at the second try', () => seen.length === 2);
    const sequencers = seen.map(({ detail }) => (detail.object as { sequencer: string }).sequencer);
    expect(sequencers).toEqual(sequencers.toSorted());
    await second.close();
    const third = make();
    third.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(2);
    await third.close();
  });
});
