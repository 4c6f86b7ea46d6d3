import type { ExecutionView } from '../shared/execution-queries.ts';

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
 */
export function redriving({ description, visits }: ExecutionView): Redriving {
  const { status, name, stateMachineArn, redriveStatus, redriveStatusReason } = description;
  if (status === 'SUCCEEDED')
    return {
      kind: 'none',
      why: 'It succeeded: there is nothing to redrive. To ingest its objects once more: npm run caudal -- replay',
    };
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') {
    return { kind: 'none', why: `It is running: npm run caudal -- executions ${name} --follow` };
  }
  const last = visits.at(-1);
  const failed = last?.type === 'Fail';
  if (!failed && redriveStatus === 'REDRIVABLE') {
    return { kind: 'continue', why: `It stopped in the state ${last?.name ?? '?'} and is continued there.` };
  }
  const because = failed
    ? `It ended in its Fail state ${last.name}; a redrive would enter that state again`
    : `It can't be redriven any more (${redriveStatusReason ?? redriveStatus})`;
  if (stateMachineArn?.endsWith(':caudal-ingest')) {
    return { kind: 'again', why: `${because}, so its input is run again as a new execution.` };
  }
  return {
    kind: 'none',
    why: `${because}, and a job of toons is known by its execution's name, which Step Functions does not take twice. Submit the same toons under another jobId: docs/jobs.md.`,
  };
}
