import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { changedTemplates } from '../support/changed-templates.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { accessToken, clientSettings, output } from '../support/job-world.ts';

const minuteMs = 60_000;
const options = {
  'caudal:kinesis': 'new',
  'caudal:staleAfter': 'water-temperature=60',
};

let world: CloudWorld;
let changed: { assembly: string; remove(): void };
let directory: string;
/** Names of alarms that sounded at any time. */
const sounded = new Set<string>();

beforeAll(async () => {
  changed = changedTemplates(await synthesize(root, undefined, { options }), {
    // Nothing may be written by the delivery streams, the pipe may start nothing, and functions may not read.
    CaudalIngest: ['s3:PutObject', 'states:StartExecution', 'dynamodb:Query', 's3:ListBucket'],
    CaudalSources: ['s3:PutObject'],
    CaudalApi: ['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:BatchGetItem'],
  });
  directory = mkdtempSync(join(tmpdir(), 'caudal-alarms-'));
  const start = () => startCloudWorld({ assembly: changed.assembly, directory });
  // An execution that began more than a day ago, and that a restart of the cloud finds running.
  world = await start();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 25 * 60 * minuteMs });
  world.cloud.services.stepFunctions.start(output(world.cloud, 'CaudalIngest', 'IngestMachine'), '[]');
  await world.close();
  vi.useRealTimers();
  world = await start();
  await happen();
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.close();
  changed?.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** What happens to an installation of which somebody changed the roles, over half an hour. */
async function happen(): Promise<void> {
  const { cloud } = world;
  const { stepFunctions, sqs, kinesis, firehose } = cloud.services;
  const reach = clientSettings(cloud.endpointUrl);
  const streams = new KinesisClient({ ...reach, maxAttempts: 1, requestHandler: new NodeHttpHandler() });
  const functions = new LambdaClient(reach);
  const machine = stepFunctions.machine(output(cloud, 'CaudalIngest', 'IngestMachine'));
  await vi.waitUntil(() => [...machine.executions.values()].every(({ status }) => status === 'TIMED_OUT'), {
    timeout: 60_000,
  });
  evaluate();
  const nowMs = Date.now();
  // The clock alone is set: what waits for a moment waits for it in truth.
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs - 26 * minuteMs });
  const token = await accessToken(cloud);
  const StreamName = output(cloud, 'CaudalSources', 'ReadingStream');
  const put = () =>
    streams.send(new PutRecordCommand({ StreamName, PartitionKey: 'a', Data: Buffer.from('{}\n') }));
  const waitsIn = (stream: string) =>
    firehose.load().some((each) => each.name === stream && each.oldestAgeMs > 0);
  firehose.put(output(cloud, 'CaudalIngest', 'DeliveryStream'), [Buffer.from('{}\n')]);
  await put();
  await vi.waitUntil(() => waitsIn('caudal-kinesis-new'), { timeout: 30_000 });
  kinesis.setPartialFailure({ rate: 1 });
  const queue = output(cloud, 'CaudalIngest', 'IngestQueue');
  const upload = async (name: string) => {
    await world.upload(`landing/water-temperature/${name}.jsonl`, '{}\n');
    // The pipe takes it, and those that it could not hand on before.
    await vi.waitUntil(() => sqs.counts(queue).inFlight > 0 && sqs.counts(queue).visible === 0, {
      timeout: 30_000,
    });
  };
  await upload('first');
  const nameOf = (part: string): string =>
    cloud.resources.find(
      ({ type, logicalId }) => type === 'AWS::Lambda::Function' && logicalId.includes(part),
    )?.ref ?? '';
  const paths = ['datasets/water-temperature/statistics?from=2024-01&to=2024-01', 'status', 'jobs/none'];
  for (const [index, before] of [14, 9, 4].entries()) {
    vi.setSystemTime(nowMs - before * minuteMs);
    await put().catch(() => {}); // refused
    for (const part of ['PlanIngest', 'PlanJob', 'WatchSilence', 'Relay'])
      await functions.send(new InvokeCommand({ FunctionName: nameOf(part), Payload: '{"no": "input"}' }));
    await fetch(`${cloud.apiUrl}/${paths[index]}`, { headers: { authorization: `Bearer ${token}` } });
    evaluate();
  }
  vi.setSystemTime(nowMs - minuteMs);
  await upload('last');
  vi.useRealTimers();
  streams.destroy();
  evaluate();
}

function evaluate(): void {
  const { cloudwatch } = world.cloud.services;
  cloudwatch.evaluate();
  for (const { alarm, status } of cloudwatch.alarms()) if (status.state === 'ALARM') sounded.add(alarm.name);
}

test.each([
  ['caudal-api-errors', 'functions of the API may not read'],
  ['caudal-delivery-late', 'the delivery stream may not write'],
  ['caudal-ingest-functions-failed', 'functions go on failing'],
  ['caudal-ingest-timed-out', 'an execution takes longer than it may'],
  ['caudal-job-functions-failed', 'functions go on failing'],
  ['caudal-kinesis-delivery-late', 'the delivery stream of Kinesis may not write'],
  ['caudal-kinesis-throttled', 'Kinesis goes on refusing records'],
  ['caudal-log-late', 'the relay goes on failing, though it is called'],
  ['caudal-pipe-failed', 'the pipe may not start executions'],
  ['caudal-queue-late', 'messages wait in the queue'],
  ['caudal-silence-unwatched', 'who looks for silence goes on failing, though it is called'],
  ['caudal-stale-water-temperature', 'no reading comes'],
])('%s sounds where %s', (alarm) => {
  expect(sounded).toContain(alarm);
});

test('others do not sound by that', () => {
  for (const other of [
    'caudal-dead-letters',
    'caudal-jobs-failed',
    'caudal-rejects-high',
    'caudal-rule-failed',
  ])
    expect(sounded).not.toContain(other);
});
