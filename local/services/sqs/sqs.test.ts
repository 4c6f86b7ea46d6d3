import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Served, scratch, serve, until } from '../../../test/support/local/harness.ts';
import { createSqs, type Sqs } from './service.ts';

const { directory, remove } = scratch();
let queues: Sqs;
let served: Served;
let sqs: SQSClient;
let QueueUrl: string;
let deadLetters: string;

function open(): Sqs {
  const opened = createSqs({ directory, endpointUrl: () => served.reach.endpoint });
  return opened;
}

beforeAll(async () => {
  queues = createSqs({ directory, endpointUrl: () => served.reach.endpoint });
  served = await serve([queues]);
  const dead = queues.createQueue({ name: 'dead' });
  deadLetters = dead.url;
  const redrive = { deadLetterArn: dead.arn, maxReceiveCount: 2 };
  QueueUrl = queues.createQueue({ name: 'work', visibilityTimeoutSeconds: 30, redrive }).url;
  sqs = new SQSClient({ ...served.reach, maxAttempts: 1 });
});
beforeEach(async () => {
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
});
afterAll(async () => {
  sqs.destroy();
  await served.close();
  queues.close();
  await remove();
});

const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (more = {}, url = QueueUrl) =>
  (
    await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
        ...more,
      }),
    )
  ).Messages ?? [];

test('a message is received once, until it is deleted or becomes visible again', async () => {
  const before = Date.now();
  const MessageAttributes = {
    n: { DataType: 'Number', StringValue: '1' },
    b: { DataType: 'Binary', BinaryValue: Buffer.from([1]) },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'ñ\n{"a":1}', MessageAttributes }));
  const [message] = await receive({ MessageAttributeNames: ['All'] });
  expect(message).toMatchObject({
    Body: 'ñ\n{"a":1}',
    Attributes: { ApproximateReceiveCount: '1', SenderId: expect.any(String) },
  });
  expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual(['b', 'n']);
  expect(Number(message?.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(before);
  expect(await receive()).toEqual([]);
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  const [again] = await receive();
  expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  expect(queues.counts('work')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('a long poll answers as soon as there is a message', async () => {
  const began = Date.now();
  const waiting = receive({ WaitTimeSeconds: 20 });
  setTimeout(() => void send('late'), 100);
  expect((await waiting).map(({ Body }) => Body)).toEqual(['late']);
  expect(Date.now() - began).toBeLessThan(15_000);
});

test('a long poll sees a message whose visibility runs out', async () => {
  await send('x');
  await receive({ VisibilityTimeout: 1 });
  expect(await receive({ WaitTimeSeconds: 20 })).toHaveLength(1);
});

test('a receiver that hung up takes nothing', async () => {
  const gone = new AbortController();
  const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }), {
    abortSignal: gone.signal,
  });
  setTimeout(() => gone.abort(), 100);
  await expect(waiting).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await send('kept');
  expect(await receive()).toHaveLength(1);
});

test('a message received too often goes to the dead letters, with its id and body', async () => {
  const { MessageId } = await send('poison');
  await receive({ VisibilityTimeout: 0 });
  await receive({ VisibilityTimeout: 0 });
  expect(await receive()).toEqual([]);
  const [dead] = await receive({}, deadLetters);
  expect(dead).toMatchObject({
    MessageId,
    Body: 'poison',
    Attributes: { DeadLetterQueueSourceArn: queues.arnOf('work') },
  });
  queues.deleteMessage('dead', dead?.ReceiptHandle as string);
});

test('a delayed message comes later', async () => {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds: 2 }));
  expect(await receive()).toEqual([]);
  expect(queues.counts('work').delayed).toBe(1);
  expect(await receive({ WaitTimeSeconds: 20 })).toHaveLength(1);
});

describe('batches', () => {
  test('tell what failed and do the rest', async () => {
    const Entries = [
      { Id: 'a', MessageBody: 'fine' },
      { Id: 'b', MessageBody: 'bad \u0000' },
    ];
    const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect([Successful?.[0]?.Id, Failed?.[0]?.Code]).toEqual(['a', 'InvalidMessageContents']);
    const [message] = await receive();
    const gone = [{ Id: '1', ReceiptHandle: message?.ReceiptHandle }];
    const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: gone }));
    expect(deleted.Successful).toEqual([{ Id: '1' }]);
  });

  test('are 1 to 10 entries with distinct ids', async () => {
    const batch = (ids: number[]) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: ids.map((id) => ({ Id: `${id}`, MessageBody: 'x' })),
        }),
      );
    await expect(batch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(batch([...Array(11).keys()])).rejects.toMatchObject({
      name: 'TooManyEntriesInBatchRequest',
    });
    await expect(batch([1, 1])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
  });
});

test('a message of 1 MiB passes, one byte more does not', async () => {
  await send('x'.repeat(1024 * 1024));
  await expect(send('x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('queues are found and described', async () => {
  expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'work' }))).QueueUrl).toBe(QueueUrl);
  expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'w' }))).QueueUrls).toEqual([QueueUrl]);
  await send('x');
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '1',
    VisibilityTimeout: '30',
    QueueArn: queues.arnOf('work'),
  });
  expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toMatchObject({ maxReceiveCount: 2 });
  await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  });
});

test('messages and their receive counts survive a restart; what was in flight is visible', async () => {
  await send('one');
  const { MessageId } = await send('two');
  const [first] = await receive({ MaxNumberOfMessages: 1 });
  queues.deleteMessage('work', first?.ReceiptHandle as string);
  await receive();
  const reopened = open();
  reopened.createQueue({ name: 'work' });
  const [message] = await reopened.receive('work');
  expect(message).toMatchObject({
    messageId: MessageId,
    body: 'two',
    attributes: { ApproximateReceiveCount: '2' },
  });
  reopened.close();
});

test('a pipe takes more than ten at once, and stops waiting when told', async () => {
  for (let i = 0; i < 25; i++) queues.send('work', `${i}`);
  expect(await queues.receive('work', { max: 100 })).toHaveLength(25);
  const stop = new AbortController();
  const waiting = queues.receive('work', { waitSeconds: 60, signal: stop.signal });
  let done = false;
  void waiting.then(() => {
    done = true;
  });
  stop.abort();
  await until('the wait ended', () => done);
});
