import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataReport, StatusReport } from '../handlers/operations/status/status-report.ts';
import { AwsError, type Call } from '../local/engine/calls.ts';
import { caudal, reading } from '../test/support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../test/support/cloud-world.ts';
import type { Check } from './shared/checks.ts';

/** Calls that are refused for the moment, for lack of permission. */
let refused: ((call: Call) => boolean) | undefined;
let world: CloudWorld;
const today = new Date().toISOString().slice(0, 10);
const lines = [1, 2, 3, 4].map((day) => reading('a', `2025-06-0${day}T10:00:00.000Z`, { deviation: 0.9 }));

beforeAll(async () => {
  world = await startCloudWorld({
    interceptors: [
      async (call) => {
        if (call.phase === 'before' && refused?.(call)) {
          throw new AwsError('AccessDenied', `${call.service}:${call.action} is denied`, { status: 403 });
        }
      },
    ],
  });
  await world.upload('landing/water-temperature/first.ndjson', `${lines.join('\n')}\n`);
  await world.settled(lines.length);
});
afterAll(() => world.close());

const run = (...args: string[]) => caudal(world.cloud.endpointUrl, ...args);
const output = (stack: string, name: string) => world.cloud.outputs[stack]?.[name] ?? '';

/** Everything that is stored, by its content. */
async function stores(): Promise<unknown> {
  const { Contents: files = [] } = await world.s3.send(
    new ListObjectsV2Command({ Bucket: world.target.curatedBucket, Prefix: 'curated/' }),
  );
  const tables = [world.target.statisticsTable, output('CaudalData', 'AlertsTable')];
  const items = await Promise.all(
    tables.map(async (TableName) => (await world.documents.send(new ScanCommand({ TableName }))).Items),
  );
  return { files: files.map(({ Key, ETag }) => [Key, ETag]), items };
}

async function executions(): Promise<{ name: string; status: string }[]> {
  const { executions: all = [] } = await world.stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: world.target.machineArn }),
  );
  return all.map(({ name = '', status = '' }) => ({ name, status }));
}

/** An upload whose execution can't read an object: the upload itself, when it is validated, or another. @returns the name of the execution that failed */
async function failOn(key: string, unreadable = key): Promise<string> {
  const before = new Set((await executions()).map(({ name }) => name));
  refused = ({ service, action, resource }) =>
    service === 's3' && action === 'GetObject' && resource?.endsWith(unreadable) === true;
  await world.upload(key, `${reading('b', '2025-06-05T10:00:00.000Z')}\n`);
  const failed = async () =>
    (await executions()).find(({ name, status }) => status === 'FAILED' && !before.has(name));
  await expect.poll(failed, { timeout: 60_000, interval: 250 }).toBeDefined();
  refused = undefined;
  return (await failed())?.name ?? '';
}

describe('replay', () => {
  it('--dry-run counts and starts nothing', async () => {
    const before = await executions();
    const { status, stdout } = await run('replay', '--from', today, '--to', today, '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toMatch(/before +1 object \(\d+ B\), 1 validated: 4 lines = 0 rejected \+ 4 valid/);
    expect(stdout).toContain('Nothing was started');
    expect(await executions()).toEqual(before);
  });

  it('changes nothing that is right', async () => {
    const before = await stores();
    const { status, stdout } = await run('replay', '--from', today, '--to', today);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /merged +0 readings added, 0 replaced, 4 repeated, 0 superseded, 0 contested, in 4 partitions; 0 new alerts, 0 sent/,
    );
    expect(stdout).toContain('✓ it changed no reading');
    expect(await stores()).toEqual(before);
  });

  it('takes a dataset alone, or the readings of some days, by what the ledgers tell', async () => {
    const of = async (...args: string[]) => {
      const { status, stdout } = await run('replay', '--dry-run', ...args);
      expect(status).toBe(0);
      return stdout;
    };
    expect(await of('--dataset', 'water-temperature')).toMatch(
      /objects that may have lines of water-temperature\nbefore +1 object /,
    );
    expect(await of('--dataset', 'stock-ticks')).toContain('There is nothing to replay.');
    const days = (day: string) => ['--by', 'readings', '--from', day, '--to', day];
    expect(await of(...days('2025-06-03'))).toMatch(
      /objects that have readings from 2025-06-03 to 2025-06-03\nbefore +1 object /,
    );
    expect(await of(...days('2025-06-05'))).toContain('There is nothing to replay.');
    const { status, stdout } = await run('replay', '--dataset', 'water-temperature', ...days('2025-06-01'));
    expect(status).toBe(0);
    expect(stdout).toContain('✓ it changed no reading');
    for (const wrong of [['--from', today], ['--by', 'readings', '--dataset', 'water-temperature'], []])
      expect((await run('replay', ...wrong)).status).toBe(2);
  });

  it('says when there is nothing, and what it takes', async () => {
    const none = await run('replay', '--from', '2020-01-01', '--to', '2020-01-31');
    expect(none.status).toBe(0);
    expect(none.stdout).toContain('There is nothing to replay.');
    expect((await run('replay')).stderr).toContain('Give --from and --to, --dataset, or all of them.');
    expect((await run('replay', '--from', '2020-13-01', '--to', '2020-01-31')).stderr).toMatch(
      /take days \(2026-01-31\)/,
    );
    expect((await run('replay', '--from', '2020-02-01', '--to', '2020-01-31')).status).toBe(2);
  });
});

