import { region } from '../../engine/calls.ts';
import { compileAlternatives, compilePattern } from '../eventbridge/pattern.ts';
import type { MessageAttribute } from '../sqs/queue.ts';

/** A message attribute as SNS has it. */
export interface TopicAttribute {
  type: string;
  value: string;
}

export interface PublishedMessage {
  messageId: string;
  topicArn: string;
  message: string;
  subject?: string;
  attributes: Record<string, TopicAttribute>;
  publishedMs: number;
}

export interface Subscription {
  arn: string;
  topicArn: string;
  /** `sqs` is delivered; other protocols are only listed. */
  protocol: string;
  /** The queue's ARN, or an address. */
  endpoint: string;
  rawDelivery: boolean;
  filterPolicy?: Record<string, unknown>;
  filterPolicyScope: FilterPolicyScope;
}

type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

/** Whether the subscription's filter policy lets the message through. Throws UnknownPatternOperator. */
export function accepts(
  { filterPolicy, filterPolicyScope }: Pick<Subscription, 'filterPolicy' | 'filterPolicyScope'>,
  { message, attributes }: Pick<PublishedMessage, 'message' | 'attributes'>,
): boolean {
  if (filterPolicy === undefined) return true;
  if (filterPolicyScope === 'MessageBody') {
    const matches = compilePattern(filterPolicy);
    const body = parse(message);
    return body !== undefined && matches(body);
  }
  return Object.entries(filterPolicy).every(([name, alternatives]) => {
    const matches = compileAlternatives(alternatives as unknown[]);
    const attribute = attributes[name];
    if (attribute === undefined) return matches(undefined);
    if (attribute.type.startsWith('Number')) return matches(Number(attribute.value));
    if (attribute.type.startsWith('String.Array')) return matches(parse(attribute.value));
    return matches(attribute.value);
  });
}

/** What a queue gets: the message itself with raw delivery, else SNS's envelope. */
export function queueBody({ rawDelivery, arn }: Subscription, published: PublishedMessage): string {
  if (rawDelivery) return published.message;
  const { messageId, topicArn, message, subject, attributes, publishedMs } = published;
  const wire = Object.entries(attributes).map(([name, { type, value }]) => [
    name,
    { Type: type, Value: value },
  ]);
  return JSON.stringify({
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: message,
    Timestamp: new Date(publishedMs).toISOString(),
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(wire.length === 0 ? {} : { MessageAttributes: Object.fromEntries(wire) }),
  });
}

/** With raw delivery the attributes become the queue message's. */
export function queueOptions(
  { rawDelivery }: Subscription,
  { attributes }: PublishedMessage,
): { attributes: Record<string, MessageAttribute> } {
  const entries = Object.entries(rawDelivery ? attributes : {}).map(([name, { type, value }]) => [
    name,
    type.startsWith('Binary')
      ? { DataType: type, BinaryValue: value }
      : { DataType: type, StringValue: value },
  ]);
  return { attributes: Object.fromEntries(entries) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
