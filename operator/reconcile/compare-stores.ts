import type { Dataset } from '../../core/dataset/dataset.ts';
import { type PartitionId, partitionKey } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import type { Columns } from '../../core/set/columns.ts';
import { arrivedOn } from '../../handlers/operations/raw-objects.ts';
import { mapBounded, pagesOf } from '../../ports/concurrency.ts';
import { shortCause } from '../../ports/faults.ts';
import { type Difference, fixOf, type Repair } from '../shared/differences.ts';
import { notYet, rejectsDifference } from './compare-objects.ts';
import { compareDay, compareMonths, daysWithPages, StoredPages } from './compare-pages.ts';
import type { ReconcileOptions } from './reconcile.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';

/** What the stores say, compared with each other and not with the raw objects' bytes. */
export interface StoresComparison {
  readonly objects: number;
  /** Of the ledgers. `lines = valid + rejected` */
  readonly lines: number;
  readonly valid: number;
  readonly rejected: number;
  /** Readings in the partitions of the span. */
  readonly readings: number;
  readonly partitions: number;
  readonly seriesDays: number;
  readonly seriesMonths: number;
  readonly differences: readonly Difference[];
}

const partitionsInFlight = 4;
const objectsPerPage = 100;

/**
 * Compares the stores with each other: each raw object has a ledger and its rejects; each partition's file, its day's
 * pages and alerts agree; each month agrees with its days. Reads no raw object, and holds one partition at a time (four at
 * once), so it works for any span. What it can't see is a line that was never counted, and a reading that is in no partition.
 */
export async function reconcileStores(
  ports: ReconcilePorts,
  datasets: readonly Dataset[],
  options: Omit<ReconcileOptions, 'maxReadings'> = {},
): Promise<StoresComparison> {
  const { span = { from: undefined, to: undefined }, progress = () => {} } = options;
  const { differences, ...ledgers } = await compareLedgers(ports, progress);
  const totals = { readings: 0, partitions: 0, seriesDays: 0, seriesMonths: 0 };
  for (const dataset of datasets) {
    if (options.dataset !== undefined && dataset.name !== options.dataset) continue;
    const stored = await StoredPages.of(ports, dataset);
    const ids = new Map<string, PartitionId>();
    for await (const id of ports.partitions(dataset, span)) ids.set(partitionKey(dataset, id), id);
    totals.partitions += ids.size;
    for (const id of daysWithPages(dataset, stored, span)) ids.set(partitionKey(dataset, id), id);
    let done = 0;
    await mapBounded([...ids.values()], partitionsInFlight, async (id) => {
      const found = await compareStored(ports, stored, dataset, id);
      differences.push(...found.differences);
      totals.readings += found.readings;
      totals.seriesDays += found.series;
      progress(`${dataset.name}: ${++done} of ${ids.size} partitions compared`);
    });
    const months = await compareMonths(ports, stored, { dataset, span, days: [...ids.values()] });
    differences.push(...months.differences);
    totals.seriesMonths += months.series;
  }
  const whole = options.dataset === undefined && span.from === undefined && span.to === undefined;
  if (whole && totals.readings > ledgers.valid) {
    differences.push({
      kind: 'ledger',
      name: 'ledgers',
      what: `count ${ledgers.valid} valid lines, and the partitions hold ${totals.readings} readings`,
      fix: 'npm run caudal -- reconcile (without --stores) names the object or the partition',
    });
  }
  differences.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { ...ledgers, ...totals, differences };
}

async function compareLedgers(ports: ReconcilePorts, progress: (text: string) => void) {
  const differences: Difference[] = [];
  const sum = { objects: 0, lines: 0, valid: 0, rejected: 0 };
  for await (const page of pagesOf(ports.objects(), objectsPerPage)) {
    const ledgers = await ports.ledgers.ledgers(page);
    await mapBounded(page, objectsPerPage, async (object, index) => {
      const ledger = ledgers[index];
      const day = arrivedOn(object);
      const replay = [{ kind: 'replay-arrived', from: day, to: day }] as const;
      if (ledger?.state === 'Refused') return; // a decision about a file, which `status` and a full comparison name
      if (ledger?.state !== 'Completed') {
        const what =
          ledger === undefined
            ? 'not validated yet: there is no ledger of it'
            : `validation failed after ${ledger.attempts} attempts: ${ledger.error ?? '?'}: ${shortCause(ledger.cause, 200)}`;
        const fix = fixOf(replay, ledger === undefined ? { when: notYet } : {});
        differences.push({
          kind: ledger === undefined ? 'object' : 'ledger',
          name: object.key,
          what,
          ...fix,
        });
        return;
      }
      const { lines = 0, valid = 0, rejected = 0 } = ledger.counts ?? {};
      const what =
        lines !== valid + rejected
          ? `the ledger says ${lines} lines, and ${valid} valid + ${rejected} rejected`
          : await rejectsDifference(ports, ledger);
      if (what !== undefined) differences.push({ kind: 'ledger', name: object.key, what, ...fixOf(replay) });
      sum.lines += lines;
      sum.valid += valid;
      sum.rejected += rejected;
    });
    sum.objects += page.length;
    progress(`${sum.objects} ledgers read`);
  }
  return { ...sum, differences };
}

async function compareStored(
  ports: ReconcilePorts,
  storedPages: StoredPages,
  dataset: Dataset,
  id: PartitionId,
) {
  const key = partitionKey(dataset, id);
  const replay = { kind: 'replay-readings', dataset: dataset.name, from: id.day, to: id.day } as const;
  const stored = await ports.curated.read({ bucket: ports.curatedBucket, key });
  let columns: Columns | undefined;
  const differences: Difference[] = [];
  if (stored !== undefined) {
    try {
      ({ columns } = await decodePartition(dataset, stored.bytes));
    } catch (fault) {
      const what = `can't be read: ${fault instanceof Error ? fault.message : fault}`;
      const removal: Repair = { kind: 'remove-object', bucket: ports.curatedBucket, key };
      return {
        differences: [{ kind: 'partition', name: key, what, ...fixOf([removal, replay]) } as const],
        series: 0,
        readings: 0,
      };
    }
  }
  const pages = await compareDay(ports, storedPages, { dataset, id, columns, replay });
  if (stored === undefined && pages.series > 0) {
    const what = `missing, and ${pages.series} series have statistics of its day`;
    differences.push({ kind: 'partition', name: key, what, ...fixOf([replay]) });
  } else differences.push(...pages.differences);
  return { differences, series: pages.series, readings: columns?.length ?? 0 };
}
