import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { permissionsByService } from '../../local/engine/running-services.ts';
import { evaluate } from '../../local/iam/evaluate.ts';
import { loadPolicies } from '../../local/iam/load-policies.ts';
import { caudal } from '../support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { everyOptionOn, optionSets } from '../support/infra/option-sets.ts';
import { recordAbove } from '../support/sounding-alarms.ts';

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld({ assembly: await synthesize(root, undefined, { options: everyOptionOn }) });
  const rows = Array.from({ length: 20 }, (_, minute) => {
    const timestamp = new Date(Date.UTC(2024, 0, 23, 10, minute)).toISOString();
    return JSON.stringify({
      dataset: 'gadget-telemetry',
      sensorId: 'g-1',
      timestamp,
      battery: 50,
      signal: -70,
    });
  });
  await world.upload('landing/gadget-telemetry/options.jsonl', rows.join('\n'));
  await world.settled(20);
});
afterAll(() => world?.close());

test('with every option on the local cloud starts, and a file comes to the answer of the API', async () => {
  const page = await world.get('/datasets/gadget-telemetry/statistics?from=2024-01&to=2024-01');
  expect(JSON.stringify(page)).toContain('"count":20');
});

test.each([
  ['in a network of its own', true],
  ['in a network that is there', false],
])('%s it starts too', async (name, isMade) => {
  const assembly = await synthesize(root, undefined, { options: optionSets[name] ?? {} });
  const other = await startCloudWorld({ assembly });
  try {
    const parts = other.cloud.resources.filter(({ type }) => type.startsWith('AWS::EC2::'));
    expect(parts.length > 0).toBe(isMade);
    expect((await fetch(`${other.cloud.apiUrl}/health`)).status).toBe(200);
  } finally {
    await other.close();
  }
});

test('each resource of an option is there, or on the list of what the local cloud ignores', () => {
  const types = new Set(world.cloud.resources.map(({ type }) => type));
  expect(types).toContain('AWS::WAFv2::WebACL');
  expect(types).toContain('AWS::CloudTrail::Trail');
  const functions = world.cloud.resources.filter(
    ({ type, properties }) =>
      type === 'AWS::Lambda::Function' && properties.ReservedConcurrentExecutions !== undefined,
  );
  expect(functions).toHaveLength(5);
});

test('what a function calls comes from its VPC, and would be denied from elsewhere', () => {
  const { resources } = world.cloud;
  const policies = loadPolicies(resources, permissionsByService);
  const role = resources.find(({ logicalId }) => logicalId.startsWith('FunctionsMergePartitionRole'));
  const vpc = resources.find(({ type }) => type === 'AWS::EC2::VPC');
  const roleArn = role?.attributes?.Arn ?? '';
  const context = policies.contextOf(roleArn);
  expect(context).toMatchObject({ 'aws:principaltag/caudal:network': 'inside', 'aws:sourcevpc': vpc?.ref });
  const { CuratedBucket } = Object.assign({}, ...Object.values(world.cloud.outputs));
  const from = (vpcId: string | undefined) =>
    evaluate(
      {
        caller: { kind: 'role', arn: roleArn, session: 'elsewhere' },
        action: 's3:GetObject',
        resource: `arn:aws:s3:::${CuratedBucket}/curated/gadget-telemetry/shard=0/date=2024-01-23/data.parquet`,
        context: { 'aws:viaawsservice': 'false', ...context, 'aws:sourcevpc': vpcId ?? '' },
      },
      policies,
    );
  expect(from(vpc?.ref)).toEqual({ kind: 'allowed' });
  expect(from('vpc-elsewhere')).toMatchObject({ kind: 'denied', because: 'explicit-deny' });
});

