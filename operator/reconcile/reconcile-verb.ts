import { datasets } from '#datasets';
import { countOf } from '../../cli/format.ts';
import { flag, oneOf, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { DaySpan } from '../../core/time/day-span.ts';
import { confirmed } from '../shared/confirm.ts';
import type { Difference } from '../shared/differences.ts';
import { listExecutions } from '../shared/execution-queries.ts';
import { type EndedRun, runLines } from '../shared/ingest-run.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { daySpan, daySpanOptions, jsonOption, spanText } from '../shared/options.ts';
import { applyRepairs, planRepairs } from './apply-repairs.ts';
import { reconcileStores } from './compare-stores.ts';
import { reconcile } from './reconcile.ts';
import { planPage, reconciliationPage, storesPage } from './reconcile-page.ts';
import { createReconcilePorts } from './reconcile-ports.ts';

/** Some 100 bytes each while they are sorted: a gigabyte. */
const defaultMaxReadings = 10_000_000;

/** `caudal reconcile` */
export const reconcileVerb = defineInstallationVerb({
  command: 'npm run caudal -- reconcile',
  summary: 'recounts the raw objects and compares ledgers, partitions, statistics and alerts with them',
  about: [
    'Reads every raw object again from its bytes and checks that lines = rejected + distinct + repeated + superseded + contested, that each ledger says what its object holds, and that each partition, each day, each month and each alert follows from the readings. Nothing is written without --fix. What differs is named, with what to do; the exit code is then 1. Run it while nothing is being ingested: what is on its way differs until it has arrived.',
  ],
  options: {
    dataset: oneOf(datasets, { help: 'only this dataset' }),
    ...daySpanOptions({ of: 'only readings taken', kind: 'local' }),
    stores: flag({
      help: 'compares the stores with each other and reads no raw object: for spans of any size, and much quicker',
    }),
    days: flag({ help: 'a row for each day, however many there are' }),
    'max-readings': wholeNumber({
      help: 'valid lines to keep in memory at most; says so when a span has more',
      min: 1,
      default: defaultMaxReadings,
    }),
    fix: flag({
      help: 'runs what it proposes, after it was shown and confirmed: removes what has to go, replays what is missing, and compares again. What only a person can decide is left',
    }),
    'dry-run': flag({ help: 'of --fix: shows what it would run' }),
    yes: flag({ help: 'of --fix: does not ask' }),
    ...jsonOption,
  },
  notes: [
    'All raw objects are read whatever the days are, since a reading may arrive at any time; --stores reads none.',
  ],
  examples: [
    'npm run caudal -- reconcile --dataset water-temperature --from 2026-01-01 --to 2026-01-31',
    'npm run caudal -- reconcile --fix --dry-run',
  ],
  async run({ fix, dryRun, yes, ...options }) {
    const span = daySpan(options);
    if ((dryRun || yes) && !fix) throw new UsageError('--dry-run and --yes go with --fix.');
    const found = await openInstallation();
    const running = await warnOfRunning(found);
    const { json } = options;
    const isQuiet = json && fix; // one document, at the end
    const before = await compared(found, { ...options, span, isQuiet });
    if (!fix) return before.length === 0 ? 0 : 1;
    if (running > 0) {
      printError(
        'Nothing was fixed: what runs may be what is missing. Repeat the command when it has ended.',
      );
      return 1;
    }
    const plan = planRepairs(before);
    if (!json) print(`\n${planPage(plan)}`);
    const steps = plan.removals.length + plan.replays.length;
    if (steps === 0 || dryRun) {
      if (json) print(JSON.stringify({ differences: before, plan }, null, 2));
      return before.length === 0 ? 0 : 1;
    }
    if (!(await confirmed(`Do ${countOf(steps, 'thing')}`, { yes }))) {
      printError('Nothing was done.');
      return 1;
    }
    const runs: EndedRun[] = [];
    const done = await applyRepairs(found, plan, (run) => {
      runs.push(run);
      if (!json) print(runLines(run).join('\n'));
    });
    if (!json) print('');
    const left = done ? await compared(found, { ...options, span, isQuiet }) : before;
    if (json) print(JSON.stringify({ differences: before, plan, runs, left }, null, 2));
    return left.length === 0 ? 0 : 1;
  },
});

/** Compares, and prints what was found unless it is to be quiet. */
async function compared(
  found: OpenInstallation,
  {
    dataset: chosen,
    stores,
    days,
    maxReadings,
    json,
    span,
    isQuiet,
  }: {
    dataset: Dataset | undefined;
    stores: boolean;
    days: boolean;
    maxReadings: number;
    json: boolean;
    span: DaySpan;
    isQuiet: boolean;
  },
): Promise<readonly Difference[]> {
  const dataset = chosen?.name;
  const scope = `${dataset ?? 'All datasets'}, ${spanText(span)}`;
  const ports = createReconcilePorts({ ...found, ...found.installation });
  const progress = createProgress();
  const options = { dataset, span, progress: (text: string) => progress.update(() => text) };
  try {
    if (stores) {
      const result = await reconcileStores(ports, datasets, options);
      progress.stop();
      if (!isQuiet) print(json ? JSON.stringify(result, null, 2) : storesPage(result, scope));
      return result.differences;
    }
    const result = await reconcile(ports, datasets, { ...options, maxReadings });
    progress.stop();
    const asJson = () =>
      JSON.stringify({ ...result, arrivals: Object.fromEntries(result.arrivals) }, null, 2);
    if (!isQuiet) print(json ? asJson() : reconciliationPage(result, { scope, everyDay: days }));
    return result.differences;
  } finally {
    progress.stop();
  }
}

/** @returns how many executions run, ten at most */
async function warnOfRunning({ stepFunctions }: OpenInstallation): Promise<number> {
  const running = await listExecutions(stepFunctions, { status: 'RUNNING', limit: 10 });
  if (running.length === 0) return 0;
  printError(
    `${running.length} executions are running (${running[0]?.name}): what they have not finished yet may show as different.`,
  );
  return running.length;
}
