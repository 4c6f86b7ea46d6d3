import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AwsError, accountId, arn, type Service } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';
import { createQueryService, members, nested } from '../../engine/protocol/query.ts';
import type { Sqs } from '../sqs/service.ts';
import {
  accepts,
  type PublishedMessage,
  queueBody,
  queueOptions,
  type Subscription,
  type TopicAttribute,
} from './delivery.ts';

interface PublishOptions {
  topicArn: string;
  message: string;
  subject?: string;
  attributes?: Record<string, TopicAttribute>;
}

/** SNS, standard topics. */
export interface Sns extends Service {
  createTopic(topic: { name: string }): { arn: string };
  /** The same topic, protocol and endpoint again replace the subscription's settings. */
  subscribe(
    subscription: Pick<Subscription, 'topicArn' | 'protocol' | 'endpoint'> &
      Partial<Pick<Subscription, 'rawDelivery' | 'filterPolicy' | 'filterPolicyScope'>>,
  ): { arn: string };
  /** Resolves when the message is in the log and in every subscribed queue. */
  publish(options: PublishOptions): Promise<{ messageId: string }>;
  /** Every message that was ever published, oldest first. */
  published(topicArn?: string): PublishedMessage[];
  close(): void;
}

const maxMessageBytes = 256 * 1024;
const maxBatchEntries = 10;

export interface SnsOptions {
  directory: string;
  queues: Sqs;
  /** Whether SNS may send to the subscription's queue; what it may not send is lost, as on AWS without a dead-letter queue. */
  mayDeliver?: (subscription: Subscription) => boolean;
}

