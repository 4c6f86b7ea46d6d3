import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planToons } from '../../core/toons/toon.ts';
import { AwsError, type Interceptor } from '../../local/engine/calls.ts';
import { compose, generateToons, type SyntheticToon } from '../../producer/toons/generate.ts';
import { JobClient, type JobState, type ToonOutcome } from '../../producer/toons/job-client.ts';
import { submitToons } from '../../producer/toons/submit.ts';
import { accessToken, clientSettings, type JobWorld, output, startJobWorld } from '../support/job-world.ts';

let world: JobWorld;
/** What is to be done with a call of ProcessToon to the jobs table; a worker whose call never comes back is as good as dead. */
let onToonWrite: (action: string) => Promise<void> = async () => {};
const interceptor: Interceptor = async ({ action, resource, accessKeyId, phase }) => {
  if (phase !== 'before' || !accessKeyId?.includes('ProcessToon') || !resource?.includes(':table/')) return;
  if (resource.endsWith(`/${output(world.cloud, 'CaudalData', 'JobsTable')}`)) await onToonWrite(action);
};

beforeAll(async () => {
  world = await startJobWorld({ interceptors: [interceptor] });
}, 240_000);
afterAll(() => world.close());

async function made(count: number, seed = 1): Promise<SyntheticToon[]> {
  const toons: SyntheticToon[] = [];
  for await (const toon of generateToons({ count, seed })) toons.push(toon);
  return toons;
}

async function ended(jobId: string, seen: JobState[] = []): Promise<JobState> {
  for (;;) {
    const job = await world.client.state(jobId);
    seen.push(job);
    if (job.state === 'Completed' || job.state === 'Failed') return job;
    await pause(100);
  }
}

async function results(jobId: string): Promise<ToonOutcome[]> {
  const found: ToonOutcome[] = [];
  for await (const outcome of world.client.results(jobId)) found.push(outcome);
  return found;
}

const documents = () =>
  DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings(world.cloud.endpointUrl)));
const record = async (pk: string, toonId: string) =>
  (
    await documents().send(
      new GetCommand({
        TableName: output(world.cloud, 'CaudalData', 'JobsTable'),
        Key: { pk: `toons#${pk}`, sk: `toon#${toonId}` },
      }),
    )
  ).Item;

describe('a job of 50 toons, one of them broken', () => {
  test('completes with 49 results and counts the one', async () => {
    const toons = await made(50);
    const [broken] = toons as [SyntheticToon];
    toons[0] = { ...broken, bytes: broken.bytes.subarray(0, broken.bytes.length / 2) };
    const { way, job } = await submitToons(world.client, { jobId: 'FIFTY', toons });
    expect(way).toBe('request');
    expect(job).toMatchObject({ state: 'Pending', total: 50 });
    expect(await ended('FIFTY')).toMatchObject({ state: 'Completed', total: 50, processed: 50, failed: 1 });

    const found = await results('FIFTY');
    expect(found).toHaveLength(50);
    expect(found.filter(({ state }) => state === 'Failed')).toMatchObject([
      { toonId: broken.id, type: 'image', reason: expect.stringMatching(/truncated|corrupt/) },
    ]);
    const counts = Object.fromEntries(
      Map.groupBy(found, ({ type }) => type)
        .entries()
        .map(([type, of]) => [type, of.length]),
    );
    const { audio: _, ...expected } = compose(50);
    expect(counts).toEqual(expected);
  });

  test('its thumbnails are links that work without a token', async () => {
    const found = (await results('FIFTY')) as (ToonOutcome & {
      result?: { thumbnail?: { url: string; width: number } };
    })[];
    const image = found.find(({ type, state }) => type === 'image' && state === 'Completed');
    const answer = await fetch(image?.result?.thumbnail?.url ?? '');
    expect(answer.status).toBe(200);
    const { format, width } = await sharp(await answer.arrayBuffer()).metadata();
    expect({ format, width }).toEqual({ format: 'webp', width: image?.result?.thumbnail?.width });
  });

  test('submitted again it is the same job, and nothing runs twice', async () => {
    const before = await record('FIFTY', 'binary-00001');
    const toons = await made(50);
    const [broken] = toons as [SyntheticToon];
    toons[0] = { ...broken, bytes: broken.bytes.subarray(0, broken.bytes.length / 2) };
    const { job } = await submitToons(world.client, { jobId: 'FIFTY', toons });
    expect(job).toMatchObject({ state: 'Completed', processed: 50, failed: 1 });
    expect(await record('FIFTY', 'binary-00001')).toEqual(before);
    await expect(submitToons(world.client, { jobId: 'FIFTY', toons: toons.slice(1) })).rejects.toThrow('409');
  });

  test('a notice is in the queue, with the attributes that filters choose by', async () => {
    const queue = new SQSClient(clientSettings(world.cloud.endpointUrl));
    const QueueUrl = output(world.cloud, 'CaudalJobs', 'JobQueue');
    const { Messages: [message] = [] } = await queue.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ['All'] }),
    );
    expect(JSON.parse(message?.Body ?? '{}')).toMatchObject({
      jobId: 'FIFTY',
      state: 'Completed',
      summary: { total: '50', processed: '50', failed: '1' },
    });
    expect(message?.MessageAttributes).toMatchObject({
      state: { StringValue: 'Completed' },
      toonTypes: { StringValue: '["binary","image","message","telemetry"]' },
      failedToons: { StringValue: '1' },
    });
    await queue.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  });
});

