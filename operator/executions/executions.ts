import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ExecutionStatus, SFNClient } from '@aws-sdk/client-sfn';
import { connection } from '../../cli/connection.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { describeExecution, listExecutions } from '../shared/execution-queries.ts';
import type { Verb } from '../shared/verb.ts';
import { executionPage, executionsPage } from './execution-pages.ts';

const statuses: readonly ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** Between two looks of `--follow`: Step Functions' read quotas allow far more, and a person does not read faster. */
const followIntervalMs = 1_000;

/** `caudal executions [id] [--follow] [--status S] [--limit N] [--json]` */
export const executions: Verb = {
  name: 'executions',
  summary: 'lists executions of the state machines, or shows one with its states, counts and failure',
  help: [
    'Usage: npm run caudal -- executions [id] [options]',
    '',
    '  id             the name or ARN of one execution: shows its states with the time spent, map progress,',
    '                 counts, and the error and cause of a failure',
    '  --follow       stays on: until the execution ends, or for the list until Ctrl-C',
    `  --status S     only those in a status: ${statuses.join(', ')}`,
    '  --limit N      how many of the newest to list (default 20, at most 1000)',
    '  --json         for machines',
    '',
    'Example: npm run caudal -- executions --status FAILED',
  ].join('\n'),

  async run(argv) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        follow: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        status: { type: 'string' },
        limit: { type: 'string', default: '20' },
      },
    });
    if (positionals.length > 1) throw new UsageError('Name one execution, or none for the list.');
    const client = new SFNClient(connection().settings);
    const [id] = positionals;
    const { json } = values;
    const list = { status: statusOf(values.status), limit: limitOf(values.limit), json };
    const look = () => (id === undefined ? lookAtList(client, list) : lookAtOne(client, { id, json }));
    if (values.follow) return follow(look);
    const { text, exitCode } = await look();
    console.log(text);
    return exitCode;
  },
};

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
async function follow(look: () => Promise<Look>): Promise<number> {
  let last = '';
  for (;;) {
    const { text, ended, exitCode } = await look();
    if (text !== last) {
      if (process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
      console.log(text);
      last = text;
    }
    if (ended) return exitCode;
    await sleep(followIntervalMs);
  }
}

function statusOf(text: string | undefined): ExecutionStatus | undefined {
  if (text === undefined) return undefined;
  const status = statuses.find((candidate) => candidate === text.toUpperCase());
  if (status === undefined)
    throw new UsageError(`--status takes one of ${statuses.join(', ')}, not "${text}".`);
  return status;
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new UsageError(`--limit takes a whole number from 1 to 1000, not "${text}".`);
  }
  return limit;
}
