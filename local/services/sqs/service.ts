import { join } from 'node:path';
import { AwsError, accountId, arn, type Service } from '../../engine/calls.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import { attributesOf, bytesOf, checkBatch, messageOf } from './messages.ts';
import {
  type MessageAttribute,
  md5,
  md5OfAttributes,
  Queue,
  type QueueSettings,
  type Received,
} from './queue.ts';

export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  md5OfBody: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, MessageAttribute>;
}

/** SQS, standard queues. A queue is named by its name, ARN or URL. */
export interface Sqs extends Service {
  /** Queues come from the template at each start; their messages are read back from disk. */
  createQueue(settings: QueueSettings): { url: string; arn: string };
  /** On disk when it returns. */
  send(
    queue: string,
    body: string,
    options?: { attributes?: Record<string, MessageAttribute>; delaySeconds?: number },
  ): { messageId: string };
  /** `max` default 10, may be more here than SQS gives at once; waits `waitSeconds` (default 0) for the first. */
  receive(
    queue: string,
    options?: { max?: number; waitSeconds?: number; visibilityTimeoutSeconds?: number; signal?: AbortSignal },
  ): Promise<ReceivedMessage[]>;
  deleteMessage(queue: string, receiptHandle: string): void;
  changeVisibility(queue: string, receiptHandle: string, seconds: number): void;
  urlOf(queue: string): string;
  arnOf(queue: string): string;
  counts(queue: string): { visible: number; inFlight: number; delayed: number };
  /** What CloudWatch is told of each queue. */
  load(): { name: string; visible: number; oldestAgeMs: number }[];
  close(): void;
}