describe('a failed execution', () => {
  it('is shown by status with its object, is run again by redrive, and then is mended', {
    timeout: 240_000,
  }, async () => {
    const name = await failOn('landing/water-temperature/denied.ndjson');
    const sick = await run('status');
    expect(sick.status).toBe(1);
    expect(sick.stdout).toMatch(/✗ executions +0 running, 1 failed in the last 14 days, 1 of them open/);
    expect(sick.stdout).toMatch(/landing\/water-temperature\/denied\.ndjson +SegmentForbidden: /);
    expect(sick.stdout).toContain(`npm run caudal -- redrive ${name}`);

    const shown = await run('executions', name);
    expect(shown.status).toBe(1);
    expect(shown.stdout).toMatch(
      /objects that were not validated:\n {2}landing\/water-temperature\/denied\.ndjson \(version \S+\)\n {4}SegmentForbidden: /,
    );

    const { status, stdout } = await run('redrive', name);
    expect(stdout).toContain('It ended in its Fail state IngestFailed');
    expect(stdout).toContain('run again as a new execution');
    expect(stdout).toMatch(new RegExp(`started +${name}-again-\\d{8}T\\d{6}Z`));
    expect(stdout).toMatch(/ended +SUCCEEDED/);
    expect(stdout).toMatch(/merged +1 reading added/);
    expect(status).toBe(0);

    const well = await run('status');
    expect(well.stdout).toMatch(
      /✓ executions +0 running, 1 failed in the last 14 days, all of them fixed since/,
    );
    expect(well.status).toBe(0);
    expect((await run('reconcile')).status).toBe(0);
  });

  it('names the item of a map that failed, with its error and cause', { timeout: 240_000 }, async () => {
    // A unit of the merge reads its partition: that is refused, which no retry of the map mends.
    const name = await failOn('landing/water-temperature/merged.ndjson', 'shard=0.parquet');
    const { stdout, status } = await run('executions', name);
    expect(status).toBe(1);
    expect(stdout).toMatch(/items that failed:\n {2}MergePartitions: \S+: .*denied/);
    expect(stdout).toMatch(
      /item {"jobId":"\S+","bucket":"\S+","units":\[{"dataset":"water-temperature",\S+}\]}/,
    );
    const told = (await run('executions', name, '--json')).json<{ failedChildren: { error: string }[] }>();
    expect(told.failedChildren).toHaveLength(1);
    expect((await run('redrive', name)).status).toBe(0);
  });

  it('that was stopped is continued where it was', { timeout: 240_000 }, async () => {
    const { executionArn } = await world.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: world.target.machineArn,
        name: 'stopped',
        input: JSON.stringify({ replay: { from: today, to: today } }),
      }),
    );
    await world.stepFunctions.send(new StopExecutionCommand({ executionArn }));
    const { status, stdout } = await run('redrive', 'stopped');
    expect(stdout).toMatch(/It stopped in the state \w+ and is continued there/);
    expect(stdout).toMatch(/continued +stopped/);
    expect(stdout).toMatch(/ended +SUCCEEDED/);
    expect(status).toBe(0);
  });

  it('refuses what needs no redrive, and what is not there', async () => {
    const succeeded = await run('redrive', 'stopped');
    expect(succeeded.status).toBe(1);
    expect(succeeded.stdout).toContain('there is nothing to redrive');
    const unknown = await run('redrive', 'nobody');
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain('There is no execution "nobody"');
    for (const args of [[], ['stopped', '--all']]) expect((await run('redrive', ...args)).status).toBe(2);
  });

  it('is run again with all others that are open', { timeout: 240_000 }, async () => {
    expect((await run('redrive', '--all')).stdout).toContain('No failed execution is open.');
    const first = await failOn('landing/water-temperature/one.ndjson');
    const second = await failOn('landing/water-temperature/two.ndjson');
    const { length } = await executions();
    const dry = await run('redrive', '--all', '--dry-run');
    expect(dry.status).toBe(0);
    expect(dry.stdout).toContain('2 executions open:');
    expect(dry.stdout.indexOf(first)).toBeLessThan(dry.stdout.indexOf(second));
    expect(await executions()).toHaveLength(length);
    const { status, stdout } = await run('redrive', '--all');
    expect(stdout).toContain('2 of 2 succeeded');
    expect(status).toBe(0);
    expect((await run('redrive', '--all')).stdout).toContain('No failed execution is open.');
  });
});

