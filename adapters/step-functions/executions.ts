import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type {
  DefinitionReader,
  ExecutionLister,
  ExecutionReader,
  ExecutionStarting,
  ExecutionSummary,
  FailedChild,
  MapRun,
} from '../../ports/executions.ts';
import { asFault, nameOf, reaching } from '../store-faults.ts';
import { timeline } from './timeline.ts';

/** The role needs `states:ListExecutions` on the machines. */
export function createExecutionLister(client: SFNClient): ExecutionLister {
  return {
    async list({ stateMachineArn, status, limit, token }) {
      try {
        const { executions = [], nextToken } = await client.send(
          new ListExecutionsCommand({
            ...{ stateMachineArn, maxResults: limit, nextToken: token },
            ...(status === undefined ? {} : { statusFilter: status }),
          }),
        );
        return { executions: executions.map(summaryOf), token: nextToken };
      } catch (fault) {
        if (nameOf(fault) === 'InvalidToken') return { executions: [], isRefused: true };
        throw asFault(fault);
      }
    },
  };
}

/**
 * The role needs `states:DescribeExecution`, `GetExecutionHistory` and `ListMapRuns` on the executions, `DescribeMapRun` and `ListExecutions` on the
 * map runs, `DescribeExecution` on their children, and on AWS `kms:Decrypt` on the key of the machine, with which all of these are encrypted.
 */
export function createExecutionReader(client: SFNClient): ExecutionReader {
  return {
    async describe(executionArn) {
      try {
        const found = await client.send(new DescribeExecutionCommand({ executionArn }));
        const { redriveDate, redriveStatus, redriveStatusReason, input, error, cause } = found;
        return {
          ...summaryOf(found),
          ...{ redriveDate, redriveStatus, redriveStatusReason, input, error, cause },
        };
      } catch (fault) {
        if (nameOf(fault) === 'ExecutionDoesNotExist') return undefined;
        throw asFault(fault);
      }
    },

    async visits(executionArn, maxEvents) {
      const events = [];
      let nextToken: string | undefined;
      do {
        const page: GetExecutionHistoryCommandOutput = await reaching(
          client.send(
            new GetExecutionHistoryCommand({
              ...{ executionArn, nextToken },
              maxResults: Math.min(1_000, maxEvents - events.length),
            }),
          ),
        );
        events.push(...(page.events ?? []));
        nextToken = page.nextToken;
      } while (nextToken !== undefined && events.length < maxEvents);
      return { visits: timeline(events), more: nextToken !== undefined };
    },

    async lastState(executionArn) {
      // What comes after a state was entered are the events of its attempts, of which a task that is throttled has thousands.
      let nextToken: string | undefined;
      for (let pages = 0; pages < 5; pages++) {
        const page: GetExecutionHistoryCommandOutput = await reaching(
          client.send(
            new GetExecutionHistoryCommand({
              ...{ executionArn, nextToken, maxResults: 100 },
              ...{ reverseOrder: true, includeExecutionData: false },
            }),
          ),
        );
        const entered = page.events?.find(({ type }) => type?.endsWith('StateEntered'));
        if (entered !== undefined)
          return {
            name: entered.stateEnteredEventDetails?.name ?? '?',
            type: entered.type?.replace('StateEntered', '') ?? '?',
          };
        nextToken = page.nextToken;
        if (nextToken === undefined) break;
      }
      return undefined;
    },

    async mapRuns(executionArn, limit) {
      const arns: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await reaching(client.send(new ListMapRunsCommand({ executionArn, nextToken })));
        for (const { mapRunArn = '' } of page.mapRuns ?? []) arns.push(mapRunArn);
        nextToken = page.nextToken;
      } while (nextToken !== undefined && arns.length < limit);
      const runs = await Promise.all(arns.slice(0, limit).map((arn) => describeMapRun(client, arn)));
      return runs.sort((a, b) => a.startDate.getTime() - b.startDate.getTime());
    },

    failedChildren: (run, limit) => failedChildren(client, run, limit),
  };
}

/** The role needs `states:DescribeStateMachine`, and on AWS `kms:Decrypt` on the machine's key. */
export function createDefinitionReader(client: SFNClient): DefinitionReader {
  return {
    async definition(stateMachineArn) {
      const { definition = '{}' } = await reaching(
        client.send(new DescribeStateMachineCommand({ stateMachineArn })),
      );
      return definition;
    },
  };
}

/** The role needs `states:StartExecution` on the machine and `RedriveExecution` on the executions. */
export function createExecutionStarting(client: SFNClient): ExecutionStarting {
  const unless = async <Refusal>(names: readonly string[], refusal: Refusal, call: Promise<unknown>) => {
    try {
      await call;
      return 'started' as const;
    } catch (fault) {
      if (names.includes(nameOf(fault))) return refusal;
      throw asFault(fault);
    }
  };
  return {
    start: (execution) =>
      unless(
        ['ExecutionAlreadyExists'],
        'exists' as const,
        client.send(new StartExecutionCommand(execution)),
      ),
    redrive: (executionArn) =>
      unless(
        ['ExecutionNotRedrivable'],
        'refused' as const,
        client.send(new RedriveExecutionCommand({ executionArn })),
      ),
  };
}

function summaryOf(
  found: ExecutionListItem | { [Key in keyof ExecutionListItem]?: ExecutionListItem[Key] },
): ExecutionSummary {
  const { executionArn = '', stateMachineArn = '', name = '', status, startDate, stopDate } = found;
  return {
    ...{ executionArn, stateMachineArn, name, stopDate, redriveCount: found.redriveCount },
    status: status ?? 'RUNNING',
    startDate: startDate ?? new Date(0),
  };
}

async function describeMapRun(client: SFNClient, mapRunArn: string): Promise<MapRun> {
  const { startDate, itemCounts: of } = await reaching(client.send(new DescribeMapRunCommand({ mapRunArn })));
  return {
    mapRunArn,
    startDate: startDate ?? new Date(0),
    itemCounts: {
      ...{ total: of?.total ?? 0, pending: of?.pending ?? 0, running: of?.running ?? 0 },
      ...{ succeeded: of?.succeeded ?? 0, failed: of?.failed ?? 0 },
      ...{ timedOut: of?.timedOut ?? 0, aborted: of?.aborted ?? 0 },
    },
  };
}

/** Of Express executions Step Functions lists and describes those that a map run has started, and no others. */
async function failedChildren(
  client: SFNClient,
  { mapRunArn, itemCounts }: MapRun,
  limit: number,
): Promise<FailedChild[]> {
  const found: FailedChild[] = [];
  for (const [status, count] of [
    ['FAILED', itemCounts.failed],
    ['TIMED_OUT', itemCounts.timedOut],
  ] as const) {
    if (count === 0 || found.length >= limit) continue;
    const { executions = [] } = await reaching(
      client.send(
        new ListExecutionsCommand({ mapRunArn, statusFilter: status, maxResults: limit - found.length }),
      ),
    );
    for (const { executionArn = '' } of executions) {
      const { error, cause, input } = await reaching(
        client.send(new DescribeExecutionCommand({ executionArn })),
      );
      found.push({
        ...{ map: mapLabel(mapRunArn), executionArn, status },
        ...{ error: error ?? status, cause: cause ?? '', input: input ?? '' },
      });
    }
  }
  return found;
}

/** `arn:aws:states:<region>:<account>:mapRun:<machine>/<label>:<run>` → the label. */
export const mapLabel = (mapRunArn: string): string => /\/([^:/]+):/.exec(mapRunArn)?.[1] ?? 'map';