export function createSns({ directory, queues, mayDeliver = () => true }: SnsOptions): Sns {
  const topics = new Set<string>();
  const log = new Journal<PublishedMessage>(join(directory, 'published.jsonl'));
  const saved = new Journal<Subscription>(join(directory, 'subscriptions.jsonl'));
  const messages = log.load();
  const subscriptions = new Map(saved.load().map((subscription) => [subscription.arn, subscription]));

  function check(topicArn: string): string {
    if (topics.has(topicArn)) return topicArn;
    throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
  }

  function publish({ topicArn, message, subject, attributes = {} }: PublishOptions): PublishedMessage {
    check(topicArn);
    if (message === '') throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message');
    if (Buffer.byteLength(message) > maxMessageBytes) {
      throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
    }
    if (subject !== undefined && (subject.length > 100 || /[^\x20-\x7e]/.test(subject))) {
      throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
    }
    const published: PublishedMessage = {
      messageId: randomUUID(),
      topicArn,
      message,
      ...(subject === undefined ? {} : { subject }),
      attributes,
      publishedMs: Date.now(),
    };
    log.append(published);
    messages.push(published);
    for (const subscription of subscriptions.values()) {
      if (subscription.topicArn !== topicArn || subscription.protocol !== 'sqs') continue;
      if (!accepts(subscription, published) || !mayDeliver(subscription)) continue;
      queues.send(
        subscription.endpoint,
        queueBody(subscription, published),
        queueOptions(subscription, published),
      );
    }
    return published;
  }

  function subscribe(wanted: Parameters<Sns['subscribe']>[0]): { arn: string } {
    const topicArn = check(wanted.topicArn);
    const same = [...subscriptions.values()].find(
      (each) =>
        each.topicArn === topicArn && each.protocol === wanted.protocol && each.endpoint === wanted.endpoint,
    );
    const subscription: Subscription = {
      rawDelivery: false,
      filterPolicyScope: 'MessageAttributes',
      ...wanted,
      arn: same?.arn ?? `${topicArn}:${randomUUID()}`,
    };
    // A policy that can't be evaluated is refused now, not at the first message.
    accepts(subscription, { message: '{}', attributes: {} });
    if (JSON.stringify(same) !== JSON.stringify(subscription)) saved.append(subscription);
    subscriptions.set(subscription.arn, subscription);
    return { arn: subscription.arn };
  }

  const row = ({
    arn: SubscriptionArn,
    topicArn: TopicArn,
    protocol: Protocol,
    endpoint: Endpoint,
  }: Subscription) => ({
    SubscriptionArn,
    Owner: accountId,
    Protocol,
    Endpoint,
    TopicArn,
  });

  const service = createQueryService({
    name: 'sns',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    maxBodyBytes: 2 * 1024 * 1024,
    resourceOf: (parameters) => parameters.get('TopicArn') ?? parameters.get('TargetArn') ?? undefined,
    operations: {
      Publish(parameters) {
        const topicArn = parameters.get('TopicArn') ?? parameters.get('TargetArn') ?? '';
        return { MessageId: publish({ topicArn, ...messageOf(parameters) }).messageId };
      },
      PublishBatch(parameters) {
        const topicArn = check(parameters.get('TopicArn') ?? '');
        const entries = members(parameters, 'PublishBatchRequestEntries.member').map(nested);
        if (entries.length === 0)
          throw new AwsError('EmptyBatchRequest', 'The batch request has no entries.');
        if (entries.length > maxBatchEntries) {
          throw new AwsError(
            'TooManyEntriesInBatchRequest',
            `The batch request has over ${maxBatchEntries} entries.`,
          );
        }
        const outcomes = entries.map((entry) => {
          const Id = entry.get('Id') ?? '';
          try {
            return { sent: { Id, MessageId: publish({ topicArn, ...messageOf(entry) }).messageId } };
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            return { failed: { Id, Code: error.code, Message: error.message, SenderFault: true } };
          }
        });
        return {
          Successful: { member: outcomes.flatMap(({ sent }) => (sent === undefined ? [] : [sent])) },
          Failed: { member: outcomes.flatMap(({ failed }) => (failed === undefined ? [] : [failed])) },
        };
      },
      ListTopics: () => ({ Topics: { member: [...topics].map((TopicArn) => ({ TopicArn })) } }),
      ListSubscriptionsByTopic(parameters) {
        const topicArn = check(parameters.get('TopicArn') ?? '');
        const found = [...subscriptions.values()].filter((each) => each.topicArn === topicArn);
        return { Subscriptions: { member: found.map(row) } };
      },
      Subscribe(parameters) {
        const attributes = Object.fromEntries(
          members(parameters, 'Attributes.entry').map((entry) => [
            entry.get('key'),
            entry.get('value') ?? '',
          ]),
        );
        const policy = attributes.FilterPolicy;
        const { arn: SubscriptionArn } = subscribe({
          topicArn: parameters.get('TopicArn') ?? '',
          protocol: parameters.get('Protocol') ?? '',
          endpoint: parameters.get('Endpoint') ?? '',
          rawDelivery: attributes.RawMessageDelivery === 'true',
          ...(policy === undefined ? {} : { filterPolicy: JSON.parse(policy) as Record<string, unknown> }),
          filterPolicyScope:
            attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes',
        });
        return { SubscriptionArn };
      },
    },
  });

  return {
    ...service,
    createTopic({ name }) {
      const topicArn = arn('sns', name);
      topics.add(topicArn);
      return { arn: topicArn };
    },
    subscribe,
    publish: async (options) => ({ messageId: publish(options).messageId }),
    published: (topicArn) => messages.filter((each) => topicArn === undefined || each.topicArn === topicArn),
    close() {
      log.close();
      saved.close();
    },
  };
}

function messageOf(parameters: URLSearchParams): Omit<PublishOptions, 'topicArn'> {
  const attributes = members(parameters, 'MessageAttributes.entry').map((entry): [string, TopicAttribute] => [
    entry.get('Name') ?? '',
    {
      type: entry.get('Value.DataType') ?? 'String',
      value: entry.get('Value.StringValue') ?? entry.get('Value.BinaryValue') ?? '',
    },
  ]);
  const subject = parameters.get('Subject');
  return {
    message: parameters.get('Message') ?? '',
    ...(subject === null ? {} : { subject }),
    attributes: Object.fromEntries(attributes),
  };
}
