import { DescribePipeCommand, ListPipesCommand, PipesClient } from '@aws-sdk/client-pipes';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { pipeState } from '../../adapters/flow.ts';
import type { ClientSettings } from '../../cli/connection.ts';
import type { PipeState } from '../../ports/flow.ts';

/** The pipe that reads a queue, with the ARN of what it starts; `undefined` when none does. */
export async function pipeOf(
  settings: ClientSettings,
  queueArn: string,
): Promise<(PipeState & { readonly target: string }) | undefined> {
  const client = new PipesClient(settings);
  const { Pipes: pipes = [] } = await client.send(new ListPipesCommand({ SourcePrefix: queueArn }));
  const Name = pipes.find(({ Source }) => Source === queueArn)?.Name;
  if (Name === undefined) return undefined;
  const pipe = await client.send(new DescribePipeCommand({ Name }));
  return { ...pipeState(pipe, Name), target: pipe.Target ?? '' };
}

/** What a queue is called elsewhere, and where messages go that nobody could handle. */
export async function queueArns(
  client: SQSClient,
  url: string,
): Promise<{ readonly arn: string; readonly deadLetterArn: string | undefined }> {
  const { Attributes: of = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn', 'RedrivePolicy'] }),
  );
  const redrive =
    of.RedrivePolicy === undefined ? {} : (JSON.parse(of.RedrivePolicy) as { deadLetterTargetArn?: string });
  return { arn: of.QueueArn ?? '', deadLetterArn: redrive.deadLetterTargetArn };
}