describe('dead letters', () => {
  const aboutObject = (object: object) =>
    JSON.stringify({
      ...{ source: 'aws.s3', 'detail-type': 'Object Created' },
      detail: { bucket: { name: world.target.rawBucket }, object },
    });
  const sendDead = (MessageBody: string, queue = 'IngestDeadLetterQueue') =>
    new SQSClient({
      endpoint: world.cloud.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }).send(new SendMessageCommand({ QueueUrl: output('CaudalIngest', queue), MessageBody }));

  it('are listed with what became of them, and sent back', { timeout: 240_000 }, async () => {
    const key = 'landing/water-temperature/lost.ndjson';
    await failOn(key);
    const { Versions: versions = [] } = await world.s3.send(
      new ListObjectVersionsCommand({ Bucket: world.target.rawBucket, Prefix: key }),
    );
    expect((await run('dead-letters', 'list')).stdout).toContain('There are no dead letters');
    await sendDead(aboutObject({ key, 'version-id': versions[0]?.VersionId }));
    await sendDead(aboutObject({ key: 'landing/water-temperature/gone.ndjson', 'version-id': 'x' }));
    await sendDead('not an event');

    const list = await run('dead-letters', 'list', '--json');
    expect(list.status).toBe(1);
    const since = list
      .json<{ about: string; since: string }[]>()
      .map((each) => [each.about.split('/').at(-1), each.since]);
    expect(since).toContainEqual(['lost.ndjson', 'failed: SegmentForbidden']);
    expect(since).toContainEqual(['gone.ndjson', 'the object, or that version of it, is gone']);
    expect(since).toContainEqual(['not an event', '']);
    expect((await run('status')).stdout).toMatch(/✗ dead letters +3 about objects/);

    const encrypted = { 'detail-type': 'Encrypted Events', detail: { 'encrypted-payload': 'x' } };
    await sendDead(JSON.stringify(encrypted), 'BusDeadLetterQueue');
    const ofBus = await run('dead-letters', 'list', '--queue', 'events');
    expect(ofBus.stdout).toContain('Encrypted Events');
    expect(ofBus.stdout).not.toContain('replay');
    expect((await run('status')).stdout).toContain('0 about jobs, 1 event of the bus');
    expect((await run('dead-letters', 'replay', '--queue', 'events')).status).toBe(2);
    expect((await run('dead-letters', 'drop', '--queue', 'events', '--yes')).stdout).toContain(
      '1 message deleted.',
    );

    const replayed = await run('dead-letters', 'replay');
    expect(replayed.stdout).toContain('2 messages sent back to the queue.');
    expect(replayed.stdout).toContain('1 message left');
    await expect
      .poll(async () => (await run('explain', 'water-temperature', 'b', '2025-06-05T10:00:00Z')).stdout, {
        timeout: 60_000,
      })
      .toContain(`${key} line 1\n    valid`);
    const left = await run('dead-letters', 'list');
    expect(left.stdout).toContain('not an event');
    expect(left.stdout).toContain('1 message.');
    expect(left.stdout).toContain('npm run caudal -- dead-letters drop');
  });

  it('about nothing are dropped when that is confirmed, and no others', { timeout: 240_000 }, async () => {
    const key = 'landing/water-temperature/kept.ndjson';
    await failOn(key);
    const { Versions: versions = [] } = await world.s3.send(
      new ListObjectVersionsCommand({ Bucket: world.target.rawBucket, Prefix: key }),
    );
    await sendDead(aboutObject({ key, 'version-id': versions[0]?.VersionId }));
    await sendDead(aboutObject({ key: 'landing/water-temperature/gone.ndjson', 'version-id': 'x' }));
    const dry = await run('dead-letters', 'drop', '--dry-run');
    expect(dry.status).toBe(0);
    expect(dry.stdout).toContain('not an event');
    expect(dry.stdout).toContain('gone.ndjson');
    expect(dry.stdout).not.toContain('kept.ndjson');
    expect(dry.stdout).toContain('2 messages would be deleted.');
    const unanswered = await run('dead-letters', 'drop');
    expect(unanswered.status).toBe(2);
    expect(unanswered.stderr).toContain('repeat with --yes');
    const dropped = await run('dead-letters', 'drop', '--yes');
    expect(dropped.stdout).toContain('2 messages deleted.');
    expect(dropped.status).toBe(0);
    const left = (await run('dead-letters', 'list', '--json')).json<{ about: string }[]>();
    expect(left).toEqual([expect.objectContaining({ about: expect.stringContaining('kept.ndjson') })]);
    expect((await run('dead-letters', 'replay')).stdout).toContain('1 message sent back');
    expect((await run('dead-letters', 'list', '--yes')).status).toBe(2);
  });

  it('says what it takes', async () => {
    expect((await run('dead-letters')).stderr).toContain('<action> is missing: one of list, replay, drop.');
    expect((await run('dead-letters', 'list', '--queue', 'toons')).status).toBe(2);
    expect((await run('dead-letters', 'list', '--queue', 'jobs')).stdout).toContain(
      'There are no dead letters in the jobs queue.',
    );
  });
});

