import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionStatus, SFNClient } from '@aws-sdk/client-sfn';
import { createFailedSegmentQueries } from '../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { connection } from '../../cli/connection.ts';
import { choice, flag, text, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { describeExecution, listExecutions } from '../shared/execution-queries.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { executionPage, executionsPage } from './execution-pages.ts';

const statuses = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
] as const satisfies readonly ExecutionStatus[];

/** Between two looks of `--follow`: Step Functions' read quotas allow far more, and a person does not read faster. */
const followIntervalMs = 1_000;

/** `caudal executions` */
export const executions = defineInstallationVerb({
  command: 'npm run caudal -- executions',
  summary: 'lists executions of the state machines, or shows one with its states, counts and what failed',
  positionals: {
    id: text({
      help: 'the name or ARN of one execution: shows its states with the time spent, map progress, counts, and the error and cause of a failure',
    }),
  },
  options: {
    follow: flag({ help: 'keeps watching: until the execution ends, or for the list until Ctrl-C' }),
    status: choice(statuses, { help: 'only those in a status', valueName: 'STATUS', anyCase: true }),
    limit: wholeNumber({ help: 'how many of the newest to list', min: 1, max: 1_000, default: 20 }),
    ...jsonOption,
  },
  examples: ['npm run caudal -- executions --status FAILED'],
  async run({ id, follow, status, limit, json }) {
    const look = id === undefined ? await listLook({ status, limit, json }) : await oneLook({ id, json });
    if (follow) return lookAgain(look);
    const { text, exitCode } = await look();
    print(text);
    return exitCode;
  },
});

/** What one look at the API shows; `ended` when looking again can't show more. */
interface Look {
  readonly text: string;
  readonly ended: boolean;
  readonly exitCode: number;
}

/** How to look at the list. It is there before the rest of Caudal is, and asks for nothing else. */
async function listLook(options: {
  status: ExecutionStatus | undefined;
  limit: number;
  json: boolean;
}): Promise<() => Promise<Look>> {
  const client = new SFNClient(connection().settings);
  return async () => {
    const found = await listExecutions(client, options);
    const text = options.json
      ? JSON.stringify(found, null, 2)
      : executionsPage(found, { now: new Date(), status: options.status });
    return { text, ended: false, exitCode: 0 };
  };
}

/** Failed segments of an execution that are shown; the API of jobs has twenty. */
const shownSegments = 5;

async function oneLook({ id, json }: { id: string; json: boolean }): Promise<() => Promise<Look>> {
  const { stepFunctions, documents, installation } = await openInstallation();
  const queries = createFailedSegmentQueries(documents, installation.jobsTable);
  return async () => {
    const view = await describeExecution(stepFunctions, id);
    if (view === undefined) {
      const text = `There is no execution "${id}". List them with: npm run caudal -- executions`;
      return { text, ended: true, exitCode: 1 };
    }
    const { status, name = '', stateMachineArn } = view.description;
    // An execution of the ingestion is its job. The other machine's jobs have no segments.
    const failedSegments =
      stateMachineArn === installation.ingestMachine ? await queries.failed(name, shownSegments) : [];
    return {
      text: json
        ? JSON.stringify({ ...view, failedSegments }, null, 2)
        : executionPage(view, failedSegments, new Date()),
      ended: status !== 'RUNNING' && status !== 'PENDING_REDRIVE',
      exitCode: status === 'RUNNING' || status === 'SUCCEEDED' ? 0 : 1,
    };
  };
}

/** Looks again and again until nothing can change. On a terminal the page is drawn over itself; in a file a changed page is added. */
async function lookAgain(look: () => Promise<Look>): Promise<number> {
  let last = '';
  for (;;) {
    const { text, ended, exitCode } = await look();
    if (text !== last) {
      if (process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
      print(text);
      last = text;
    }
    if (ended) return exitCode;
    await sleep(followIntervalMs);
  }
}
