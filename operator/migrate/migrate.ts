import { datasets } from '#datasets';
import { createAlertBook } from '../../adapters/dynamodb/alerts-table.ts';
import { earlierStatistics, removeItems } from '../../adapters/dynamodb/earlier-items.ts';
import { createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { countOf, formatCount } from '../../cli/format.ts';
import { flag } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import type { AlertBook } from '../../ports/records.ts';
import { reconcileStores } from '../reconcile/compare-stores.ts';
import { createReconcilePorts } from '../reconcile/reconcile-ports.ts';
import type { Difference } from '../shared/differences.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { moveEarlierAlerts } from './move-alerts.ts';
import { writePages } from './write-pages.ts';

const itemsAtOnce = 1_000;

/** `caudal migrate` */
export const migrate = defineInstallationVerb({
  command: 'npm run caudal -- migrate',
  summary: 'brings the statistics and alerts of an earlier version into the form of this one',
  about: [
    'Versions before 0.2 kept an item for each series and day. This writes the pages that take their place, from the partitions, moves the alerts under their partitions, compares the stores with each other, and removes the items once everything agrees. What is done stays done: started again it goes on where it was.',
    'Before the new version is deployed, run it from there with --prepare: the deployed one goes on with its items, and finds nothing changed. Then deploy, and run it without: it brings what arrived meanwhile.',
  ],
  options: {
    prepare: flag({ help: 'writes the pages, and touches nothing that the earlier version reads' }),
    ...jsonOption,
  },
  notes: [
    'The exit code is 0 when all is done, otherwise 1. It needs dynamodb:Scan, PutItem, UpdateItem, DeleteItem and BatchWriteItem on the tables of statistics and alerts. Executions may run meanwhile; what one of them is at may look like a difference, and then nothing is removed: run it again.',
  ],
  examples: ['npm run caudal -- migrate --prepare', 'npm run caudal -- migrate'],
  async run({ prepare, json }) {
    const found = await openInstallation();
    const progress = createProgress();
    const tell = (text: string) => progress.update(() => text);
    const report = prepare ? await prepared(found, tell) : await migrated(found, tell);
    progress.stop();
    print(json ? JSON.stringify(report, null, 2) : page(report).join('\n'));
    return report.differences.length === 0 ? 0 : 1;
  },
});

interface Migration {
  /** Absent where only pages were written. */
  readonly alerts?: Awaited<ReturnType<typeof moveEarlierAlerts>>;
  readonly pages: Awaited<ReturnType<typeof writePages>>;
  /** Of the earlier version; absent as the alerts are. */
  readonly items?: { readonly found: number; readonly removed: boolean };
  readonly differences: readonly Difference[];
}

/** The earlier version has its alerts by series, and would create again, and publish, what it no longer finds there. */
const noAlerts: AlertBook = {
  ofDay: async () => [],
  create: async () => 'written',
  revise: async (revisions) => revisions.map(() => 'written'),
};

async function prepared(found: OpenInstallation, tell: (text: string) => void): Promise<Migration> {
  return { pages: await pagesOfAll(found, noAlerts, tell), differences: [] };
}

async function migrated(found: OpenInstallation, tell: (text: string) => void): Promise<Migration> {
  const { documents, installation } = found;
  const { statisticsTable, alertsTable } = installation;
  const alerts = await moveEarlierAlerts({ documents, table: alertsTable, datasets, tell });
  const pages = await pagesOfAll(found, createAlertBook(documents, alertsTable), tell);
  tell('comparing the stores');
  const compared = await reconcileStores(createReconcilePorts({ ...found, ...installation }), datasets, {
    progress: tell,
  });
  const differences = compared.differences.filter(({ kind }) => ['day', 'month', 'alert'].includes(kind));
  const removed = differences.length === 0;
  let items = 0;
  for await (const keys of pagesOf(earlierStatistics(documents, statisticsTable), itemsAtOnce)) {
    items += keys.length;
    if (removed) await removeItems(documents, statisticsTable, keys);
    tell(`${formatCount(items)} items ${removed ? 'removed' : 'counted'}`);
  }
  return { alerts, pages, items: { found: items, removed }, differences };
}

function pagesOfAll(found: OpenInstallation, alerts: AlertBook, tell: (text: string) => void) {
  const { documents, s3, installation } = found;
  const { partitions } = createReconcilePorts({ ...found, ...installation });
  return writePages(
    {
      objects: createObjects(s3),
      statistics: createPageStore(documents, installation.statisticsTable),
      alerts,
      clock: systemClock,
      writes: (work) => work(),
    },
    { bucket: installation.curatedBucket, datasets, partitions, tell },
  );
}

function page({ alerts, pages, items, differences }: Migration): string[] {
  const lines = [
    `partitions   ${countOf(pages.partitions, 'partition')} read, ${countOf(pages.written, 'page')} written`,
  ];
  if (alerts === undefined || items === undefined)
    return [...lines, '✓ prepared: deploy this version, then: npm run caudal -- migrate'];
  lines.unshift(`alerts       ${countOf(alerts.moved, 'alert')} moved under their partitions`);
  if (alerts.unknown.length > 0)
    lines.push(`left         alerts of no dataset that there is: ${alerts.unknown.join(', ')}`);
  lines.push(
    `items        ${countOf(items.found, 'item')} of the earlier version ${items.removed ? 'removed' : 'left'}`,
  );
  const [first] = differences;
  return first === undefined
    ? [...lines, '✓ everything agrees']
    : [
        ...lines,
        `✗ ${countOf(differences.length, 'difference')}, the first: ${first.name}: ${first.what}`,
        '  npm run caudal -- reconcile --stores names them all; then migrate again',
      ];
}
