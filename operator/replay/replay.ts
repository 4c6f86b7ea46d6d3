import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { countOf, formatBytes, formatCount } from '../../cli/format.ts';
import { flag, oneOf, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { defineVerb } from '../../cli/verb.ts';
import { parseInput } from '../../handlers/ingest/plan-ingest/input.ts';
import { awaitRun, type EndedRun, nameStamp, runLines, startIngest } from '../shared/ingest-run.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { type ReplayScope, replayScope } from './replay-scope.ts';

const dayOrTime = {
  valueName: 'DAY',
  accepted: 'a day (2026-01-31) or a time (2026-01-31T06:00:00Z)',
  required: true,
} as const;

/** `caudal replay` */
export const replay = defineVerb({
  command: 'npm run caudal -- replay',
  summary: 'runs the state machine over the raw objects of a span again; counts before and after',
  about: [
    'Ingests raw objects again. What is right already stays as it is: merging is a set union. Any number of objects is one execution, planned in pages and with as many at a time as caudal:maxConcurrency allows.',
  ],
  options: {
    from: text({ ...dayOrTime, help: 'objects that arrived from then on (UTC)' }),
    to: text({ ...dayOrTime, help: 'objects that arrived until then (UTC)' }),
    dataset: oneOf(datasets, {
      help: 'of the uploaded files only those of this dataset; objects of raw/ hold any, and are all taken',
    }),
    'dry-run': flag({ help: 'counts the objects and starts nothing' }),
    detach: flag({ help: 'starts it and does not wait for its end' }),
    ...jsonOption,
  },
  notes: [
    '--from and --to are about when objects arrived, not when their readings were taken. They are days, both included, or times such as 2026-01-01T06:00:00Z, --to then excluded; of raw/ whole hours are taken.',
  ],
  examples: ['npm run caudal -- replay --from 2026-01-01 --to 2026-01-31 --dry-run'],
  async run({ from, to, dataset, dryRun, detach, json }) {
    const input = { replay: { from, to, ...(dataset === undefined ? {} : { dataset: dataset.name }) } };
    const span = spanOf(input);
    const found = await openInstallation();
    const printLines = (lines: readonly string[]) => json || print(lines.join('\n'));

    const before = await scopeOf(found, span);
    printLines([
      `replay       objects that arrived from ${from} to ${to}`,
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
    const after = await scopeOf(found, span);
    if (json) print(JSON.stringify({ input, before, run, after }, null, 2));
    else printLines([...runLines(run), `after        ${scopeText(after)}`, '', verdict(run)]);
    return run.status === 'SUCCEEDED' ? 0 : 1;
  },
});

/** The span as PlanIngest will take it. */
function spanOf(input: unknown): { fromMs: number; toMs: number; dataset?: string } {
  try {
    const parsed = parseInput(input);
    if (parsed.kind !== 'replay') throw new Error('not a replay');
    return parsed;
  } catch (fault) {
    const { message } = fault as Error;
    if (message.startsWith('replay:')) throw new UsageError(message); // it ends before it begins
    throw new UsageError('--from and --to take days (2026-01-31) or times (2026-01-31T06:00:00Z).');
  }
}

async function scopeOf(
  { s3, documents, installation }: OpenInstallation,
  span: Parameters<typeof replayScope>[1],
): Promise<ReplayScope> {
  const line = createProgress();
  const ports = {
    lister: createVersionLister(s3),
    ledgers: createLedgers(documents, installation.jobsTable),
    rawBucket: installation.rawBucket,
  };
  try {
    return await replayScope(ports, span, (text) => line.update(() => text));
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