export function createSqs(options: { directory: string; endpointUrl?: () => string }): Sqs {
  const queues = new Map<string, Queue>();
  const endpointUrl = options.endpointUrl ?? (() => 'http://127.0.0.1:4566');

  function find(reference: string): Queue {
    const name = reference.split(/[/:]/).at(-1) ?? '';
    const queue = queues.get(name);
    if (queue !== undefined) return queue;
    throw new AwsError('QueueDoesNotExist', `The specified queue does not exist: ${name}`, {
      headers: { 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' },
    });
  }

  const urlOf = (queue: string) => `${endpointUrl()}/${accountId}/${find(queue).settings.name}`;
  const arnOf = (queue: string) => arn('sqs', find(queue).settings.name);

  function sendOne(queue: Queue, entry: JsonInput) {
    const attributes = (entry.MessageAttributes ?? {}) as Record<string, MessageAttribute>;
    const body = messageOf(entry, queue.settings.maximumMessageBytes);
    const message = queue.send(body, { attributes, delaySeconds: entry.DelaySeconds });
    const attributesMd5 = md5OfAttributes(attributes);
    return {
      MessageId: message.id,
      MD5OfMessageBody: md5(body),
      ...(attributesMd5 === undefined ? {} : { MD5OfMessageAttributes: attributesMd5 }),
    };
  }

  /** Each entry by itself: one that fails is listed in `Failed`, the others go on. */
  function batch(entries: JsonInput[], run: (entry: JsonInput) => object) {
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of checkBatch(entries)) {
      try {
        Successful.push({ Id: entry.Id, ...run(entry) });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
      }
    }
    return { Successful, ...(Failed.length > 0 ? { Failed } : {}) };
  }

  const service = createJsonService({
    name: 'sqs',
    version: '1.0',
    targetPrefix: 'AmazonSQS',
    maxBodyBytes: 8 * 1024 * 1024,
    resourceOf: ({ QueueUrl, QueueName }) => {
      const name = String(QueueUrl ?? QueueName ?? '')
        .split('/')
        .at(-1);
      return name ? arn('sqs', name) : undefined;
    },
    operations: {
      SendMessage: (input) => sendOne(find(String(input.QueueUrl)), input),
      SendMessageBatch: (input) => {
        const queue = find(String(input.QueueUrl));
        const entries = (input.Entries ?? []) as JsonInput[];
        const total = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
        if (total > 1024 * 1024) {
          throw new AwsError('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.');
        }
        return batch(entries, (entry) => sendOne(queue, entry));
      },
      ReceiveMessage: async (input, request) => {
        const queue = find(String(input.QueueUrl));
        const max = Number(input.MaxNumberOfMessages ?? 1);
        const waitSeconds = Number(input.WaitTimeSeconds ?? queue.settings.receiveWaitSeconds);
        if (!(max >= 1 && max <= 10)) {
          throw new AwsError('InvalidParameterValue', 'MaxNumberOfMessages must be between 1 and 10.');
        }
        if (!(waitSeconds >= 0 && waitSeconds <= 20)) {
          throw new AwsError('InvalidParameterValue', 'WaitTimeSeconds must be between 0 and 20.');
        }
        const received = await queue.receive({
          max,
          waitSeconds,
          visibilityTimeoutSeconds: input.VisibilityTimeout,
          signal: request.signal,
        });
        const wanted = [
          ...(input.MessageSystemAttributeNames ?? []),
          ...(input.AttributeNames ?? []),
        ] as string[];
        return received.length === 0
          ? {}
          : {
              Messages: received.map((message) =>
                wireMessage(message, wanted, input.MessageAttributeNames ?? []),
              ),
            };
      },
      DeleteMessage: (input) => {
        find(String(input.QueueUrl)).delete(String(input.ReceiptHandle));
        return {};
      },
      DeleteMessageBatch: (input) => {
        const queue = find(String(input.QueueUrl));
        return batch(input.Entries ?? [], (entry) => {
          queue.delete(String(entry.ReceiptHandle));
          return {};
        });
      },
      ChangeMessageVisibility: (input) => {
        find(String(input.QueueUrl)).changeVisibility(
          String(input.ReceiptHandle),
          Number(input.VisibilityTimeout),
        );
        return {};
      },
      GetQueueAttributes: (input) => {
        const all = attributesOf(find(String(input.QueueUrl)), arnOf(String(input.QueueUrl)));
        const names = (input.AttributeNames ?? []) as string[];
        const kept = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
        return { Attributes: Object.fromEntries(kept) };
      },
      GetQueueUrl: (input) => ({ QueueUrl: urlOf(String(input.QueueName)) }),
      ListQueues: (input) => {
        const prefix = String(input.QueueNamePrefix ?? '');
        return { QueueUrls: [...queues.keys()].filter((name) => name.startsWith(prefix)).map(urlOf) };
      },
      StartMessageMoveTask: (input) => {
        const from = find(String(input.SourceArn));
        const sources = [...queues.values()].filter(
          ({ settings }) => settings.redrive?.deadLetterArn === arnOf(from.settings.name),
        );
        const [to, ...others] =
          input.DestinationArn === undefined ? sources : [find(String(input.DestinationArn))];
        if (sources.length === 0 || to === undefined)
          throw new AwsError(
            'InvalidParameterValue',
            'Source queue must be configured as a Dead Letter Queue.',
          );
        // AWS takes each message to the queue that it comes from; here one has to be the only one.
        if (others.length > 0)
          throw new AwsError(
            'InvalidParameterValue',
            'The local cloud gives dead letters back to one queue: name it as DestinationArn.',
          );
        from.giveBack((message) => to.take(message));
        return { TaskHandle: Buffer.from(String(input.SourceArn)).toString('base64') };
      },
      PurgeQueue: (input) => {
        find(String(input.QueueUrl)).purge();
        return {};
      },
    },
  });

  return {
    ...service,
    createQueue(settings) {
      const { name } = settings;
      const queue = new Queue(join(options.directory, `${name}.jsonl`), settings, (message) => {
        find(queue.settings.redrive?.deadLetterArn ?? '').adopt(message, arn('sqs', name));
      });
      queues.get(name)?.close();
      queues.set(name, queue);
      return { url: urlOf(name), arn: arnOf(name) };
    },
    send: (queue, body, sendOptions) => ({ messageId: find(queue).send(body, sendOptions).id }),
    async receive(queue, { max = 10, waitSeconds = 0, visibilityTimeoutSeconds, signal } = {}) {
      const received = await find(queue).receive({ max, waitSeconds, visibilityTimeoutSeconds, signal });
      return received.map((message) => ({
        messageId: message.id,
        receiptHandle: message.receiptHandle,
        body: message.body,
        md5OfBody: md5(message.body),
        attributes: systemAttributes(message),
        messageAttributes: message.attributes,
      }));
    },
    deleteMessage: (queue, receiptHandle) => find(queue).delete(receiptHandle),
    changeVisibility: (queue, receiptHandle, seconds) => find(queue).changeVisibility(receiptHandle, seconds),
    urlOf,
    arnOf,
    counts: (queue) => find(queue).counts(),
    load: () =>
      [...queues].map(([name, queue]) => ({
        name,
        visible: queue.counts().visible,
        oldestAgeMs: queue.oldestAgeMs(),
      })),
    close() {
      for (const queue of queues.values()) queue.close();
    },
  };
}

function systemAttributes(message: Received): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentMs),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs ?? Date.now()),
    SenderId: message.senderId,
    ...(message.deadLetterOf === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterOf }),
  };
}

function wireMessage(message: Received, systemNames: string[], attributeNames: string[]): object {
  const pick = <Value>(all: Record<string, Value>, names: string[]) =>
    Object.fromEntries(
      Object.entries(all).filter(([name]) =>
        names.some(
          (wanted) =>
            wanted === 'All' ||
            wanted === name ||
            (wanted.endsWith('*') && name.startsWith(wanted.slice(0, -1))),
        ),
      ),
    );
  const attributes = pick(message.attributes, attributeNames);
  const attributesMd5 = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(systemNames.length === 0 ? {} : { Attributes: pick(systemAttributes(message), systemNames) }),
    ...(attributesMd5 === undefined
      ? {}
      : { MessageAttributes: attributes, MD5OfMessageAttributes: attributesMd5 }),
  };
}
