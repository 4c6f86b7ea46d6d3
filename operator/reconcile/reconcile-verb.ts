import { parseArgs } from 'node:util';
import { datasets } from '#datasets';
import { createProgress } from '../../cli/progress.ts';
import { type Reach, reach } from '../shared/clients.ts';
import { listExecutions } from '../shared/execution-queries.ts';
import { datasetOption, daySpan, spanText, wholeNumber } from '../shared/options.ts';
import type { Verb } from '../shared/verb.ts';
import { reconcileStores } from './compare-stores.ts';
import { reconcile } from './reconcile.ts';
import { reconciliationPage, storesPage } from './reconcile-page.ts';
import { createReconcilePorts } from './reconcile-ports.ts';

/** Some 100 bytes each while they are sorted: a gigabyte. */
const defaultMaxReadings = 10_000_000;

/** `caudal reconcile [--dataset D] [--from DAY] [--to DAY] [--stores] [--days] [--json]` */
export const reconcileVerb: Verb = {
  name: 'reconcile',
  summary: 'recounts the raw objects and compares ledgers, partitions, statistics and alerts with them',
  help: [
    'Usage: npm run caudal -- reconcile [options]',
    '',
    'Reads every raw object again from its bytes and checks that lines = rejected + distinct + repeated, that each ledger',
    'says what its object holds, and that each partition, each day, each month and each alert follows from the readings.',
    'Nothing is written. What differs is named, with what to do; the exit code is then 1. Run it while nothing is being',
    'ingested: what is on its way differs until it has arrived.',
    '',
    '  --dataset D        only this dataset',
    '  --from, --to DAY   only readings of these local days (YYYY-MM-DD, both included); all raw objects are read all the',
    '                     same, since a reading may arrive at any time',
    '  --stores           compares the stores with each other and reads no raw object: for spans of any size, by far quicker',
    '  --days             a row for each day, however many there are',
    `  --max-readings N   valid lines to keep in memory at most (default ${defaultMaxReadings.toLocaleString('en-US')}); says so when a span has more`,
    '  --json             for machines',
    '',
    'Example: npm run caudal -- reconcile --dataset water-temperature --from 2026-01-01 --to 2026-01-31',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({
      args: argv,
      options: {
        dataset: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        stores: { type: 'boolean', default: false },
        days: { type: 'boolean', default: false },
        'max-readings': { type: 'string', default: String(defaultMaxReadings) },
        json: { type: 'boolean', default: false },
      },
    });
    const span = daySpan(values);
    const dataset = values.dataset === undefined ? undefined : datasetOption(values.dataset, datasets).name;
    const maxReadings = wholeNumber('max-readings', values['max-readings'], 1);
    const scope = `${dataset ?? 'All datasets'}, ${spanText(span)}`;
    const found = await reach();
    await tellWhatRuns(found);
    const ports = createReconcilePorts(found.stores);
    const line = createProgress();
    const options = { dataset, span, progress: (text: string) => line.update(() => text) };
    try {
      if (values.stores) {
        const result = await reconcileStores(ports, datasets, options);
        line.stop();
        console.log(values.json ? JSON.stringify(result, null, 2) : storesPage(result, scope));
        return result.differences.length === 0 ? 0 : 1;
      }
      const result = await reconcile(ports, datasets, { ...options, maxReadings });
      line.stop();
      const json = () =>
        JSON.stringify({ ...result, arrivals: Object.fromEntries(result.arrivals) }, null, 2);
      console.log(values.json ? json() : reconciliationPage(result, { scope, everyDay: values.days }));
      return result.differences.length === 0 ? 0 : 1;
    } finally {
      line.stop();
    }
  },
};

async function tellWhatRuns({ stepFunctions }: Reach): Promise<void> {
  const running = await listExecutions(stepFunctions, { status: 'RUNNING', limit: 10 });
  if (running.length === 0) return;
  console.error(
    `${running.length} executions are running (${running[0]?.name}): what they have not finished yet may show as different.`,
  );
}