describe('status', () => {
  it('gives machines everything', async () => {
    const report = (await run('status', '--json')).json<StatusReport & DataReport & { checks: Check[] }>();
    expect(report.stream.status).toBe('ACTIVE');
    expect(report.pipe?.state).toBe('RUNNING');
    expect(report.newest.find(({ dataset }) => dataset === 'water-temperature')).toMatchObject({
      timestampMs: Date.parse('2025-06-05T10:00:00Z'),
      sensorId: 'b',
    });
    expect(report.alerts.count).toBe(0);
  });
});

describe('doctor', () => {
  it('finds nothing wrong with an installation that is well', async () => {
    const { status, stdout } = await run('doctor');
    expect(stdout).not.toContain('✗');
    for (const name of [
      'caller',
      'clock',
      'stacks',
      'raw bucket',
      'rule',
      'pipe',
      'token',
      'permissions',
      'Lambda quota',
    ]) {
      expect(stdout).toContain(`✓ ${name}`);
    }
    expect(status).toBe(0);
  });

  it('names the permission that is missing, and which verb needs it', async () => {
    refused = ({ service, action }) => service === 'sqs' && action === 'DeleteMessage';
    const { status, stdout } = await run('doctor');
    refused = undefined;
    expect(stdout).toMatch(/✗ permissions +sqs:DeleteMessage on .* is denied/);
    expect(stdout).toContain('→ allow it; dead-letters replay needs it');
    expect(status).toBe(1);
  });

  it('goes on when one service does not answer it', async () => {
    refused = ({ service }) => service === 'events';
    const checks = (await run('doctor', '--json')).json<Check[]>();
    refused = undefined;
    expect(checks.find(({ name }) => name === 'rule')).toMatchObject({ state: 'fail' });
    expect(checks.find(({ name }) => name === 'pipe')).toMatchObject({ state: 'ok' });
  });
});

describe('every verb', () => {
  it('is listed, and has help with an example', async () => {
    const { stdout } = await run('--help');
    const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map((match) => match[1] ?? '');
    expect(names).toEqual([...names].sort());
    expect(names).toContain('doctor');
    const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
    const elsewhere = ['token', 'verify'];
    for (const name of names) {
      if (!elsewhere.includes(name)) expect(runbook).toContain(`\n## \`${name}\`\n`);
      const help = await run(name, '--help');
      expect(help.status).toBe(0);
      expect(help.stdout).toMatch(/^Usage: npm run (-s )?caudal -- /);
      expect(help.stdout).toContain('--json');
      expect(help.stdout).toMatch(/^Examples?:/m);
    }
  });
});
