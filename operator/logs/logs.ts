import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { stageOf } from '../../cli/connection.ts';
import { formatCount } from '../../cli/format.ts';
import { flag, text, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { ofStage } from '../../core/stage.ts';
import { describeExecution } from '../shared/execution-queries.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { logLines, logText } from './log-lines.ts';

/** Stacks that have functions which work on executions and jobs. */
const stacks = ['CaudalIngest', 'CaudalJobs', 'CaudalApi'];

/** Before an execution begins, for the request that asked for it; and after its end, for lines on their way. */
const marginMs = 10 * 60_000;

/** Levels of `--problems`. */
const problems: ReadonlySet<string> = new Set(['WARN', 'ERROR', 'CRITICAL']);

/** `caudal logs` */
export const logs = defineInstallationVerb({
  command: 'npm run caudal -- logs',
  summary: 'shows what all functions logged about one execution, in the order of time',
  about: [
    "The functions of the ingestion, of the jobs of toons and of the API write the execution's name into each line that is about it, as correlation_id. On AWS each look reads the logs of its time, as FilterLogEvents does, which costs nothing.",
  ],
  positionals: {
    execution: text({ help: 'its name or ARN; npm run caudal -- executions lists them' }),
  },
  options: {
    problems: flag({ help: 'only warnings and errors' }),
    limit: wholeNumber({ help: 'how many lines to show, the oldest', min: 1, max: 100_000, default: 1_000 }),
    ...jsonOption,
  },
  examples: ['npm run caudal -- logs 8a1f0c62-4f0e-4f2b-9d55-2d1d2a6b6f0e --problems'],
  async run({ execution: id, problems: onlyProblems, limit, json }) {
    if (id === undefined) throw new UsageError('Name an execution; npm run caudal -- executions lists them.');
    const { stepFunctions, settings } = await openInstallation();
    const view = await describeExecution(stepFunctions, id);
    if (view === undefined) {
      printError(`There is no execution "${id}". List them with: npm run caudal -- executions`);
      return 1;
    }
    const { name = '', startDate, stopDate } = view.description;
    const span = {
      startTime: (startDate?.getTime() ?? 0) - marginMs,
      endTime: (stopDate?.getTime() ?? Date.now()) + marginMs,
    };
    const client = new CloudWatchLogsClient(settings);
    const events: { group: string; event: FilteredLogEvent }[] = [];
    for (const group of await groupsOf(client)) {
      const found = { logGroupName: group, filterPattern: JSON.stringify(name), ...span };
      for await (const page of paginateFilterLogEvents({ client }, found))
        events.push(...(page.events ?? []).map((event) => ({ group, event })));
    }
    const all = logLines(events, name).filter(({ level }) => !onlyProblems || problems.has(level));
    const lines = all.slice(0, limit);
    if (json) print(JSON.stringify(lines, null, 2));
    else print(lines.length === 0 ? noLines(name, onlyProblems) : logText(lines));
    if (all.length > lines.length)
      printError(`${formatCount(all.length - lines.length)} later lines are left out: --limit ${all.length}`);
    return 0;
  },
});

const noLines = (name: string, onlyProblems: boolean): string =>
  onlyProblems
    ? `No warnings or errors about ${name}.`
    : `No lines about ${name}: logs are kept for caudal:logRetentionDays, and only from caudal:logLevel on.`;

/** Log groups of functions: their names begin with their stack's and the logical id, of which the first letter is a capital, as of no stage. */
async function groupsOf(client: CloudWatchLogsClient): Promise<string[]> {
  const groups: string[] = [];
  for (const stack of stacks) {
    const prefix = `${ofStage(stack, stageOf())}-`;
    for await (const page of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: prefix })) {
      for (const { logGroupName = '' } of page.logGroups ?? [])
        if (/^[A-Z]\w*Logs/.test(logGroupName.slice(prefix.length))) groups.push(logGroupName);
    }
  }
  return groups;
}
