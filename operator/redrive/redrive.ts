import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { flag, text } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { defineVerb } from '../../cli/verb.ts';
import { describeExecution, type ExecutionView, shortCause } from '../shared/execution-queries.ts';
import { awaitRun, nameStamp, runLines, startIngest } from '../shared/ingest-run.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';

/** `caudal redrive` */
export const redrive = defineVerb({
  command: 'npm run caudal -- redrive',
  summary: 'runs a failed execution on from where it failed, or again with the same input',
  about: [
    'An execution that was stopped or timed out is continued in the state in which it was (RedriveExecution). One that failed has ended in its Fail state, and continuing there fails at once: its input is run again as a new execution. Either way what was done before is not done twice: merging is a set union. Fix the cause first: docs/runbook.md.',
  ],
  positionals: {
    execution: text({
      help: 'its name or ARN; npm run caudal -- executions --status FAILED lists them',
      required: true,
    }),
  },
  options: { detach: flag({ help: 'starts it and does not wait for its end' }), ...jsonOption },
  examples: ['npm run caudal -- redrive 8a1f0c62-4f0e-4f2b-9d55-2d1d2a6b6f0e'],
  async run({ execution: id, detach, json }) {
    const found = await openInstallation();
    const view = await describeExecution(found.stepFunctions, id);
    if (view === undefined) {
      printError(
        `There is no execution "${id}". List the failed ones with: npm run caudal -- executions --status FAILED`,
      );
      return 1;
    }
    const way = redriving(view);
    const printLines = (lines: readonly string[]) => json || print(lines.join('\n'));
    printLines([headLine(view), way.why]);
    if (way.kind === 'none') {
      if (json) print(JSON.stringify({ way }, null, 2));
      return 1;
    }
    const executionArn = await begin(found, view, way);
    printLines([
      `${way.kind === 'continue' ? 'continued' : 'started  '}    ${executionArn.split(':').at(-1)}`,
    ]);
    if (detach) {
      if (json) print(JSON.stringify({ way, executionArn }, null, 2));
      return 0;
    }
    const run = await awaitRun(found, executionArn);
    if (json) print(JSON.stringify({ way, run }, null, 2));
    else printLines(runLines(run));
    return run.status === 'SUCCEEDED' ? 0 : 1;
  },
});

function headLine({ description: { name, status, error, cause } }: ExecutionView): string {
  const because = error === undefined ? '' : `, ${error}: ${shortCause(cause, 300)}`;
  return `${name}  ${status}${because}`;
}

/** @returns the ARN of the execution that now runs */
async function begin(
  found: OpenInstallation,
  { description }: ExecutionView,
  way: Exclude<Redriving, { kind: 'none' }>,
): Promise<string> {
  const { executionArn = '', name = '', input = '{}' } = description;
  if (way.kind === 'again') {
    return startIngest(found, { name: againName(name, new Date()), input });
  }
  await found.stepFunctions.send(new RedriveExecutionCommand({ executionArn }));
  return executionArn;
}

/** A name that says what it repeats; Step Functions takes 80 characters. `status` reads it. */
const againName = (name: string, at: Date): string =>
  `${name.replace(/-again-\d{8}T\d{6}Z$/, '').slice(0, 57)}-again-${nameStamp(at)}`;

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
