import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  type DescribeMapRunOutput,
  ExecutionDoesNotExist,
  type ExecutionListItem,
  type ExecutionStatus,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListMapRuns,
  paginateListStateMachines,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type StateVisit, timeline } from './timeline.ts';

/** One execution as the Step Functions API tells it. */
export interface ExecutionView {
  readonly description: DescribeExecutionOutput;
  readonly visits: readonly StateVisit[];
  /** One for each distributed map that has started, oldest first. */
  readonly mapRuns: readonly DescribeMapRunOutput[];
}

/** Machines of Caudal are named `caudal-…`: others in the account are not shown. */
const machinePrefix = 'caudal-';

/** ARNs of Caudal's state machines in this account and region. */
async function machineArns(client: SFNClient): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListStateMachines({ client }, {})) {
    for (const machine of page.stateMachines ?? []) {
      if (machine.name?.startsWith(machinePrefix)) arns.push(machine.stateMachineArn ?? '');
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
    try {
      const description = await client.send(new DescribeExecutionCommand({ executionArn }));
      return {
        description,
        visits: await visitsOf(client, executionArn),
        mapRuns: await mapRunsOf(client, executionArn),
      };
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
  }
  return undefined;
}

async function visitsOf(client: SFNClient, executionArn: string): Promise<StateVisit[]> {
  const events = [];
  for await (const page of paginateGetExecutionHistory({ client, pageSize: 1_000 }, { executionArn })) {
    events.push(...(page.events ?? []));
  }
  return timeline(events);
}

async function mapRunsOf(client: SFNClient, executionArn: string): Promise<DescribeMapRunOutput[]> {
  const arns: string[] = [];
  for await (const page of paginateListMapRuns({ client }, { executionArn })) {
    for (const run of page.mapRuns ?? []) arns.push(run.mapRunArn ?? '');
  }
  const runs = await Promise.all(
    arns.map((mapRunArn) => client.send(new DescribeMapRunCommand({ mapRunArn }))),
  );
  return runs.sort((a, b) => (a.startDate?.getTime() ?? 0) - (b.startDate?.getTime() ?? 0));
}
