import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { countOf, formatBytes, formatCount } from '../../cli/format.ts';
import { choice, flag, oneOf, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { parseInput, type ReplayRequest } from '../../handlers/ingest/plan-ingest/input.ts';
import { nameStamp } from '../../handlers/operations/redrive.ts';
import { awaitRun, type EndedRun, runLines, startIngest } from '../shared/ingest-run.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { type ReplayScope, replayScope } from './replay-scope.ts';
import { replayStreams } from './replay-streams.ts';

const dayOrTime = {
  valueName: 'DAY',
  accepted: 'a day (2026-01-31) or a time (2026-01-31T06:00:00Z)',
} as const;

/** `caudal replay` */
export const replay = defineInstallationVerb({
  command: 'npm run caudal -- replay',
  summary: 'runs the state machine over raw objects of a span or a dataset again; counts before and after',
  about: [
    'Ingests raw objects again. What is right already stays as it is: merging is a set union. Any number of objects is one execution, planned in pages and with as many at a time as caudal:maxConcurrency allows.',
  ],
  options: {
    from: text({ ...dayOrTime, help: 'objects from then on' }),
    to: text({ ...dayOrTime, help: 'objects until then' }),
    by: choice(['arrival', 'readings'], {
      help: '--from and --to are about when objects arrived, in UTC, or about the readings in them, in the local days of their dataset',
      default: 'arrival',
    }),
    dataset: oneOf(datasets, {
      help: 'without the objects that are known to have no line of it; alone, all that ever arrived of it',
    }),
    streams: flag({ help: 'builds the table of streams again from the raw log, in place of all that' }),
    lost: flag({
      help: 'with --streams: the store was lost, from some time on or all of it, so that lines are taken which its notification logs do not name',
    }),
    'dry-run': flag({ help: 'counts the objects and starts nothing' }),
    detach: flag({ help: 'starts it and does not wait for its end' }),
    ...jsonOption,
  },
  notes: [
    '--from and --to are days, both included, or times such as 2026-01-01T06:00:00Z, --to then excluded; by arrival whole hours of raw/ are taken.',
    '--streams writes each commit and each entry of the notification logs that is missing, with the snapshots; what is there is compared, and never changed. Nobody may give commands meanwhile. A commit that the logs of the store do not name is not taken: others than the store may have sent its lines. Only with --lost it is.',
    'Which readings an object has is in its ledger. Objects without one are always taken. By readings, rejected lines are no readings: to give them another chance, replay by arrival.',
  ],
  examples: [
    'npm run caudal -- replay --from 2026-01-01 --to 2026-01-31 --dry-run',
    'npm run caudal -- replay --streams',
    'npm run caudal -- replay --streams --lost',
    'npm run caudal -- replay --dataset water-temperature --from 2024-02-01 --to 2024-02-29 --by readings',
  ],
  async run({ from, to, by, dataset, streams, lost, dryRun, detach, json }) {
    if (streams) return replayStreams({ from, to, dataset, dryRun, detach, lost, json });
    if (lost) throw new UsageError('--lost goes with --streams alone.');
    const { input, request } = requestOf({ from, to, by, dataset: dataset?.name });
    const found = await openInstallation();
    const printLines = (lines: readonly string[]) => json || print(lines.join('\n'));

    const before = await scopeOf(found, request);
    printLines([
      `replay       objects ${requestText({ from, to, by, dataset: dataset?.name })}`,
      `before       ${scopeText(before)}`,
    ]);
    if (dryRun || before.objects === 0) {
      if (json) print(JSON.stringify({ input, before }, null, 2));
      else if (before.objects === 0) print('\nThere is nothing to replay.');
      else print(`\nNothing was started. It would be the input ${JSON.stringify(input)}`);
      return 0;
    }
    const name = `replay-${nameStamp(new Date())}`;
    const executionArn = await startIngest(found, { name, input: JSON.stringify(input) });
    printLines([`started      ${name}`]);
    if (detach) {
      if (json) print(JSON.stringify({ input, before, executionArn }, null, 2));
      else print(`\nFollow it with: npm run caudal -- executions ${name} --follow`);
      return 0;
    }
    const run = await awaitRun(found, executionArn);
    const after = await scopeOf(found, request);
    if (json) print(JSON.stringify({ input, before, run, after }, null, 2));
    else printLines([...runLines(run), `after        ${scopeText(after)}`, '', verdict(run)]);
    return run.status === 'SUCCEEDED' ? 0 : 1;
  },
});

interface Typed {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly by: 'arrival' | 'readings';
  readonly dataset: string | undefined;
}

/** The input of an execution, and what PlanIngest will make of it. */
function requestOf({ from, to, by, dataset }: Typed): { input: unknown; request: ReplayRequest } {
  if (from === undefined && to === undefined && dataset === undefined)
    throw new UsageError('What is replayed? Give --from and --to, --dataset, or all of them.');
  if ((from === undefined) !== (to === undefined))
    throw new UsageError(
      `${from === undefined ? '--from' : '--to'} is missing: --from and --to go together.`,
    );
  if (by === 'readings' && from === undefined)
    throw new UsageError('--by readings takes a span: --from and --to.');
  // Without `by` where it says nothing new: earlier versions know no such member.
  const span = from === undefined ? {} : { from, to, ...(by === 'readings' ? { by } : {}) };
  const input = { replay: { ...span, ...(dataset === undefined ? {} : { dataset }) } };
  try {
    const request = parseInput(input);
    if (request.kind !== 'replay') throw new Error('not a replay');
    return { input, request };
  } catch (fault) {
    const { message } = fault as Error;
    if (message.startsWith('replay:')) throw new UsageError(message); // it ends before it begins
    throw new UsageError('--from and --to take days (2026-01-31) or times (2026-01-31T06:00:00Z).');
  }
}

function requestText({ from, to, by, dataset }: Typed): string {
  const of = dataset === undefined ? '' : ` of ${dataset}`;
  if (from === undefined) return `that may have lines${of}`;
  return by === 'readings'
    ? `that have readings${of} from ${from} to ${to}`
    : `${dataset === undefined ? '' : `that may have lines${of} and `}that arrived from ${from} to ${to}`;
}

async function scopeOf(
  { s3, documents, installation }: OpenInstallation,
  request: ReplayRequest,
): Promise<ReplayScope> {
  const line = createProgress();
  const ports = {
    versions: createVersionLister(s3),
    ledgers: createLedgers(documents, installation.jobsTable),
  };
  const layout = { rawBucket: installation.rawBucket, datasets };
  try {
    return await replayScope(ports, layout, request, (text) => line.update(() => text));
  } finally {
    line.stop();
  }
}

function scopeText({
  objects,
  bytes,
  validated,
  failed,
  unseen,
  lines,
  valid,
  rejected,
}: ReplayScope): string {
  const states = [
    `${formatCount(validated)} validated`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(unseen > 0 ? [`${formatCount(unseen)} not yet`] : []),
  ];
  return `${countOf(objects, 'object')} (${formatBytes(bytes)}), ${states.join(', ')}: ${countOf(lines, 'line')} = ${formatCount(rejected)} rejected + ${formatCount(valid)} valid`;
}

function verdict({ status, outcome: { merged } }: EndedRun): string {
  if (status !== 'SUCCEEDED') return '✗ the replay failed; what it merged stays, and replaying again is safe';
  if (merged === undefined) return '✓ done, and there was no reading to merge';
  if (merged.added + merged.replaced === 0) return '✓ it changed no reading: all of them were there';
  return `✓ it fixed ${formatCount(merged.added + merged.replaced)} readings`;
}
