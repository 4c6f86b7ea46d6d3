import { DescribePipeCommand, ListPipesCommand, PipesClient } from '@aws-sdk/client-pipes';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ClientSettings } from '../../cli/connection.ts';

export interface PipeState {
  readonly name: string;
  /** `RUNNING` when all is well. */
  readonly state: string;
  /** EventBridge's own words, when it has any. */
  readonly reason: string | undefined;
  readonly target: string;
  /** How long it gathers objects before it starts an execution. */
  readonly windowSeconds: number;
}

/** The pipe that reads a queue; `undefined` when none does. */
export async function pipeOf(settings: ClientSettings, queueArn: string): Promise<PipeState | undefined> {
  const client = new PipesClient(settings);
  const { Pipes: pipes = [] } = await client.send(new ListPipesCommand({ SourcePrefix: queueArn }));
  const Name = pipes.find(({ Source }) => Source === queueArn)?.Name;
  if (Name === undefined) return undefined;
  const pipe = await client.send(new DescribePipeCommand({ Name }));
  return {
    name: Name,
    state: pipe.CurrentState ?? '?',
    reason: pipe.StateReason,
    target: pipe.Target ?? '',
    windowSeconds: pipe.SourceParameters?.SqsQueueParameters?.MaximumBatchingWindowInSeconds ?? 0,
  };
}

export interface QueueCounts {
  readonly arn: string;
  /** Waiting to be received. */
  readonly visible: number;
  /** Received and not deleted yet. */
  readonly inFlight: number;
  /** Where messages go that nobody could handle. */
  readonly deadLetterArn: string | undefined;
}

/** What SQS tells of a queue; its counts lag by seconds. */
export async function queueCounts(client: SQSClient, url: string): Promise<QueueCounts> {
  const { Attributes: of = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  const redrive =
    of.RedrivePolicy === undefined ? {} : (JSON.parse(of.RedrivePolicy) as { deadLetterTargetArn?: string });
  return {
    arn: of.QueueArn ?? '',
    visible: Number(of.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(of.ApproximateNumberOfMessagesNotVisible ?? 0),
    deadLetterArn: redrive.deadLetterTargetArn,
  };
}