test('a job of 2,000 toons completes, and its progress only grows', async () => {
  const { way } = await submitToons(world.client, { jobId: 'MANY', toons: await made(2000, 7) });
  expect(way).toBe('manifest');
  const seen: JobState[] = [];
  expect(await ended('MANY', seen)).toMatchObject({ state: 'Completed', processed: 2000, failed: 0 });
  const progress = seen.map(({ processed }) => processed);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(new Set(progress).size).toBeGreaterThan(3);
  expect(new Set((await results('MANY')).map(({ toonId }) => toonId)).size).toBe(2000);
}, 240_000);

test('a redelivered toon is recorded once, even when nothing remembers the first delivery', async () => {
  const lambda = new LambdaClient(clientSettings(world.cloud.endpointUrl));
  const processToon = world.cloud.resources.find(
    ({ logicalId, type }) => type === 'AWS::Lambda::Function' && logicalId.includes('ProcessToon'),
  );
  const bucket = output(world.cloud, 'CaudalJobs', 'ToonsBucket');
  const [toon] = planToons('AGAIN', [
    { toonId: 't', type: 'binary', source: { bucket, key: 'toons/nobody/absent' } },
  ]);
  const deliver = async () => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: processToon?.ref, Payload: JSON.stringify(toon) }),
    );
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
  };
  const forget = async () => {
    const TableName = output(world.cloud, 'CaudalData', 'IdempotencyTable');
    const { Items: items = [] } = await documents().send(new ScanCommand({ TableName }));
    for (const { id } of items) await documents().send(new DeleteCommand({ TableName, Key: { id } }));
    return items.length;
  };
  expect(await deliver()).toEqual({ toonId: 't', state: 'Failed' });
  const first = await record('AGAIN', 't');
  expect(first).toMatchObject({ reason: 'not-found' });
  expect(await deliver()).toEqual({ toonId: 't', state: 'Failed' });
  expect(await forget()).toBeGreaterThan(0);
  expect(await deliver()).toEqual({ toonId: 't', state: 'Failed' });
  expect(await record('AGAIN', 't')).toEqual(first);
});

test('workers that die in the middle, before a record or between a record and its count, lose no toon', async () => {
  const dead = Promise.withResolvers<void>();
  const stuck: string[] = [];
  onToonWrite = async (action) => {
    // PutItem writes a record, UpdateItem counts it. One call of each never comes back.
    if (stuck.includes(action) || !['PutItem', 'UpdateItem'].includes(action)) return;
    stuck.push(action);
    await dead.promise;
  };
  await submitToons(world.client, { jobId: 'KILLED', toons: await made(30, 5) });
  const job = await ended('KILLED');
  onToonWrite = async () => {};
  dead.resolve();
  expect(stuck.sort()).toEqual(['PutItem', 'UpdateItem']);
  expect(job).toMatchObject({ state: 'Completed', processed: 30, failed: 0 });
  expect(await results('KILLED')).toHaveLength(30);
}, 180_000);

test('what can not be retried is recorded by the state machine, unless there is a record', async () => {
  const refused: string[] = [];
  onToonWrite = async (action) => {
    // A record that can't be written, and another toon's count after its record was.
    if (refused.includes(action) || !['PutItem', 'UpdateItem'].includes(action)) return;
    refused.push(action);
    throw new AwsError('AccessDeniedException', 'refused on purpose', { status: 400 });
  };
  await submitToons(world.client, { jobId: 'REFUSED', toons: await made(12, 9) });
  const job = await ended('REFUSED');
  onToonWrite = async () => {};
  expect(refused.sort()).toEqual(['PutItem', 'UpdateItem']);
  expect(job).toMatchObject({ state: 'Completed', processed: 12, failed: 1 });
  const found = await results('REFUSED');
  expect(found).toHaveLength(12);
  expect(found.filter(({ state }) => state === 'Failed')).toMatchObject([
    { reason: 'internal-error', detail: 'processing was given up: AccessDeniedException', durationMs: 0 },
  ]);
  expect(JSON.stringify(found)).not.toContain('refused on purpose');
});

