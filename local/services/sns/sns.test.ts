import {
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Served, scratch, serve } from '../../../test/support/local/harness.ts';
import { createSqs, type Sqs } from '../sqs/service.ts';
import { createSns, type Sns } from './service.ts';

let place: ReturnType<typeof scratch>;
let queues: Sqs;
let topics: Sns;
let served: Served;
let sns: SNSClient;
let TopicArn: string;
let Endpoint: string;

beforeEach(async () => {
  place = scratch();
  queues = createSqs({ directory: `${place.directory}/sqs` });
  topics = createSns({ directory: `${place.directory}/sns`, queues });
  TopicArn = topics.createTopic({ name: 'alerts' }).arn;
  Endpoint = queues.createQueue({ name: 'q' }).arn;
  served = await serve([topics, queues]);
  sns = new SNSClient({ ...served.reach, maxAttempts: 1 });
});
afterEach(async () => {
  sns.destroy();
  await served.close();
  topics.close();
  queues.close();
  await place.remove();
});

const subscribe = (Attributes: Record<string, string> = {}) =>
  sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
const publish = (Message: string, more = {}) => sns.send(new PublishCommand({ TopicArn, Message, ...more }));
const bodies = async () => (await queues.receive('q')).map(({ body }) => body);

test('a message is logged and reaches the queue in its envelope', async () => {
  await subscribe();
  const MessageAttributes = { rule: { DataType: 'String', StringValue: 'high' } };
  const { MessageId } = await publish('ñ & <b>\n', { Subject: 'S', MessageAttributes });
  const [body = '{}'] = await bodies();
  expect(JSON.parse(body)).toMatchObject({
    Type: 'Notification',
    MessageId,
    TopicArn,
    Subject: 'S',
    Message: 'ñ & <b>\n',
    MessageAttributes: { rule: { Type: 'String', Value: 'high' } },
  });
  expect(topics.published(TopicArn)).toMatchObject([
    {
      messageId: MessageId,
      message: 'ñ & <b>\n',
      subject: 'S',
      attributes: { rule: { type: 'String', value: 'high' } },
    },
  ]);
});

test('raw delivery hands over the message and its attributes', async () => {
  await subscribe({ RawMessageDelivery: 'true' });
  await publish('raw', { MessageAttributes: { n: { DataType: 'Number', StringValue: '3' } } });
  expect(await queues.receive('q')).toMatchObject([
    { body: 'raw', messageAttributes: { n: { DataType: 'Number', StringValue: '3' } } },
  ]);
});

test('a filter policy on attributes lets through what matches', async () => {
  const policy = { rule: ['high', { prefix: 'low' }], n: [{ numeric: ['>', 2] }] };
  await subscribe({ RawMessageDelivery: 'true', FilterPolicy: JSON.stringify(policy) });
  const attributes = (rule: string, n: string) => ({
    MessageAttributes: {
      rule: { DataType: 'String', StringValue: rule },
      n: { DataType: 'Number', StringValue: n },
    },
  });
  await publish('yes', attributes('high', '3'));
  await publish('yes too', attributes('lower', '10'));
  await publish('no', attributes('high', '2'));
  await publish('nor this');
  expect(await bodies()).toEqual(['yes', 'yes too']);
});

test('a filter policy on the body reads the message as JSON', async () => {
  const FilterPolicy = JSON.stringify({ alert: { dataset: ['water'] } });
  await subscribe({ RawMessageDelivery: 'true', FilterPolicy, FilterPolicyScope: 'MessageBody' });
  await publish('{"alert":{"dataset":"water"}}');
  await publish('{"alert":{"dataset":"air"}}');
  await publish('not json');
  expect(await bodies()).toEqual(['{"alert":{"dataset":"water"}}']);
});

test('a batch tells what failed and publishes the rest', async () => {
  const PublishBatchRequestEntries = [
    { Id: 'a', Message: 'one', MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } } },
    { Id: 'b', Message: 'x'.repeat(256 * 1024 + 1) },
  ];
  const answer = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a']);
  expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter' }]);
  expect(topics.published()).toMatchObject([
    { message: 'one', attributes: { k: { type: 'String', value: 'v' } } },
  ]);
});

test('topics and subscriptions are listed; subscribing again is the same subscription', async () => {
  const first = await subscribe();
  const second = await subscribe({ RawMessageDelivery: 'true' });
  expect(second.SubscriptionArn).toBe(first.SubscriptionArn);
  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions).toMatchObject([
    { Protocol: 'sqs', Endpoint, SubscriptionArn: first.SubscriptionArn },
  ]);
  await expect(publish('x', { TopicArn: `${TopicArn}x` })).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

test('log and subscriptions survive a restart', async () => {
  await subscribe({ RawMessageDelivery: 'true' });
  await publish('before');
  const reopened = createSns({ directory: `${place.directory}/sns`, queues });
  reopened.createTopic({ name: 'alerts' });
  await reopened.publish({ topicArn: TopicArn, message: 'after' });
  expect(reopened.published().map(({ message }) => message)).toEqual(['before', 'after']);
  expect(await bodies()).toEqual(['before', 'after']);
  reopened.close();
});
