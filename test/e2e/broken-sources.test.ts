import {
  DisableTopicRuleCommand,
  EnableTopicRuleCommand,
  IoTClient,
  UpdateProvisioningTemplateCommand,
} from '@aws-sdk/client-iot';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { PipesClient, StartPipeCommand, StopPipeCommand } from '@aws-sdk/client-pipes';
import { SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { deviceTemplateName } from '../../core/device-names.ts';
import { synthesize } from '../../demo/synthesize.ts';
import type { Check } from '../../operator/shared/checks.ts';
import { caudal } from '../support/caudal.ts';
import { changedTemplates } from '../support/changed-templates.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { certificateOf, connected } from '../support/iam/exercise-sources.ts';
import { clientSettings, output } from '../support/job-world.ts';

const minuteMs = 60_000;
const options = {
  'caudal:devices': true,
  'caudal:messageQueue': true,
  'caudal:kafka': 'readings@telemetry/0a1b2c3d-0000-4000-8000-000000000000-1',
  'caudal:kinesis': 'new',
};
/** What somebody took from the roles of `CaudalSources`. */
const taken = ['firehose:PutRecord', 'firehose:PutRecordBatch', 'kinesis:GetRecords'];

let world: CloudWorld;
let changed: { assembly: string; remove(): void };
let states: Record<string, string>;

beforeAll(async () => {
  changed = changedTemplates(await synthesize(root, undefined, { options }), {
    CaudalSources: taken,
  });
  world = await startCloudWorld({ assembly: changed.assembly });
  await breakAll();
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.close();
  changed?.remove();
});

const reach = () => clientSettings(world.cloud.endpointUrl);
const of = (name: string): string => output(world.cloud, 'CaudalSources', name);

/** Sends by each way in, over a quarter of an hour; then switches off what can be switched off. */
async function breakAll(): Promise<void> {
  const { cloud } = world;
  const { sqs, cloudwatch } = cloud.services;
  const kinesis = new KinesisClient({ ...reach(), requestHandler: new NodeHttpHandler() });
  const nowMs = Date.now();
  // The clock alone is set: what waits for a moment waits for it in truth.
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs - 16 * minuteMs });
  for (const before of [16, 14, 12, 10, 8, 6, 1]) {
    vi.setSystemTime(nowMs - before * minuteMs);
    await kinesis.send(
      new PutRecordCommand({ StreamName: of('ReadingStream'), PartitionKey: 'a', Data: Buffer.from('{}\n') }),
    );
    // A message that comes wakes the pipe, which then takes those again that it could not put before: five times each.
    sqs.send(of('ReadingQueue'), '{}');
    await vi.waitUntil(() => sqs.counts(of('ReadingQueue')).visible === 0, { timeout: 30_000 });
  }
  vi.useRealTimers();
  kinesis.destroy();
  const shown = await certificateOf(cloud, 'mast-9');
  await connected(cloud, 'mast-9', shown).catch(() => {}); // provisioned at that
  const device = await connected(cloud, 'mast-9', shown);
  await device.publishAsync('caudal/water-temperature/mast-9', '[]', { qos: 1 });
  await device.endAsync(true);
  await certificateOf(cloud, 'mast-0', new Date(nowMs - 24 * 60 * minuteMs));
  cloudwatch.evaluate();
  states = Object.fromEntries(cloudwatch.alarms().map(({ alarm, status }) => [alarm.name, status.state]));
  await new PipesClient(reach()).send(new StopPipeCommand({ Name: of('ReadingPipe') }));
  const iot = new IoTClient(reach());
  await iot.send(new DisableTopicRuleCommand({ ruleName: of('DeviceRule') }));
  await iot.send(
    new UpdateProvisioningTemplateCommand({ templateName: deviceTemplateName(undefined), enabled: false }),
  );
}

/** Runs `doctor`, or `status`. @returns the lines by name */
async function look(verb: 'doctor' | 'status'): Promise<{ status: number; lines: Record<string, Check> }> {
  const { status, json } = await caudal(world.cloud.endpointUrl, verb, '--json');
  const found = json<Check[] | { checks: Check[] }>();
  const checks = Array.isArray(found) ? found : found.checks;
  return { status, lines: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

test('alarms sound by roles that may not: of the pipe, of what it gave up, of the stream of Kinesis, of devices', () => {
  expect(states).toMatchObject({
    'caudal-source-pipe-failed': 'ALARM',
    'caudal-source-dead-letters': 'ALARM',
    'caudal-kinesis-behind': 'ALARM',
    'caudal-device-errors': 'ALARM',
    'caudal-pipe-failed': 'OK',
  });
});

test('doctor names each thing that is wrong, and what to do', async () => {
  const { status, lines } = await look('doctor');
  expect(status).toBe(1);
  const pipe = of('ReadingPipe');
  const wrong = (text: RegExp, fix: RegExp | string) => ({
    state: 'fail',
    text: expect.stringMatching(text),
    fix: typeof fix === 'string' ? expect.stringContaining(fix) : expect.stringMatching(fix),
  });
  expect(lines).toMatchObject({
    sources: { state: 'ok' },
    'source queue': wrong(/waiting.*the oldest for 1\d min/, 'caudal-source-pipe-failed'),
    'source pipe': wrong(new RegExp(`^${pipe} is STOPPED`), `aws pipes start-pipe --name ${pipe}`),
    'source letters': wrong(
      /^\d messages? given up/,
      'aws sqs start-message-move-task --source-arn arn:aws:sqs:',
    ),
    'Kafka pipe': wrong(/is STOPPED: .*no brokers/, 'aws pipes start-pipe --name '),
    'Kinesis stream': { state: 'ok', text: expect.stringContaining('ACTIVE, 4 shards') },
    'Kinesis delivery': wrong(
      /caudal-kinesis-new was refused .* Kinesis\.AccessDenied.*GetRecords/,
      'npm run deploy',
    ),
    'Kinesis reading': wrong(/put into .* caudal-kinesis-new read none/, 'increase-stream-retention-period'),
    'device rule': wrong(/^caudal is disabled/, 'aws iot enable-topic-rule --rule-name caudal'),
    'device errors': wrong(/^1 message of devices could not be put/, /receive-message.*caudal-device-errors/),
    'device policy': { state: 'ok' },
    provisioning: wrong(
      /is disabled.*\n.*ended on/s,
      'update-provisioning-template --template-name caudal-device --enabled',
    ),
  });
});

test('status has what is wrong of them, and not what is well', async () => {
  const { status, lines } = await look('status');
  expect(status).toBe(1);
  expect(Object.keys(lines)).toEqual(
    expect.arrayContaining(['source queue', 'source pipe', 'source letters', 'Kafka pipe', 'device rule']),
  );
  expect(lines).not.toHaveProperty('Kinesis stream');
});

test('what doctor says to do ends it', async () => {
  await new PipesClient(reach()).send(new StartPipeCommand({ Name: of('ReadingPipe') }));
  await new IoTClient(reach()).send(new EnableTopicRuleCommand({ ruleName: of('DeviceRule') }));
  const { sqs } = world.cloud.services;
  await new SQSClient(reach()).send(
    new StartMessageMoveTaskCommand({ SourceArn: sqs.arnOf(of('ReadingDeadLetterQueue')) }),
  );
  const { lines } = await look('doctor');
  expect(lines).toMatchObject({
    'source pipe': { state: 'ok' },
    'source letters': { state: 'ok' },
    'device rule': { state: 'ok' },
  });
});