describe('an alarm', () => {
  const stateOf = (name: string) =>
    world.cloud.services.cloudwatch.alarms().find(({ alarm }) => alarm.name === name)?.status.state;
  const outputs = () => Object.assign({}, ...Object.values(world.cloud.outputs)) as Record<string, string>;
  const toldOf = (topicArn: string | undefined) =>
    world.cloud.services.sns
      .published(topicArn)
      .flatMap(({ subject = '' }) => /^ALARM: "(.+)"/.exec(subject)?.[1] ?? []);

  test('of rejects sounds by what functions wrote to their logs', async () => {
    const { cloudwatch } = world.cloud.services;
    cloudwatch.evaluate();
    expect(stateOf('caudal-rejects-high')).toBe('OK');
    const bad = Array.from({ length: 40 }, (_, line) => `no reading ${line}`).join('\n');
    await world.upload('landing/gadget-telemetry/bad.jsonl', `${bad}\n`);
    await world.settled(20);
    cloudwatch.evaluate();
    expect(stateOf('caudal-rejects-high')).toBe('ALARM');
    expect(toldOf(outputs().AlertTopic)).toContain('caudal-rejects-high');
  });

  test.each([
    ['IngestMachine', 'caudal-ingest-failed'],
    ['JobMachine', 'caudal-jobs-failed'],
  ])('of a failed execution of %s sounds', async (machine, alarm) => {
    const { cloudwatch, stepFunctions } = world.cloud.services;
    const machineArn = outputs()[machine] ?? '';
    const name = stepFunctions.start(machineArn, '{"no": "input"}').split(':').at(-1) ?? '';
    await vi.waitUntil(() => stepFunctions.machine(machineArn).executions.get(name)?.status === 'FAILED', {
      timeout: 60_000,
    });
    cloudwatch.evaluate();
    expect(stateOf(alarm)).toBe('ALARM');
  });

  test.each([
    ['IngestDeadLetterQueue', 'caudal-dead-letters'],
    ['JobDeadLetterQueue', 'caudal-job-dead-letters'],
    ['BusDeadLetterQueue', 'caudal-bus-dead-letters'],
    ['DeviceErrorQueue', 'caudal-device-errors'],
    ['ReadingDeadLetterQueue', 'caudal-source-dead-letters'],
  ])('of what waits in %s sounds', (queue, alarm) => {
    const { cloudwatch, sqs } = world.cloud.services;
    cloudwatch.evaluate();
    expect(stateOf(alarm)).toBe('OK');
    sqs.send(outputs()[queue] ?? '', '{}');
    cloudwatch.evaluate();
    expect(stateOf(alarm)).toBe('ALARM');
  });

  test('of several at once pages once', () => {
    const { cloudwatch, sqs } = world.cloud.services;
    for (const queue of ['IngestDeadLetterQueue', 'JobDeadLetterQueue'])
      sqs.send(outputs()[queue] ?? '', '{}');
    cloudwatch.evaluate();
    expect(toldOf(outputs().PageTopic)).toEqual(['caudal-page']);
  });

  test('of any metric sounds above its threshold, and tells the topic of alerts, as its policy and its key let it', () => {
    const { cloudwatch } = world.cloud.services;
    const nowMs = Date.now();
    const all = cloudwatch.alarms().map(({ alarm }) => alarm);
    expect(all.length).toBeGreaterThan(20);
    for (const alarm of all) recordAbove(world.cloud, alarm, nowMs);
    cloudwatch.evaluate(nowMs);
    for (const { name } of all) expect([name, stateOf(name)]).toEqual([name, 'ALARM']);
    const told = new Set([...toldOf(outputs().AlertTopic), ...toldOf(outputs().PageTopic)]);
    expect([...told].sort()).toEqual(all.map(({ name }) => name).sort());
  });

  test("'s metrics, and how fresh datasets are, are answered to AWS's own client", async () => {
    const client = new CloudWatchClient({
      endpoint: world.cloud.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: 'Caudal' }));
    expect(new Set(Metrics.map(({ MetricName }) => MetricName))).toContain('ReadingAge');
    const metric = (Id: string, MetricName: string, dataset?: string) => ({
      Id,
      MetricStat: {
        Metric: {
          Namespace: 'Caudal',
          MetricName,
          ...(dataset === undefined ? {} : { Dimensions: [{ Name: 'dataset', Value: dataset }] }),
        },
        Stat: 'Maximum',
        Period: 3_600,
      },
    });
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 7_200_000),
        EndTime: new Date(Date.now() + 60_000),
        MetricDataQueries: [
          metric('added', 'AddedReadings'),
          metric('delay', 'ArrivalDelay', 'gadget-telemetry'),
        ],
      }),
    );
    const [added, delay] = MetricDataResults.map(({ Values = [] }) =>
      Values.reduce((a, b) => Math.max(a, b), -1),
    );
    expect(added).toBeGreaterThanOrEqual(20);
    expect(delay).toBeGreaterThanOrEqual(0);
    client.destroy();
  });
});

test('the logs of an execution have one id, from the object to the end of the merge', async () => {
  const { IngestMachine = '' } = Object.assign({}, ...Object.values(world.cloud.outputs));
  const ended = [...world.cloud.services.stepFunctions.machine(IngestMachine).executions.values()];
  const { name = '' } = ended.find(({ status }) => status === 'SUCCEEDED') ?? {};
  const { status, stdout } = await caudal(world.cloud.endpointUrl, 'logs', name, '--json');
  expect(status).toBe(0);
  const lines = JSON.parse(stdout) as { from: string; fields: Record<string, unknown> }[];
  expect(new Set(lines.map(({ from }) => from))).toEqual(
    new Set(['PlanIngest', 'ValidateSegment', 'PlanMerge', 'MergePartition', 'FinishIngest']),
  );
  expect(lines.find(({ from }) => from === 'ValidateSegment')?.fields.key).toMatch(
    /^landing\/gadget-telemetry\//,
  );
});

/** The commands of a block of sh in a page, each with its parts on one line. */
function commandsOf(page: string, beginning: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const block = [...text.matchAll(/^```sh\n(.*?)^```/gms)]
    .map(([, code = '']) => code)
    .find((code) => code.startsWith(beginning));
  return (block ?? '')
    .replaceAll(/\\\n\s*/g, '')
    .trim()
    .split('\n');
}

