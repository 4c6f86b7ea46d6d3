import type {
  ExecutionDescription,
  ExecutionReader,
  ExecutionStarting,
  StateVisit,
} from '../../ports/executions.ts';

/** An execution as far as it takes to decide how to redrive it. */
export interface RedrivableExecution {
  readonly description: ExecutionDescription;
  /** The state that was entered last. */
  readonly last: Pick<StateVisit, 'name' | 'type'> | undefined;
}

/** What came of redriving. */
export type Redriven =
  /** `executionArn` runs now, by this call or by one before it. */
  | { readonly kind: 'runs'; readonly executionArn: string }
  | { readonly kind: 'refused'; readonly why: string };

/** `2026-11-21T07:05:12.345Z` as a part of an execution's name: `20261121T070512Z` */
export const nameStamp = (at: Date): string => `${at.toISOString().replace(/[-:]|\.\d+/g, '')}`;

/**
 * The name of the run of an execution's input again; Step Functions takes 80 characters. It has the time at which the execution ended, so that an
 * execution has one such run, however often it is asked for. `openFailures` reads it.
 */
export const againName = ({ name, stopDate, startDate }: ExecutionDescription): string =>
  `${name.replace(/-again-\d{8}T\d{6}Z$/, '').slice(0, 57)}-again-${nameStamp(stopDate ?? startDate)}`;

/** Redrives in the way that {@link redriving} chose. Doing it twice at the same time, or once more while it runs, does it once. */
export async function redrive(
  executions: Pick<ExecutionReader, 'describe'> & ExecutionStarting,
  { description }: RedrivableExecution,
  way: Exclude<Redriving, { kind: 'none' }>,
): Promise<Redriven> {
  const { executionArn, stateMachineArn, input = '{}' } = description;
  if (way.kind === 'continue') {
    const isRunning = async () => (await executions.describe(executionArn))?.status === 'RUNNING';
    if ((await executions.redrive(executionArn)) === 'started' || (await isRunning()))
      return { kind: 'runs', executionArn };
    return { kind: 'refused', why: 'Step Functions does not continue it any more.' };
  }
  const name = againName(description);
  const again = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  if ((await executions.start({ stateMachineArn, name, input })) === 'started')
    return { kind: 'runs', executionArn: again };
  const { status } = (await executions.describe(again)) ?? {};
  return {
    kind: 'refused',
    why: `Its input has been run again as ${name}, which is ${status ?? 'gone'}${status === 'SUCCEEDED' ? '' : ': redrive that one'}.`,
  };
}

/** What can be done about an execution, and why that. */
export type Redriving =
  /** By RedriveExecution, in the state where it stopped. */
  | { readonly kind: 'continue'; readonly why: string }
  /** By a new execution with the same input. */
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Chooses the way. Step Functions redrives from the state that failed; the failure paths of Caudal's machines end in a
 * Fail state, and a redrive would only enter that one again.
 * @param ingestMachine ARN of the state machine of the ingestion
 */
export function redriving({ description, last }: RedrivableExecution, ingestMachine: string): Redriving {
  const { status, name, stateMachineArn, redriveStatus, redriveStatusReason } = description;
  if (status === 'SUCCEEDED')
    return {
      kind: 'none',
      why: 'It succeeded: there is nothing to redrive. To ingest its objects once more: npm run caudal -- replay',
    };
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') {
    return { kind: 'none', why: `It is running: npm run caudal -- executions ${name} --follow` };
  }
  const failed = last?.type === 'Fail';
  if (!failed && redriveStatus === 'REDRIVABLE') {
    return { kind: 'continue', why: `It stopped in the state ${last?.name ?? '?'} and is continued there.` };
  }
  const because = failed
    ? `It ended in its Fail state ${last.name}; a redrive would enter that state again`
    : `It can't be redriven any more (${redriveStatusReason ?? redriveStatus})`;
  if (stateMachineArn === ingestMachine) {
    return { kind: 'again', why: `${because}, so its input is run again as a new execution.` };
  }
  return {
    kind: 'none',
    why: `${because}, and a job of toons is known by its execution's name, which Step Functions does not take twice. Submit the same toons under another jobId: docs/jobs.md.`,
  };
}
