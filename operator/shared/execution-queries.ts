import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  type DescribeMapRunOutput,
  ExecutionDoesNotExist,
  type ExecutionListItem,
  type ExecutionStatus,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListMapRuns,
  paginateListStateMachines,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { stageOf } from '../../cli/connection.ts';
import { formatCount } from '../../cli/format.ts';
import { ofStage } from '../../core/stage.ts';
import { messageOf } from '../../handlers/ingest/failed-items.ts';
import { type StateVisit, timeline } from './timeline.ts';

/** One execution as the Step Functions API tells it. */
export interface ExecutionView {
  readonly description: DescribeExecutionOutput;
  readonly visits: readonly StateVisit[];
  /** One for each distributed map that has started, oldest first. */
  readonly mapRuns: readonly DescribeMapRunOutput[];
  /** Of each map run the first that did not succeed. */
  readonly failedChildren: readonly FailedChild[];
}

/** An item of a distributed map whose child execution did not succeed. */
interface FailedChild {
  /** Name of the map's state, or its label. */
  readonly map: string;
  readonly executionArn: string;
  /** `FAILED` or `TIMED_OUT`. */
  readonly status: string;
  readonly error: string;
  readonly cause: string;
  /** JSON; empty where Step Functions no longer has it. */
  readonly input: string;
}

/** Children of one map run that are looked at. */
const maxChildren = 5;

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
    try {
      const description = await client.send(new DescribeExecutionCommand({ executionArn }));
      const mapRuns = await mapRunsOf(client, executionArn);
      const failedChildren = await Promise.all(mapRuns.map((run) => failedChildrenOf(client, run)));
      return {
        description,
        visits: await visitsOf(client, executionArn),
        mapRuns,
        failedChildren: failedChildren.flat(),
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

/**
 * The first children of a map run that did not succeed. Of Express executions Step Functions lists and describes those that a map
 * run has started, and no others.
 */
async function failedChildrenOf(
  client: SFNClient,
  { mapRunArn, itemCounts }: DescribeMapRunOutput,
): Promise<FailedChild[]> {
  const counts = { FAILED: itemCounts?.failed ?? 0, TIMED_OUT: itemCounts?.timedOut ?? 0 };
  const found: FailedChild[] = [];
  for (const status of ['FAILED', 'TIMED_OUT'] as const) {
    if (counts[status] === 0 || found.length >= maxChildren) continue;
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({
        ...{ mapRunArn, statusFilter: status },
        maxResults: maxChildren - found.length,
      }),
    );
    for (const { executionArn = '' } of executions) {
      const { error, cause, input } = await client.send(new DescribeExecutionCommand({ executionArn }));
      found.push({
        ...{ map: mapLabel(mapRunArn), executionArn, status },
        ...{ error: error ?? status, cause: cause ?? '', input: input ?? '' },
      });
    }
  }
  return found;
}

/** `arn:aws:states:<region>:<account>:mapRun:<machine>/<label>:<run>` → the label. */
const mapLabel = (mapRunArn: string | undefined): string => /\/([^:/]+):/.exec(mapRunArn ?? '')?.[1] ?? 'map';

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
        `${mapLabel(mapRunArn)} ${formatCount(itemCounts?.succeeded ?? 0)} of ${formatCount(itemCounts?.total ?? 0)}`,
      );
    }
  }
  return parts.length === 0 ? '' : `, ${parts.reverse().join(', ')}`;
}

/**
 * A cause for people: of the JSON that Lambda makes of an error only its message, the first line, at most `characters`.
 */
export function shortCause(cause: string | undefined, characters: number): string {
  const line = messageOf(cause ?? '').split('\n')[0] ?? '';
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}
