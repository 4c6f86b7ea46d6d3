import { datasets } from '#datasets';
import { flag, oneOf, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineVerb } from '../../cli/verb.ts';
import { listExecutions } from '../shared/execution-queries.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { daySpan, daySpanOptions, jsonOption, spanText } from '../shared/options.ts';
import { reconcileStores } from './compare-stores.ts';
import { reconcile } from './reconcile.ts';
import { reconciliationPage, storesPage } from './reconcile-page.ts';
import { createReconcilePorts } from './reconcile-ports.ts';

/** Some 100 bytes each while they are sorted: a gigabyte. */
const defaultMaxReadings = 10_000_000;

/** `caudal reconcile` */
export const reconcileVerb = defineVerb({
  command: 'npm run caudal -- reconcile',
  summary: 'recounts the raw objects and compares ledgers, partitions, statistics and alerts with them',
  about: [
    'Reads every raw object again from its bytes and checks that lines = rejected + distinct + repeated + superseded + contested, that each ledger says what its object holds, and that each partition, each day, each month and each alert follows from the readings. Nothing is written. What differs is named, with what to do; the exit code is then 1. Run it while nothing is being ingested: what is on its way differs until it has arrived.',
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
    ...jsonOption,
  },
  notes: [
    'All raw objects are read whatever the days are, since a reading may arrive at any time; --stores reads none.',
  ],
  examples: ['npm run caudal -- reconcile --dataset water-temperature --from 2026-01-01 --to 2026-01-31'],
  async run({ dataset: chosen, stores, days, maxReadings, json, ...given }) {
    const span = daySpan(given);
    const dataset = chosen?.name;
    const scope = `${dataset ?? 'All datasets'}, ${spanText(span)}`;
    const found = await openInstallation();
    await warnOfRunning(found);
    const ports = createReconcilePorts({ ...found, ...found.installation });
    const progress = createProgress();
    const options = { dataset, span, progress: (text: string) => progress.update(() => text) };
    try {
      if (stores) {
        const result = await reconcileStores(ports, datasets, options);
        progress.stop();
        print(json ? JSON.stringify(result, null, 2) : storesPage(result, scope));
        return result.differences.length === 0 ? 0 : 1;
      }
      const result = await reconcile(ports, datasets, { ...options, maxReadings });
      progress.stop();
      const asJson = () =>
        JSON.stringify({ ...result, arrivals: Object.fromEntries(result.arrivals) }, null, 2);
      print(json ? asJson() : reconciliationPage(result, { scope, everyDay: days }));
      return result.differences.length === 0 ? 0 : 1;
    } finally {
      progress.stop();
    }
  },
});

async function warnOfRunning({ stepFunctions }: OpenInstallation): Promise<void> {
  const running = await listExecutions(stepFunctions, { status: 'RUNNING', limit: 10 });
  if (running.length === 0) return;
  printError(
    `${running.length} executions are running (${running[0]?.name}): what they have not finished yet may show as different.`,
  );
}