test('a job that can not go on is Failed, and says so by a notice', async () => {
  const bucket = output(world.cloud, 'CaudalJobs', 'ToonsBucket');
  const request = { bucket, key: 'jobs/GHOST/expired/request.json' };
  await new SFNClient(clientSettings(world.cloud.endpointUrl)).send(
    new StartExecutionCommand({
      stateMachineArn: output(world.cloud, 'CaudalJobs', 'JobMachine'),
      name: 'GHOST',
      input: JSON.stringify({ jobId: 'GHOST', request, toonTypes: ['image'] }),
    }),
  );
  // No client has submitted it: it is shown to who may see the jobs of all alone.
  const token = await accessToken(world.cloud, 'caudal/read caudal/jobs');
  const operator = new JobClient({ apiUrl: world.cloud.apiUrl, token: async () => token });
  await expect
    .poll(() => operator.state('GHOST').catch(() => undefined), { interval: 100 })
    .toMatchObject({ state: 'Failed', error: 'StagingMissing' });
  const queue = new SQSClient(clientSettings(world.cloud.endpointUrl));
  const QueueUrl = output(world.cloud, 'CaudalJobs', 'JobQueue');
  const notices: unknown[] = [];
  for (let tries = 0; tries < 20 && notices.length === 0; tries++) {
    const { Messages: messages = [] } = await queue.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 }),
    );
    notices.push(
      ...messages.map(({ Body }) => JSON.parse(Body ?? '')).filter(({ jobId }) => jobId === 'GHOST'),
    );
  }
  expect(notices).toMatchObject([
    { jobId: 'GHOST', state: 'Failed', error: 'StagingMissing', toonTypes: ['image'] },
  ]);
});

test('an upload is a toon by its key; a link takes the very bytes that were announced', async () => {
  const [toon] = (await made(6)) as [SyntheticToon];
  const { name, bytes, contentType } = toon;
  const [link, other] = await world.client.links([
    { name, bytes: bytes.length, contentType },
    { name: `other-${name}`, bytes: bytes.length + 1, contentType },
  ]);
  if (link === undefined || other === undefined) throw new Error('two links are expected');
  for (const header of ['x-amz-acl', 'x-amz-copy-source', 'x-amz-meta-a', 'x-amz-tagging'])
    await expect(
      world.client.upload({ ...link, headers: { ...link.headers, [header]: 'x' } }, bytes),
    ).rejects.toThrow('403');
  await world.client.upload(link, bytes);
  await expect(world.client.upload(other, bytes)).rejects.toThrow('403');
  // A link is good for one upload: what a job reads can't be exchanged behind its back.
  await expect(world.client.upload(link, Buffer.from(bytes).reverse())).rejects.toThrow('412');
  const { 'if-none-match': _, ...without } = link.headers;
  await expect(world.client.upload({ ...link, headers: without }, bytes)).rejects.toThrow('403');
  // With its checksum it takes these bytes and no others, whoever gets hold of it.
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const [bound] = await world.client.links([{ name, bytes: bytes.length, contentType, sha256 }]);
  if (bound === undefined) throw new Error('a link is expected');
  await expect(world.client.upload(bound, Buffer.from(bytes).reverse())).rejects.toThrow('400');
  const { 'x-amz-checksum-sha256': _sum, ...unbound } = bound.headers;
  await expect(world.client.upload({ ...bound, headers: unbound }, bytes)).rejects.toThrow('403');
  const another = createHash('sha256').update('another').digest('base64');
  const forged = { ...bound.headers, 'x-amz-checksum-sha256': another };
  await expect(world.client.upload({ ...bound, headers: forged }, bytes)).rejects.toThrow('403');
  await world.client.upload(bound, bytes);
  await world.client.submit({
    jobId: 'UPLOADED',
    toons: [
      { id: 'there', type: 'image', key: link.key },
      { id: 'never-sent', type: 'image', key: other.key },
    ],
  });
  expect(await ended('UPLOADED')).toMatchObject({ state: 'Completed', processed: 2, failed: 1 });
  expect(await results('UPLOADED')).toMatchObject([
    { toonId: 'never-sent', state: 'Failed', reason: 'not-found' },
    { toonId: 'there', state: 'Completed', bytes: bytes.length },
  ]);
});

test('a refused submission leaves no job', async () => {
  const [toon] = (await made(6)) as [SyntheticToon];
  onToonWrite = async () => {};
  const types = ['image', 'song'];
  await expect(
    world.client.submit({ jobId: 'WRONG', toons: types.map((type) => ({ type, content: 'AAAA' })) }),
  ).rejects.toThrow(/toons\[1\]\.type/);
  await expect(world.client.submit({ jobId: 'WRONG', manifest: `toons/other/${toon.name}` })).rejects.toThrow(
    '400',
  );
  await expect(world.client.state('WRONG')).rejects.toThrow('404');
});

// The last one: after it the client gets no more links.
test('a client gets links for 50 GiB within a day, of which it is told, and no more', async () => {
  const files = Array.from({ length: 64 }, (_, number) => ({
    name: `f${number}`,
    bytes: 32 * 1024 * 1024,
    contentType: 'image/png',
  }));
  let requests = 0;
  const asking = async () => {
    for (; requests < 30; requests++) await world.client.links(files);
  };
  await expect(asking()).rejects.toThrow(/429.* at most 53687091200 bytes within 24 hours.* from \d{4}-/);
  expect([24, 25]).toContain(requests); // the tests above have had a few bytes
});
