import { DescribeRuleCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  DescribeDeliveryStreamCommand,
  type DescribeDeliveryStreamCommandOutput,
  type FirehoseClient,
} from '@aws-sdk/client-firehose';
import { DescribePipeCommand, type DescribePipeCommandOutput, type PipesClient } from '@aws-sdk/client-pipes';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { FlowReader, PipeState, QueueCounts, QueueName, RuleState, StreamState } from '../ports/flow.ts';
import { nameOf, reaching } from './store-faults.ts';

/**
 * The delivery stream, the queues and the pipe of an installation, by their names. The role needs `firehose:DescribeDeliveryStream`,
 * `sqs:GetQueueAttributes` and `pipes:DescribePipe`.
 */
export function createFlowReader(
  clients: { firehose: FirehoseClient; sqs: SQSClient; pipes: PipesClient },
  names: {
    readonly stream: string;
    readonly pipe: string;
    /** By their URLs. */
    readonly queues: Readonly<Record<QueueName, string>>;
  },
): FlowReader {
  return {
    stream: () => streamState(clients.firehose, names.stream),
    async pipe() {
      try {
        return pipeState(
          await reaching(clients.pipes.send(new DescribePipeCommand({ Name: names.pipe }))),
          names.pipe,
        );
      } catch (fault) {
        if (nameOf(fault) === 'NotFoundException') return undefined;
        throw fault;
      }
    },
    queues: () => queueCounts(clients.sqs, names.queues),
  };
}

/** What Firehose tells of a stream. */
export async function streamState(client: FirehoseClient, name: string): Promise<StreamState> {
  const found = await reaching(client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: name })));
  const status = found.DeliveryStreamDescription?.DeliveryStreamStatus ?? '?';
  return { name, status, bufferSeconds: bufferSecondsOf(found) };
}

/** AWS's own default where the stream does not say. */
function bufferSecondsOf({ DeliveryStreamDescription: of }: DescribeDeliveryStreamCommandOutput): number {
  const [destination] = of?.Destinations ?? [];
  return destination?.ExtendedS3DestinationDescription?.BufferingHints?.IntervalInSeconds ?? 300;
}

/** A pipe as EventBridge describes it. */
export const pipeState = (pipe: DescribePipeCommandOutput, name: string): PipeState => ({
  name,
  state: pipe.CurrentState ?? '?',
  reason: pipe.StateReason,
  windowSeconds: pipe.SourceParameters?.SqsQueueParameters?.MaximumBatchingWindowInSeconds ?? 0,
});

/** A rule of the default bus; `undefined` when there is none of the name. The role needs `events:DescribeRule`. */
export async function ruleState(client: EventBridgeClient, name: string): Promise<RuleState | undefined> {
  try {
    const { State: state = '?' } = await reaching(client.send(new DescribeRuleCommand({ Name: name })));
    return { name, state };
  } catch (fault) {
    if (nameOf(fault) === 'ResourceNotFoundException') return undefined;
    throw fault;
  }
}

/** What SQS tells of queues, all asked at once. */
export async function queueCounts<Name extends string>(
  client: SQSClient,
  urls: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, QueueCounts>>> {
  const entries = await Promise.all(
    Object.entries<string>(urls).map(async ([name, url]) => {
      const { Attributes: of = {} } = await reaching(
        client.send(
          new GetQueueAttributesCommand({
            QueueUrl: url,
            AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
          }),
        ),
      );
      const visible = Number(of.ApproximateNumberOfMessages ?? 0);
      return [name, { visible, inFlight: Number(of.ApproximateNumberOfMessagesNotVisible ?? 0) }] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<Name, QueueCounts>; // an entry for each name
}