/** Runs `npm run <script> -- <arguments>` as a page shows it, in a directory of its own. */
async function typed(command: string, cwd: string): Promise<string> {
  const [, script = '', rest = ''] = /^npm run (\w+) -- (.*)$/.exec(command) ?? [];
  const program = script === 'caudal' ? 'operator/main.ts' : 'producer/main.ts';
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [join(root, program), ...rest.split(' ')], {
    cwd,
    env: { ...process.env, AWS_ENDPOINT_URL: world.cloud.endpointUrl, NO_COLOR: '1' },
  });
  return stdout;
}

test('a device is enrolled, publishes over TLS with its certificate and lands in months, by the commands of docs/devices.md', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'caudal-device-'));
  const { endpoint = '', authorityFile = '' } = world.cloud.mqtt ?? {};
  const here = (command: string) =>
    command
      .replace('localhost:8883', endpoint)
      .replace('.caudal/state/iot/ca.pem', authorityFile)
      .replace('--count 100', '--count 100 --start 2024-02-01T00:00:00Z');
  const [enrol = '', publish = '', list = ''] = commandsOf(
    'docs/devices.md',
    'npm run caudal -- devices --enrol mast-7',
  ).map(here);
  expect(await typed(enrol, directory)).toContain(`mqtts://${endpoint}/caudal/DATASET/mast-7`);
  expect(await typed(publish, directory)).toMatch(/acknowledged\s+100 in/);
  expect(await typed(list, directory)).toMatch(/mast-7\s.*ACTIVE/);
  await vi.waitUntil(
    async () => {
      const page = await world.get('/datasets/water-temperature/statistics?from=2024-02&to=2024-02');
      const counts = [...JSON.stringify(page).matchAll(/"count":(\d+)/g)].map(([, count]) => Number(count));
      return counts.reduce((sum, count) => sum + count, 0) >= 100;
    },
    { timeout: 120_000, interval: 1_000 },
  );
  expect(await typed('npm run caudal -- devices --revoke mast-7', directory)).toContain(
    '1 of its certificates',
  );
  await expect(typed(`${publish} --deadline 5s`, directory)).rejects.toThrow(/not acknowledged/);
  rmSync(directory, { recursive: true });
});

test('a message in the queue becomes a reading', async () => {
  const { ReadingQueue = '' } = Object.assign({}, ...Object.values(world.cloud.outputs));
  const line = {
    dataset: 'gadget-telemetry',
    sensorId: 'g-queue',
    timestamp: '2024-05-01T10:00:00Z',
    battery: 7,
    signal: -70,
  };
  world.cloud.services.sqs.send(ReadingQueue, JSON.stringify(line, null, 2));
  await vi.waitUntil(
    async () => {
      const page = await world.get('/datasets/gadget-telemetry/statistics?from=2024-05&to=2024-05');
      return JSON.stringify(page).includes('"count":1');
    },
    { timeout: 120_000, interval: 1_000 },
  );
});

test('a record of the stream of Kinesis becomes a reading, and reading it is measured', async () => {
  const { ReadingStream = '' } = Object.assign({}, ...Object.values(world.cloud.outputs));
  const line = { dataset: 'gadget-telemetry', sensorId: 'g-kinesis', battery: 7, signal: -70 };
  const lines = [1, 2, 3].map((hour) => JSON.stringify({ ...line, timestamp: `2024-06-01T0${hour}:00:00Z` }));
  const reach = {
    endpoint: world.cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const client = new KinesisClient({
    ...reach,
    requestHandler: new NodeHttpHandler(), // the client's own speaks HTTP/2
  });
  const put = (text: string) =>
    client.send(
      new PutRecordCommand({ StreamName: ReadingStream, PartitionKey: 'g-kinesis', Data: Buffer.from(text) }),
    );
  const metrics = new CloudWatchClient(reach);
  const recordsRead = async (): Promise<number> => {
    const { Metrics: [Metric] = [] } = await metrics.send(
      new ListMetricsCommand({ MetricName: 'DataReadFromKinesisStream.Records' }),
    );
    if (Metric === undefined) return 0;
    const { MetricDataResults = [] } = await metrics.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 7_200_000),
        EndTime: new Date(Date.now() + 60_000),
        MetricDataQueries: [{ Id: 'read', MetricStat: { Metric, Stat: 'Sum', Period: 3_600 } }],
      }),
    );
    return MetricDataResults[0]?.Values?.reduce((a, b) => a + b, 0) ?? 0;
  };
  const before = await recordsRead(); // as the tests of alarms made it
  await put(`${lines[0]}\n${lines[1]}\n`);
  await put(`${lines[2]}\n`);
  client.destroy();
  await vi.waitUntil(
    async () => {
      const page = await world.get('/datasets/gadget-telemetry/statistics?from=2024-06&to=2024-06');
      return JSON.stringify(page).includes('"count":3');
    },
    { timeout: 120_000, interval: 1_000 },
  );
  expect((await recordsRead()) - before).toBe(2);
  metrics.destroy();
});
