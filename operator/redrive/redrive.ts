import { parseArgs } from 'node:util';
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { UsageError } from '../../cli/usage-error.ts';
import { reach } from '../shared/clients.ts';
import { describeExecution, type ExecutionView } from '../shared/execution-queries.ts';
import { awaitRun, nameStamp, runLines, startIngest } from '../shared/run-ingest.ts';
import { shortCause } from '../shared/short-cause.ts';
import type { Verb } from '../shared/verb.ts';
import { type Redriving, redriving } from './redriving.ts';

/** `caudal redrive <execution> [--detach] [--json]` */
export const redrive: Verb = {
  name: 'redrive',
  summary: 'runs a failed execution on from where it failed, or again with the same input',
  help: [
    'Usage: npm run caudal -- redrive <execution> [options]',
    '',
    '  <execution>   its name or ARN; npm run caudal -- executions --status FAILED lists them',
    '  --detach      starts it and does not wait for its end',
    '  --json        for machines',
    '',
    'An execution that was stopped or timed out is continued in the state in which it was (RedriveExecution). One that',
    'failed has ended in its Fail state, and continuing there fails at once: its input is run again as a new execution.',
    'Either way what was done before is not done twice: merging is a set union. Mend the cause first: docs/runbook.md.',
    '',
    'Example: npm run caudal -- redrive 8a1f0c62-4f0e-4f2b-9d55-2d1d2a6b6f0e',
  ].join('\n'),

  async run(argv) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { detach: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
    const [id, ...others] = positionals;
    if (id === undefined || others.length > 0) throw new UsageError('Name one execution.');
    const found = await reach();
    const view = await describeExecution(found.stepFunctions, id);
    if (view === undefined) {
      console.error(
        `There is no execution "${id}". List the failed ones with: npm run caudal -- executions --status FAILED`,
      );
      return 1;
    }
    const way = redriving(view);
    const print = (lines: readonly string[]) => values.json || console.log(lines.join('\n'));
    print([headLine(view), way.why]);
    if (way.kind === 'none') {
      if (values.json) console.log(JSON.stringify({ way }, null, 2));
      return 1;
    }
    const executionArn = await begin(found, view, way);
    print([`${way.kind === 'continue' ? 'continued' : 'started  '}    ${executionArn.split(':').at(-1)}`]);
    if (values.detach) {
      if (values.json) console.log(JSON.stringify({ way, executionArn }, null, 2));
      return 0;
    }
    const run = await awaitRun(found, executionArn);
    if (values.json) console.log(JSON.stringify({ way, run }, null, 2));
    else print(runLines(run));
    return run.status === 'SUCCEEDED' ? 0 : 1;
  },
};

function headLine({ description: { name, status, error, cause } }: ExecutionView): string {
  const because = error === undefined ? '' : `, ${error}: ${shortCause(cause, 300)}`;
  return `${name}  ${status}${because}`;
}

/** @returns the ARN of the execution that now runs */
async function begin(
  found: Awaited<ReturnType<typeof reach>>,
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
