import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  type ExecutionListItem,
  type ExecutionStatus,
  paginateListExecutions,
  paginateListMapRuns,
  paginateListStateMachines,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { createExecutionReader, mapLabel } from '../../adapters/step-functions/executions.ts';
import { stageOf } from '../../cli/connection.ts';
import { formatCount } from '../../cli/format.ts';
import { ofStage } from '../../core/stage.ts';
import { type ExecutionView, viewExecution } from '../../handlers/operations/execution-view.ts';

/** Names of Caudal's state machines, without a stage: others in the account, and those of other stages, are not shown. */
const machineNames = ['caudal-ingest', 'caudal-jobs'];

/** ARNs of the installation's state machines in this account and region. */
async function machineArns(client: SFNClient): Promise<string[]> {
  const stage = stageOf();
  const names = machineNames.map((name) => ofStage(name, stage));
  const arns: string[] = [];
  for await (const page of paginateListStateMachines({ client }, {})) {
    for (const machine of page.stateMachines ?? []) {
      if (names.includes(machine.name ?? '')) arns.push(machine.stateMachineArn ?? '');
    }
  }
  return arns;
}

/** The newest executions of all of Caudal's machines, newest first. @param limit 1 to 1000 */
export async function listExecutions(
  client: SFNClient,
  options: { status: ExecutionStatus | undefined; limit: number },
): Promise<ExecutionListItem[]> {
  const found: ExecutionListItem[] = [];
  for (const stateMachineArn of await machineArns(client)) {
    const pages = paginateListExecutions(
      { client, pageSize: Math.min(options.limit, 1_000) },
      { stateMachineArn, ...(options.status === undefined ? {} : { statusFilter: options.status }) },
    );
    let ofMachine = 0;
    for await (const page of pages) {
      found.push(...(page.executions ?? []));
      ofMachine += page.executions?.length ?? 0;
      if (ofMachine >= options.limit) break;
    }
  }
  return found
    .sort((a, b) => (b.startDate?.getTime() ?? 0) - (a.startDate?.getTime() ?? 0))
    .slice(0, options.limit);
}

/**
 * One execution with its states and map runs.
 * @param id an execution's ARN, or its name in any of Caudal's machines
 * @returns undefined where there is none of that name
 */
export async function describeExecution(client: SFNClient, id: string): Promise<ExecutionView | undefined> {
  const candidates = id.startsWith('arn:')
    ? [id]
    : (await machineArns(client)).map((arn) => `${arn.replace(':stateMachine:', ':execution:')}:${id}`);
  for (const executionArn of candidates) {
    const view = await viewExecution(createExecutionReader(client), executionArn);
    if (view !== undefined) return view;
  }
  return undefined;
}

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
      parts.push(
        `${mapLabel(mapRunArn ?? '')} ${formatCount(itemCounts?.succeeded ?? 0)} of ${formatCount(itemCounts?.total ?? 0)}`,
      );
    }
  }
  return parts.length === 0 ? '' : `, ${parts.reverse().join(', ')}`;
}
