import { datasets } from '#datasets';
import { createAlertBook } from '../../adapters/dynamodb/alerts-table.ts';
import { createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { type PartitionId, partitionFromKey, partitionKey } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import { pagedOf } from '../../core/projections/states.ts';
import { type Columns, readingAt } from '../../core/set/columns.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { settleMonth } from '../../handlers/ingest/merge-partition/settle-months.ts';
import { settlePartition } from '../../handlers/ingest/merge-partition/settle-partition.ts';
import type { AwsRequest } from '../../local/engine/calls.ts';
import type { Rival } from '../../local/testing/injector.ts';
import { dyingAfter, intercepted, RivalDied } from '../support/intercepted.ts';
import type { FaultWorld } from './fault-world.ts';

interface Target {
  dataset: Dataset;
  id: PartitionId;
}

/** After which of its writes it dies, as ports call them; some live. */
const deaths = ['writeIf', 'create', 'write', undefined] as const;
const writesOfMerge = new Set(['writeIf', 'create', 'revise', 'write']);

/**
 * Another merge at the same partition, right before a conditional write about it: it brings some of the readings that the
 * partition holds in the end, and so does nothing that another execution would not do sooner or later. Three of four times it dies after
 * one of its writes, if it comes to that. `did` is told of what it wrote, `rival:writeIf,write` for a file and a page.
 */
export function createMergeRival(
  { names, s3, documents }: FaultWorld,
  files: ReadonlyMap<string, Buffer>,
  { chance, did }: { chance: () => number; did: (what: string) => void },
): Rival {
  return async (service, request) => {
    const target = service === 's3' ? fileOf(request) : itemOf(request, names, files);
    const final = target && files.get(partitionKey(target.dataset, target.id));
    if (target === undefined || final === undefined) return;
    const { dataset, id } = target;
    const { columns } = await decodePartition(dataset, final);
    const readings = some(dataset, columns, chance());
    const death = deaths[Math.floor(chance() * deaths.length)];
    const wrote: string[] = [];
    const around = dyingAfter(death, (call) => {
      if (writesOfMerge.has(call)) wrote.push(call);
    });
    const ports = {
      objects: intercepted(createObjects(s3), around),
      statistics: intercepted(createPageStore(documents, names.statisticsTable), around),
      alerts: intercepted(createAlertBook(documents, names.alertsTable), around),
      clock: systemClock,
      writes: <Result>(work: () => Promise<Result>) => work(),
    };
    try {
      await settlePartition(ports, { bucket: names.curatedBucket, dataset, id, readings });
      const bringDays = async () => {};
      for (const paged of pagedOf(dataset)) {
        const month = { dataset: paged.storageName, shard: id.shard, period: id.day.slice(0, 7) };
        await settleMonth(ports, {
          ...{ dataset: paged, month, sensorIds: readings.sensors, days: [id.day], bringDays },
        });
      }
    } catch (error) {
      if (!(error instanceof RivalDied)) throw error;
    } finally {
      did(`rival:${wrote.join() || 'nothing'}`);
    }
  };
}

function fileOf({ path }: AwsRequest): Target | undefined {
  const key = decodeURIComponent(path).replace(/^\/[^/]+\//, '');
  for (const dataset of datasets) {
    const id = partitionFromKey(dataset, key);
    if (id) return { dataset, id };
  }
  return undefined;
}

/** The partition behind a page of statistics or an alert; of a month the first day that there is. */
function itemOf(
  { input }: AwsRequest,
  names: FaultWorld['names'],
  files: ReadonlyMap<string, Buffer>,
): Target | undefined {
  const { TableName, Item, Key, Statements } = input as Record<string, Attributes | undefined> & {
    TableName?: string;
    Statements?: { Statement: string; Parameters: { S?: string }[] }[];
  };
  const [statement] = Statements ?? []; // only alerts are written by statements
  if (!statement && TableName !== names.statisticsTable && TableName !== names.alertsTable) return undefined;
  const { pk, sk } = Item ?? Key ?? (statement ? keyIn(statement) : {});
  const [storageName, shard] = (pk?.S ?? '').split('#');
  const period = /\d{4}-\d\d(?:-\d\d)?/.exec(sk?.S ?? '')?.[0] ?? '';
  const dataset = datasets.find((each) => pagedOf(each).some((paged) => paged.storageName === storageName));
  if (dataset === undefined) return undefined;
  return [...files.keys()]
    .flatMap((key) => partitionFromKey(dataset, key) ?? [])
    .filter((id) => id.shard === Number(shard) && id.day.startsWith(period))
    .map((id) => ({ dataset, id }))[0];
}

type Attributes = Record<string, { S?: string }>;

/** The values of the key, which the conditions begin with. */
function keyIn({ Statement, Parameters }: { Statement: string; Parameters: { S?: string }[] }): Attributes {
  const first = Statement.split(' WHERE ')[0]?.split('?').length ?? 1;
  const [pk = {}, sk = {}] = Parameters.slice(first - 1);
  return { pk, sk };
}

/** About a third of the rows, at least one; which ones `chance` decides. */
function some(dataset: Dataset, columns: Columns, chance: number): Columns {
  const builder = new ColumnsBuilder(dataset);
  const first = Math.floor(chance * columns.length);
  for (let row = 0; row < columns.length; row += 3)
    builder.add(readingAt(columns, (first + row) % columns.length));
  return builder.build();
}
