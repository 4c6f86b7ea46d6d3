import { createFailedSegmentQueries } from '../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import {
  createExecutionLister,
  createExecutionReader,
  createExecutionStarting,
} from '../../adapters/step-functions/executions.ts';
import { countOf } from '../../cli/format.ts';
import { flag, text } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { executionHealth } from '../../handlers/operations/execution-health.ts';
import type { ExecutionView } from '../../handlers/operations/execution-view.ts';
import { type Redriving, redrive as redriveExecution, redriving } from '../../handlers/operations/redrive.ts';
import { shortCause } from '../../ports/faults.ts';
import { describeExecution } from '../shared/execution-queries.ts';
import { awaitRun, type EndedRun, runLines } from '../shared/ingest-run.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';

/** `caudal redrive` */
export const redrive = defineInstallationVerb({
  command: 'npm run caudal -- redrive',
  summary: 'runs failed executions on from where they failed, or again with the same input',
  about: [
    'An execution that was stopped or timed out is continued in the state in which it was (RedriveExecution). One that failed has ended in its Fail state, and continuing there fails at once: its input is run again as a new execution. Either way what was done before is not done twice: merging is a set union. Fix the cause first: docs/runbook.md.',
  ],
  positionals: {
    execution: text({
      help: 'its name or ARN; npm run caudal -- executions --status FAILED lists them',
    }),
  },
  options: {
    all: flag({
      help: 'every failed execution of the ingestion that nothing has fixed since, one after the other',
    }),
    'dry-run': flag({ help: 'says what would be done, and does nothing' }),
    detach: flag({ help: 'starts it and does not wait for its end' }),
    ...jsonOption,
  },
  examples: [
    'npm run caudal -- redrive 8a1f0c62-4f0e-4f2b-9d55-2d1d2a6b6f0e',
    'npm run caudal -- redrive --all --dry-run',
  ],
  async run({ execution: id, all, json, ...how }) {
    if ((id !== undefined) === all) throw new UsageError('Name one execution, or give --all.');
    const found = await openInstallation();
    const printLines = (lines: readonly string[]) => json || print(lines.join('\n'));
    if (id !== undefined) {
      const view = await describeExecution(found.stepFunctions, id);
      if (view !== undefined) {
        const { exitCode, ...result } = await redriveOne(found, view, { ...how, printLines });
        if (json) print(JSON.stringify(result, null, 2));
        return exitCode;
      }
      printError(
        `There is no execution "${id}". List the failed ones with: npm run caudal -- executions --status FAILED`,
      );
      return 1;
    }
    const open = await openExecutions(found);
    printLines([
      open.length === 0 ? 'No failed execution is open.' : `${countOf(open.length, 'execution')} open:`,
    ]);
    const results: (Redriven & { execution: string })[] = [];
    // The oldest first, as they would have run: what a later one corrects it corrects again.
    for (const name of open.reverse()) {
      const view = await describeExecution(found.stepFunctions, `${executionsOf(found)}:${name}`);
      if (view === undefined) continue; // it was deleted since it was listed
      printLines(['']);
      results.push({ execution: name, ...(await redriveOne(found, view, { ...how, printLines })) });
    }
    const failed = results.filter(({ exitCode }) => exitCode !== 0);
    if (json) print(JSON.stringify(results, null, 2));
    else if (results.length > 0 && !how.dryRun)
      print(
        `\n${results.length - failed.length} of ${results.length} ${how.detach ? 'started' : 'succeeded'}`,
      );
    return failed.length === 0 ? 0 : 1;
  },
});

const executionsOf = ({ installation }: OpenInstallation): string =>
  installation.ingestMachine.replace(':stateMachine:', ':execution:');

/** Names of the failed executions of the ingestion that nothing has fixed since, newest first. */
async function openExecutions({
  stepFunctions,
  documents,
  installation,
}: OpenInstallation): Promise<string[]> {
  const { open } = await executionHealth(
    {
      executions: { ...createExecutionLister(stepFunctions), ...createExecutionReader(stepFunctions) },
      segments: createFailedSegmentQueries(documents, installation.jobsTable),
      ledgers: createLedgers(documents, installation.jobsTable),
    },
    { machine: installation.ingestMachine, nowMs: Date.now() },
  );
  return open.map(({ name }) => name);
}

/** What was done about one execution. */
interface Redriven {
  readonly way: Redriving;
  readonly executionArn?: string;
  readonly run?: EndedRun;
  readonly exitCode: number;
}

async function redriveOne(
  found: OpenInstallation,
  view: ExecutionView,
  {
    dryRun,
    detach,
    printLines,
  }: { dryRun: boolean; detach: boolean; printLines: (lines: readonly string[]) => void },
): Promise<Redriven> {
  const execution = { description: view.description, last: view.visits.at(-1) };
  const way = redriving(execution, found.installation.ingestMachine);
  printLines([headLine(view), way.why]);
  if (way.kind === 'none') return { way, exitCode: 1 };
  if (dryRun) return { way, exitCode: 0 };
  const began = await redriveExecution(
    { ...createExecutionReader(found.stepFunctions), ...createExecutionStarting(found.stepFunctions) },
    execution,
    way,
  );
  if (began.kind === 'refused') {
    printLines([began.why]);
    return { way: { kind: 'none', why: began.why }, exitCode: 1 };
  }
  const { executionArn } = began;
  printLines([`${way.kind === 'continue' ? 'continued' : 'started  '}    ${executionArn.split(':').at(-1)}`]);
  if (detach) return { way, executionArn, exitCode: 0 };
  const run = await awaitRun(found, executionArn);
  printLines(runLines(run));
  return { way, executionArn, run, exitCode: run.status === 'SUCCEEDED' ? 0 : 1 };
}

function headLine({ description: { name, status, error, cause } }: ExecutionView): string {
  const because = error === undefined ? '' : `, ${error}: ${shortCause(cause, 300)}`;
  return `${name}  ${status}${because}`;
}
