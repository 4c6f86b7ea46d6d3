import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { arn, region } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';
import type { ReceivedMessage, Sqs } from '../sqs/service.ts';

/** What a pipe to a delivery stream has to say, so that a record is what the sender sent and not the message around it. */
export const bodyTemplate = '<$.body>';

/** Where a pipe hands its batches on. */
export type PipeTarget =
  | { readonly kind: 'machine'; readonly arn: string }
  /** Each message's body is a record, as it is. */
  | { readonly kind: 'stream'; readonly arn: string };

/** A pipe from a queue to a state machine or a delivery stream. */
export interface PipeSettings {
  name: string;
  queueArn: string;
  target: PipeTarget;
  /** The role that it reads and starts with. */
  roleArn: string;
  /** 1 to 10,000 */
  batchSize: number;
  /** 0 to 300; how long messages are gathered after the first one. */
  windowSeconds: number;
  /** True: the template makes it so that it reads nothing before somebody starts it. */
  isStopped?: boolean;
}

/** What a pipe does, as IAM names it; all on its queue but the last two, on its target. */
export type PipeAction =
  | 'sqs:GetQueueAttributes'
  | 'sqs:ReceiveMessage'
  | 'sqs:DeleteMessage'
  | 'states:StartExecution'
  | 'firehose:PutRecordBatch';

export interface PollingOptions {
  /** Keeps which pipes somebody stopped, or started. */
  directory: string;
  queues: Sqs;
  /** Starts an execution, on disk when it returns; throws what StartExecution does. */
  start(stateMachineArn: string, input: string): string;
  /** Puts records, on disk when it returns; throws what PutRecordBatch does. */
  put(streamArn: string, records: readonly Buffer[]): void;
  /** Whether the pipe may do this; throws when not. */
  may?(pipe: PipeSettings, action: PipeAction): void;
  /** Divides the window. */
  timeScale: number;
  log(text: string): void;
  /** Told of each batch that could not be handed on. */
  onFailed?(pipeName: string): void;
}

/** The pipes, polling. */
export interface Polling {
  createPipe(settings: PipeSettings): { arn: string };
  /** In the order of creation. */
  list(): readonly PipeSettings[];
  isRunning(name: string): boolean;
  /** Begins to poll all but those that are stopped. */
  begin(): void;
  /** Has a pipe poll, or poll no more; on disk when it returns. What was taken and not handed on comes again when its time of invisibility is over. */
  setRunning(name: string, isRunning: boolean): void;
  close(): Promise<void>;
}

/**
 * EventBridge Pipes: gathers messages by size and window, hands them to the target, then deletes them. At least
 * once: a message whose deletion was not reached comes again. A batch that the target does not take (of a state machine more than
 * 262,144 bytes) is left in the queue, which gives it up to its dead-letter queue.
 */
export function createPolling(options: PollingOptions): Polling {
  const settings: PipeSettings[] = [];
  const stops = new Map<string, AbortController>();
  const polling = new Set<Promise<void>>();
  let hasBegun = false;
  const journal = new Journal<{ name: string; isRunning: boolean }>(join(options.directory, 'states.jsonl'));
  /** What somebody asked for; of another pipe the template says whether it runs. */
  const asked = new Map(journal.load().map(({ name, isRunning }) => [name, isRunning]));

  const may = (pipe: PipeSettings, action: PipeAction) => options.may?.(pipe, action);

  async function poll(pipe: PipeSettings, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        may(pipe, 'sqs:GetQueueAttributes');
        may(pipe, 'sqs:ReceiveMessage');
        const batch = await gather(pipe, signal);
        if (batch.length > 0) hand(pipe, batch);
      } catch (error) {
        if (signal.aborted) return;
        options.log(`pipe ${pipe.name}: ${(error as Error).message}\n`);
        await sleep(1_000, undefined, { signal }).catch(() => {});
      }
    }
  }

  async function gather(
    { queueArn, batchSize, windowSeconds }: PipeSettings,
    signal: AbortSignal,
  ): Promise<ReceivedMessage[]> {
    const receive = (max: number, waitSeconds: number) =>
      options.queues.receive(queueArn, { max, waitSeconds, signal });
    const batch = await receive(batchSize, 20);
    const untilMs = Date.now() + (windowSeconds * 1000) / options.timeScale;
    while (batch.length > 0 && batch.length < batchSize && !signal.aborted) {
      const leftMs = untilMs - Date.now();
      if (leftMs <= 0) break;
      batch.push(...(await receive(batchSize - batch.length, leftMs / 1000)));
    }
    return batch;
  }

  function hand(pipe: PipeSettings, batch: readonly ReceivedMessage[]): void {
    const { kind, arn: targetArn } = pipe.target;
    try {
      may(pipe, kind === 'machine' ? 'states:StartExecution' : 'firehose:PutRecordBatch');
      if (kind === 'machine') {
        options.start(targetArn, JSON.stringify(batch.map((message) => recordOf(message, pipe))));
      } else {
        options.put(
          targetArn,
          batch.map(({ body }) => Buffer.from(bodyText(body))),
        );
      }
    } catch (fault) {
      options.onFailed?.(pipe.name);
      throw fault;
    }
    may(pipe, 'sqs:DeleteMessage');
    for (const { receiptHandle } of batch) options.queues.deleteMessage(pipe.queueArn, receiptHandle);
  }

  const isRunning = ({ name, isStopped = false }: PipeSettings): boolean => asked.get(name) ?? !isStopped;

  function run(pipe: PipeSettings): void {
    if (stops.has(pipe.name)) return;
    const stop = new AbortController();
    stops.set(pipe.name, stop);
    const ended = poll(pipe, stop.signal).finally(() => polling.delete(ended));
    polling.add(ended);
  }

  function halt(name: string): void {
    stops.get(name)?.abort();
    stops.delete(name);
  }

  return {
    createPipe(pipe) {
      settings.push(pipe);
      return { arn: arn('pipes', `pipe/${pipe.name}`) };
    },
    list: () => settings,
    isRunning: (name) => settings.some((pipe) => pipe.name === name && isRunning(pipe)),
    begin() {
      hasBegun = true;
      for (const pipe of settings.filter(isRunning)) run(pipe);
    },
    setRunning(name, shouldRun) {
      journal.append({ name, isRunning: shouldRun });
      asked.set(name, shouldRun);
      journal.compact(asked.size, () => [...asked].map(([of, each]) => ({ name: of, isRunning: each })));
      const pipe = settings.find((each) => each.name === name);
      if (!shouldRun) halt(name);
      else if (hasBegun && pipe !== undefined) run(pipe);
    },
    async close() {
      for (const name of [...stops.keys()]) halt(name);
      await Promise.all(polling);
      journal.close();
    },
  };
}

/** What `<$.body>` comes to: JSON as it is written anew, any other text as it is. */
function bodyText(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}

/** A message as a pipe hands it on. */
function recordOf(message: ReceivedMessage, { queueArn }: PipeSettings): object {
  const { messageId, receiptHandle, body, attributes, messageAttributes, md5OfBody } = message;
  return {
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes,
    md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
