import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  paginateListMapRuns,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { formatCount } from '../../cli/table.ts';

/** Between two looks. Far below the read quotas of Step Functions. */
const pollMs = 1_000;

/** Waits until an execution has ended. @param tell told how far its maps are */
export async function followExecution(
  client: SFNClient,
  executionArn: string,
  tell: (text: string) => void,
): Promise<DescribeExecutionOutput> {
  for (;;) {
    const description = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (description.status !== 'RUNNING' && description.status !== 'PENDING_REDRIVE') return description;
    tell(`${description.name}: running${await mapProgress(client, executionArn)}`);
    await sleep(pollMs);
  }
}

async function mapProgress(client: SFNClient, executionArn: string): Promise<string> {
  const parts: string[] = [];
  for await (const page of paginateListMapRuns({ client }, { executionArn })) {
    for (const { mapRunArn } of page.mapRuns ?? []) {
      const { itemCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
      const label = /\/([^:/]+):/.exec(mapRunArn ?? '')?.[1] ?? 'map';
      parts.push(
        `${label} ${formatCount(itemCounts?.succeeded ?? 0)} of ${formatCount(itemCounts?.total ?? 0)}`,
      );
    }
  }
  return parts.length === 0 ? '' : `, ${parts.reverse().join(', ')}`;
}
