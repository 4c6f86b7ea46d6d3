import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** One message that was given up. */
export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** When it was first sent. */
  readonly sentAtMs: number;
  /** Why, where EventBridge gave it up; a message that the pipe gave up carries no reason. */
  readonly reason: string | undefined;
}

/** Long enough to look at or to move all messages of a page; whoever else reads the queue waits for it. */
const heldSeconds = 120;
/** Long polling asks all of SQS's servers; a short poll may find nothing where there is something. */
const waitSeconds = 2;

/**
 * The messages of a queue, each once, at most `limit`. They stay out of sight of others until they are let go, deleted,
 * or two minutes have passed.
 */
export async function* receiveAll(
  client: SQSClient,
  queueUrl: string,
  limit: number,
): AsyncGenerator<DeadLetter> {
  const seen = new Set<string>();
  while (seen.size < limit) {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(10, limit - seen.size),
        VisibilityTimeout: heldSeconds,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['SentTimestamp'],
        MessageAttributeNames: ['All'],
      }),
    );
    const fresh = messages.filter(({ MessageId: id = '' }) => !seen.has(id));
    if (fresh.length === 0) return;
    for (const message of fresh) {
      seen.add(message.MessageId ?? '');
      yield toDeadLetter(message);
    }
  }
}

/** Lets others see a message again at once. */
export async function letGo(client: SQSClient, queueUrl: string, letter: DeadLetter): Promise<void> {
  const { receiptHandle: ReceiptHandle } = letter;
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
  );
}

/** Sends a message to another queue, then deletes it: at least once, as everything upstream. */
export async function moveTo(
  client: SQSClient,
  { from, to }: { from: string; to: string },
  letter: DeadLetter,
): Promise<void> {
  await client.send(new SendMessageCommand({ QueueUrl: to, MessageBody: letter.body }));
  await remove(client, from, letter);
}

/** Deletes a message for good. */
export async function remove(client: SQSClient, queueUrl: string, letter: DeadLetter): Promise<void> {
  await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: letter.receiptHandle }));
}

function toDeadLetter({
  MessageId,
  Body,
  ReceiptHandle,
  Attributes,
  MessageAttributes,
}: Message): DeadLetter {
  const attribute = (name: string) => MessageAttributes?.[name]?.StringValue;
  const reason = [attribute('ERROR_CODE'), attribute('ERROR_MESSAGE')].filter(Boolean).join(': ');
  return {
    messageId: MessageId ?? '',
    body: Body ?? '',
    receiptHandle: ReceiptHandle ?? '',
    sentAtMs: Number(Attributes?.SentTimestamp ?? 0),
    reason: reason === '' ? undefined : reason,
  };
}
