import type { ExecutionStatus } from '../../../core/execution-status.ts';
import type { ExecutionLister, ExecutionSummary } from '../../../ports/executions.ts';
import { type Machine, type MachineArns, type MachineName, machinesOf } from '../../operations/machines.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';

/** Pages of Step Functions in one request. */
const maxReads = 10;

/** The executions of one machine, as they are read. */
interface Stream {
  readonly machine: Machine;
  /** Of the page whose executions wait; undefined: the first one. */
  token: string | undefined;
  /** Of the page after it. */
  next: string | undefined;
  isRead: boolean;
  waiting: ExecutionSummary[];
}

/** `GET /executions`: both machines in one order, the newest first. */
export async function listExecutions(
  ports: { readonly executions: ExecutionLister; readonly machines: MachineArns },
  query: {
    status?: ExecutionStatus | undefined;
    machine?: MachineName | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<Outcome<AnswerOf<'listExecutions'>> | Problem> {
  const { status, limit } = query;
  const machines = machinesOf(ports.machines, query.machine);
  // A page of Step Functions has as many as ours, so that its tokens are of one limit.
  const identity = ['executions', status ?? '', query.machine ?? '', String(limit)];
  const position = readCursor(identity, query.cursor, isPosition);
  if ('problem' in position) return position;
  const [lastMs, lastName, ...tokens] = position;
  const streams = machines
    .map(
      (machine, index): Stream => ({
        machine,
        token: tokens[index] === undefined || tokens[index] === '' ? undefined : tokens[index],
        next: undefined,
        isRead: false,
        waiting: [],
      }),
    )
    .filter((_, index) => tokens[index] !== over);
  const isShown = ({ startDate, name }: ExecutionSummary): boolean =>
    lastMs !== undefined &&
    (startDate.getTime() > Number(lastMs) ||
      (startDate.getTime() === Number(lastMs) && name <= (lastName ?? '')));

  const shown: { machine: Machine; execution: ExecutionSummary }[] = [];
  for (let reads = 0; shown.length < limit; ) {
    const dry = streams.find(
      (each) => each.waiting.length === 0 && !(each.isRead && each.next === undefined),
    );
    if (dry !== undefined) {
      if (reads === maxReads) break;
      reads += 1;
      if (dry.isRead) dry.token = dry.next;
      const page = await ports.executions.list({
        ...{ stateMachineArn: dry.machine.arn, status, limit },
        token: dry.token,
      });
      if (page.isRefused) return oldCursor;
      dry.isRead = true;
      dry.next = page.token;
      dry.waiting = page.executions.filter((each) => !isShown(each)).sort(newestFirst);
      continue;
    }
    const [first] = streams
      .filter(({ waiting }) => waiting.length > 0)
      .sort((a, b) => newestFirst(a.waiting[0] as ExecutionSummary, b.waiting[0] as ExecutionSummary)); // filtered above
    const execution = first?.waiting.shift();
    if (first === undefined || execution === undefined) break;
    shown.push({ machine: first.machine, execution });
  }
  const more = streams.some((each) => each.waiting.length > 0 || !each.isRead || each.next !== undefined);
  const last = shown.at(-1)?.execution;
  const cursor = more
    ? encodeCursor(identity, [
        ...(last === undefined
          ? [lastMs ?? String(Number.MAX_SAFE_INTEGER), lastName ?? '']
          : [String(last.startDate.getTime()), last.name]),
        ...machines.map((machine) => placeOf(streams.find((each) => each.machine === machine))),
      ])
    : null;
  return {
    value: { executions: shown.map(({ machine, execution }) => summaryOf(machine.name, execution)), cursor },
    next: cursor,
  };
}

/** A cursor holds a token of Step Functions, which nothing here can check. */
const oldCursor = problemOf('invalid-parameter', {
  parameter: 'cursor',
  found: 'cursor is more than 24 hours old, or was changed',
  accepted:
    'the cursor of a page that is at most 24 hours old, unchanged; without cursor the list begins anew',
});

/** In the place of a machine of which all is shown. */
const over = '-';

function placeOf(stream: Stream | undefined): string {
  if (stream === undefined) return over;
  const { waiting, isRead, next, token } = stream;
  if (waiting.length > 0 || !isRead) return token ?? '';
  return next ?? over;
}

const newestFirst = (a: ExecutionSummary, b: ExecutionSummary): number =>
  b.startDate.getTime() - a.startDate.getTime() || (a.name < b.name ? -1 : 1);

const isPosition = ([lastMs = '', lastName = '', ...tokens]: readonly string[]): boolean =>
  (lastMs === '' && tokens.length === 0) ||
  (/^\d{1,16}$/.test(lastMs) &&
    lastName.length <= 80 &&
    tokens.length <= 2 &&
    tokens.every((token) => token.length <= 1_024));

/** An execution as every route has it. */
export const summaryOf = (machine: MachineName, execution: ExecutionSummary) => ({
  ...{ name: execution.name, machine, status: execution.status },
  startedAt: execution.startDate.toISOString(),
  endedAt: execution.stopDate?.toISOString() ?? null,
  redrives: execution.redriveCount ?? 0,
});
