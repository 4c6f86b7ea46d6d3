import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { objectOf } from '../../handlers/ingest/plan-ingest/input.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { type Segment, segmentIdOf } from '../../ports/keys.ts';

/** Newest executions of a machine that are looked at; so many start between two looks at most. */
const perLook = 100;
const pollMs = 1_000;
const callsInFlight = 8;

/** The newest executions of the ingest machine by their ARNs. */
export async function newestExecutions(client: SFNClient, machine: string): Promise<string[]> {
  const { executions = [] } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: machine, maxResults: perLook }),
  );
  return executions.map(({ executionArn = '' }) => executionArn);
}

/**
 * Waits until each segment was taken by an execution that the pipe started.
 * @param options.before executions that were there before the segments: they are not asked what they ingest
 * @param options.patienceMs without any new execution
 * @returns ARNs by segment id; without those that nothing has taken
 */
export async function findRuns(
  client: SFNClient,
  machine: string,
  {
    segments,
    before,
    patienceMs,
    tell,
  }: {
    segments: readonly Segment[];
    before: readonly string[];
    patienceMs: number;
    tell: (text: string) => void;
  },
): Promise<Map<string, string>> {
  const wanted = new Set(segments.map(segmentIdOf));
  const runs = new Map<string, string>();
  const known = new Set(before);
  for (let movedAt = Date.now(); runs.size < wanted.size && Date.now() - movedAt < patienceMs; ) {
    const fresh = (await newestExecutions(client, machine)).filter((arn) => !known.has(arn));
    await mapBounded(fresh, callsInFlight, async (executionArn) => {
      known.add(executionArn);
      const { input = '' } = await client.send(new DescribeExecutionCommand({ executionArn }));
      for (const id of segmentsOf(input)) if (wanted.has(id) && !runs.has(id)) runs.set(id, executionArn);
    });
    if (fresh.length > 0) movedAt = Date.now();
    tell(`waiting for the next batch, ${runs.size} of ${wanted.size} taken`);
    if (runs.size < wanted.size) await sleep(pollMs);
  }
  return runs;
}

/** Ids of the segments in a batch of messages; none in what a person started. */
function segmentsOf(input: string): string[] {
  const messages: unknown = JSON.parse(input); // Step Functions takes nothing else
  if (!Array.isArray(messages)) return [];
  return messages.flatMap(({ body }: { body?: unknown }) => {
    const object = typeof body === 'string' ? objectOf(body) : undefined;
    return object === undefined ? [] : [segmentIdOf(object)];
  });
}
