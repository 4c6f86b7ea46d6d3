import { randomUUID } from 'node:crypto';
import { AwsError } from '../../engine/calls.ts';
import type { JsonOperation } from '../../engine/protocol/json.ts';
import { type HistoryEvent, readHistory } from './history.ts';
import type { ExecutionRecord, Machine } from './machine.ts';
import type { MapRunRecord } from './map-record.ts';

interface Machines {
  machine(arn: string): Machine;
  machines(): Machine[];
}

/** The operations of the Step Functions API. */
export function operationsOf({ machine, machines }: Machines): Record<string, JsonOperation> {
  const execution = (executionArn: string): { of: Machine; record: ExecutionRecord } => {
    const [machineName, name] = String(executionArn).split(':').slice(-2);
    const of = machines().find((each) => each.options.name === machineName);
    const record = of?.executions.get(String(name));
    if (of && record) return { of, record };
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
  };
  const mapRun = (mapRunArn: string): { of: Machine; record: MapRunRecord } => {
    const machineName = /:mapRun:([^/]+)\//.exec(mapRunArn)?.[1];
    const of = machines().find((each) => each.options.name === machineName);
    const record = of?.mapRuns.find(mapRunArn);
    if (of && record) return { of, record };
    throw new AwsError('ResourceNotFound', `Map Run not found: '${mapRunArn}'`);
  };

  return {
    StartExecution: ({ stateMachineArn, name = randomUUID(), input = '{}' }) => {
      const record = machine(stateMachineArn).start(name, input);
      return { executionArn: record.executionArn, startDate: record.startMs / 1000 };
    },
    StopExecution: async ({ executionArn, error, cause }) => {
      const { of, record } = execution(executionArn);
      const stopped = await of.stop(record.name, { error, cause });
      return { stopDate: (stopped.stopMs ?? Date.now()) / 1000 };
    },
    RedriveExecution: ({ executionArn }) => {
      const { of, record } = execution(executionArn);
      return { redriveDate: (of.redrive(record.name).redriveMs ?? Date.now()) / 1000 };
    },
    DescribeExecution: ({ executionArn }) => {
      // Of Express executions AWS describes only those that a map run has started.
      const [, machineName, label, run, name] = expressChild.exec(String(executionArn)) ?? [];
      if (name !== undefined) {
        const mapRunArn = String(executionArn).replace(
          /:express:.*/,
          `:mapRun:${machineName}/${label}:${run}`,
        );
        return describeChild(mapRun(mapRunArn), name, executionArn);
      }
      const { of, record } = execution(executionArn);
      return describeExecution(of, record);
    },
    ListExecutions: ({ stateMachineArn, mapRunArn, statusFilter, maxResults, nextToken }) => {
      if (mapRunArn) {
        const { of, record } = mapRun(mapRunArn);
        return page('executions', childrenOf(of, record, statusFilter), { maxResults, nextToken });
      }
      const of = machine(stateMachineArn);
      const newestFirst = [...of.executions.values()]
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .reverse();
      return page('executions', newestFirst, { maxResults, nextToken }, (record) => ({
        ...summary(record),
        stateMachineArn,
      }));
    },
    GetExecutionHistory: ({ executionArn, maxResults, nextToken, reverseOrder, includeExecutionData }) => {
      const { of, record } = execution(executionArn);
      const events = readHistory(of.journalFile(record.name));
      if (reverseOrder) events.reverse();
      return page('events', events, { maxResults, nextToken }, (event) =>
        shown(event, includeExecutionData !== false),
      );
    },
    ListStateMachines: ({ maxResults, nextToken }) =>
      page('stateMachines', machines(), { maxResults, nextToken }, (of) => ({
        stateMachineArn: of.arn,
        name: of.options.name,
        type: 'STANDARD',
        creationDate: 0,
      })),
    DescribeStateMachine: ({ stateMachineArn }) => {
      const { options, arn } = machine(stateMachineArn);
      return {
        stateMachineArn: arn,
        name: options.name,
        status: 'ACTIVE',
        type: 'STANDARD',
        definition: JSON.stringify(options.source),
        roleArn: options.roleArn,
        creationDate: 0,
      };
    },
    ListMapRuns: ({ executionArn, maxResults, nextToken }) => {
      const { of, record } = execution(executionArn);
      const arns = readHistory(of.journalFile(record.name)).flatMap(({ mapRunStartedEventDetails }) =>
        mapRunStartedEventDetails ? [(mapRunStartedEventDetails as { mapRunArn: string }).mapRunArn] : [],
      );
      return page('mapRuns', arns.reverse(), { maxResults, nextToken }, (mapRunArn) => {
        const { start, stopMs } = mapRun(mapRunArn).record;
        return {
          executionArn,
          mapRunArn,
          stateMachineArn: of.arn,
          startDate: start.startMs / 1000,
          ...(stopMs === undefined ? {} : { stopDate: stopMs / 1000 }),
        };
      });
    },
    DescribeMapRun: ({ mapRunArn }) => describeMapRun(mapRun(mapRunArn).record),
  };
}

