import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionStatus, SFNClient } from '@aws-sdk/client-sfn';
import { connection } from '../../cli/connection.ts';
import { choice, flag, text, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineVerb } from '../../cli/verb.ts';
import { describeExecution, listExecutions } from '../shared/execution-queries.ts';
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
export const executions = defineVerb({
  command: 'npm run caudal -- executions',
  summary: 'lists executions of the state machines, or shows one with its states, counts and failure',
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
    const client = new SFNClient(connection().settings);
    const look = () =>
      id === undefined ? lookAtList(client, { status, limit, json }) : lookAtOne(client, { id, json });
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

async function lookAtList(
  client: SFNClient,
  options: { status: ExecutionStatus | undefined; limit: number; json: boolean },
): Promise<Look> {
  const found = await listExecutions(client, options);
  const text = options.json ? JSON.stringify(found, null, 2) : executionsPage(found, new Date());
  return { text, ended: false, exitCode: 0 };
}

async function lookAtOne(client: SFNClient, options: { id: string; json: boolean }): Promise<Look> {
  const view = await describeExecution(client, options.id);
  if (view === undefined) {
    const text = `There is no execution "${options.id}". List them with: npm run caudal -- executions`;
    return { text, ended: true, exitCode: 1 };
  }
  const { status } = view.description;
  return {
    text: options.json ? JSON.stringify(view, null, 2) : executionPage(view, new Date()),
    ended: status !== 'RUNNING' && status !== 'PENDING_REDRIVE',
    exitCode: status === 'RUNNING' || status === 'SUCCEEDED' ? 0 : 1,
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
