import { parseArgs } from 'node:util';
import { datasets } from '#datasets';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { createProgress } from '../../cli/progress.ts';
import { countOf, formatBytes, formatCount } from '../../cli/table.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { parseInput } from '../../handlers/ingest/plan-ingest/input.ts';
import { type Reach, reach } from '../shared/clients.ts';
import { createLedgers } from '../shared/ledgers.ts';
import { datasetOption } from '../shared/options.ts';
import { awaitRun, type EndedRun, nameStamp, runLines, startIngest } from '../shared/run-ingest.ts';
import type { Verb } from '../shared/verb.ts';
import { type ReplayScope, replayScope } from './replay-scope.ts';

/** `caudal replay --from DAY --to DAY [--dataset D] [--dry-run] [--detach] [--json]` */
export const replay: Verb = {
  name: 'replay',
  summary: 'runs the state machine over the raw objects of a span again; counts before and after',
  help: [
    'Usage: npm run caudal -- replay --from DAY --to DAY [options]',
    '',
    'Ingests raw objects again. What is right already stays as it is: merging is a set union. Any number of objects is one',
    'execution, planned in pages and with as many at a time as caudal:maxConcurrency allows.',
    '',
    '  --from, --to DAY   when the objects arrived (not when their readings were taken), in UTC: days, both included, or times',
    '                     such as 2026-01-01T06:00:00Z, --to then excluded; of raw/ whole hours are taken',
    '  --dataset D        of the uploaded files only those of this dataset; objects of raw/ hold any, and are all taken',
    '  --dry-run          counts the objects and starts nothing',
    '  --detach           starts it and does not wait for its end',
    '  --json             for machines',
    '',
    'Example: npm run caudal -- replay --from 2026-01-01 --to 2026-01-31 --dry-run',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({
      args: argv,
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        dataset: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        detach: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { from, to } = values;
    if (from === undefined || to === undefined)
      throw new UsageError('Say from when --to when the objects arrived.');
    const dataset = values.dataset === undefined ? undefined : datasetOption(values.dataset, datasets).name;
    const input = { replay: { from, to, ...(dataset === undefined ? {} : { dataset }) } };
    const span = spanOf(input);
    const found = await reach();
    const print = (lines: readonly string[]) => values.json || console.log(lines.join('\n'));

    const before = await scopeOf(found, span);
    print([`replay       objects that arrived from ${from} to ${to}`, `before       ${scopeText(before)}`]);
    if (values['dry-run'] || before.objects === 0) {
      if (values.json) console.log(JSON.stringify({ input, before }, null, 2));
      else if (before.objects === 0) console.log('\nThere is nothing to replay.');
      else console.log(`\nNothing was started. It would be the input ${JSON.stringify(input)}`);
      return 0;
    }
    const name = `replay-${nameStamp(new Date())}`;
    const executionArn = await startIngest(found, { name, input: JSON.stringify(input) });
    print([`started      ${name}`]);
    if (values.detach) {
      if (values.json) console.log(JSON.stringify({ input, before, executionArn }, null, 2));
      else console.log(`\nFollow it with: npm run caudal -- executions ${name} --follow`);
      return 0;
    }
    const run = await awaitRun(found, executionArn);
    const after = await scopeOf(found, span);
    if (values.json) console.log(JSON.stringify({ input, before, run, after }, null, 2));
    else print([...runLines(run), `after        ${scopeText(after)}`, '', verdict(run)]);
    return run.status === 'SUCCEEDED' ? 0 : 1;
  },
};

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
  { s3, documents, installation }: Reach,
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
  return `✓ it mended ${formatCount(merged.added + merged.replaced)} readings`;
}