/** `arn:aws:states:<region>:<account>:express:<machine>/<label>:<map run>:<name>` */
const expressChild = /:express:([^/]+)\/([^:]+):([^:]+):([^:]+)$/;

function describeChild(
  { of, record }: { of: Machine; record: MapRunRecord },
  name: string,
  executionArn: string,
): object {
  const child = [...record.children.values()].find((each) => each.name === name);
  if (child === undefined)
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
  const { status, startMs, stopMs, input } = child;
  return {
    ...{ executionArn, name, status, mapRunArn: record.start.mapRunArn, stateMachineArn: of.arn },
    ...{ startDate: startMs / 1000, stopDate: stopMs / 1000 },
    // That of a child that succeeded is not kept.
    ...(input === undefined
      ? { inputDetails: { included: false } }
      : { input: JSON.stringify(input), inputDetails: { included: true } }),
    ...(status === 'SUCCEEDED'
      ? { output: JSON.stringify(child.output), outputDetails: { included: true } }
      : { error: child.error, cause: child.cause }),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  };
}

function summary(record: ExecutionRecord): object {
  return {
    executionArn: record.executionArn,
    name: record.name,
    status: record.status,
    startDate: record.startMs / 1000,
    ...(record.stopMs === undefined ? {} : { stopDate: record.stopMs / 1000 }),
    redriveCount: record.redriveCount,
    ...(record.redriveMs === undefined ? {} : { redriveDate: record.redriveMs / 1000 }),
  };
}

function describeExecution(of: Machine, record: ExecutionRecord): object {
  const redrivable = record.status !== 'RUNNING' && record.status !== 'SUCCEEDED';
  const last = record.status === 'SUCCEEDED' ? readHistory(of.journalFile(record.name)).at(-1) : undefined;
  const { output } = (last?.executionSucceededEventDetails ?? {}) as { output?: string };
  return {
    ...summary(record),
    stateMachineArn: of.arn,
    input: JSON.stringify(of.inputOf(record.name)),
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(record.error === undefined ? {} : { error: record.error }),
    ...(record.cause === undefined ? {} : { cause: record.cause }),
    redriveStatus: redrivable ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(redrivable ? {} : { redriveStatusReason: `Execution is ${record.status} and cannot be redriven` }),
  };
}

function childrenOf(of: Machine, record: MapRunRecord, statusFilter: string | undefined): object[] {
  const { mapRunArn } = record.start;
  return [...record.children.values()]
    .filter(({ status }) => statusFilter === undefined || status === statusFilter)
    .map((child) => ({
      executionArn: of.mapRuns.childArn(record, child.name),
      name: child.name,
      mapRunArn,
      stateMachineArn: `${of.arn}/${/\/([^:]+):/.exec(mapRunArn)?.[1]}`,
      status: child.status,
      startDate: child.startMs / 1000,
      stopDate: child.stopMs / 1000,
      itemCount: 1,
    }));
}

function describeMapRun(record: MapRunRecord): object {
  const { start } = record;
  const counts = record.counts();
  return {
    mapRunArn: start.mapRunArn,
    executionArn: start.executionArn,
    status: record.status,
    startDate: start.startMs / 1000,
    ...(record.stopMs === undefined ? {} : { stopDate: record.stopMs / 1000 }),
    maxConcurrency: start.maxConcurrency,
    toleratedFailureCount: start.toleratedFailureCount,
    toleratedFailurePercentage: start.toleratedFailurePercentage,
    itemCounts: counts,
    executionCounts: counts,
    redriveCount: record.redriveCount,
    ...(record.redriveMs === undefined ? {} : { redriveDate: record.redriveMs / 1000 }),
  };
}

/** The event with its time in seconds; without inputs and outputs when they are not asked for. */
function shown({ timestamp, ...event }: HistoryEvent, withData: boolean): object {
  const json = JSON.stringify(event, (key, value) =>
    !withData && (key === 'input' || key === 'output' || key === 'parameters') ? undefined : value,
  );
  return { timestamp: timestamp / 1000, ...JSON.parse(json) };
}

/** One page of a list, and a token that is the place of the next. Throws InvalidToken. */
function page<Item>(
  member: string,
  items: readonly Item[],
  request: { maxResults?: number; nextToken?: string },
  render: (item: Item) => unknown = (item) => item,
): object {
  const size = Math.min(request.maxResults || 100, 1_000);
  const start = request.nextToken === undefined ? 0 : Number(request.nextToken);
  if (!Number.isSafeInteger(start) || start < 0) throw new AwsError('InvalidToken', 'Invalid Token');
  const end = start + size;
  return {
    [member]: items.slice(start, end).map(render),
    ...(end < items.length ? { nextToken: String(end) } : {}),
  };
}
