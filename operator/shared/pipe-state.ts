import { DescribePipeCommand, ListPipesCommand, PipesClient } from '@aws-sdk/client-pipes';
import type { ClientSettings } from '../../cli/connection.ts';

export interface PipeState {
  readonly name: string;
  /** `RUNNING` when all is well. */
  readonly state: string;
  /** EventBridge's own words, when it has any. */
  readonly reason: string | undefined;
  readonly target: string;
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
  };
}
