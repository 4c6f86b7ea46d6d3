import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSqs, type Sqs } from '../local/services/sqs/service.ts';
import { type Served, scratch, serve } from '../test/support/local/harness.ts';
import { createIncomingObjects } from './sqs.ts';

const { directory, remove } = scratch();
let queues: Sqs;
let served: Served;
let client: SQSClient;
beforeAll(async () => {
  queues = createSqs({ directory, endpointUrl: () => served.reach.endpoint });
  served = await serve([queues]);
  client = new SQSClient({ ...served.reach, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await served.close();
  queues.close();
  await remove();
});

test('objects wait while their events are in the queue, also while the pipe gathers them', async () => {
  const { url: QueueUrl } = queues.createQueue({ name: 'objects', visibilityTimeoutSeconds: 30 });
  const incoming = createIncomingObjects(client, QueueUrl);
  expect(await incoming.areWaiting()).toBe(false);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
  expect(await incoming.areWaiting()).toBe(true);
  await client.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(await incoming.areWaiting()).toBe(true);
});

test('a queue that is not there is a fault by its name', async () => {
  const incoming = createIncomingObjects(client, `${served.reach.endpoint}/000000000000/none`);
  await expect(incoming.areWaiting()).rejects.toThrow(/QueueDoesNotExist|does not exist/);
});
