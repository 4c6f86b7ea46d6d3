import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import type { Columns } from '../../core/set/columns.ts';
import { identityText, identityTextAt } from '../../core/set/identity.ts';
import type { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { builderOf, eachReading } from '../../handlers/operations/object-readings.ts';
import type { RawObject } from '../../handlers/operations/raw-objects.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';

/** What one file said in one partition, and does not say any more: it was deleted, or its newest version lacks the rows. */
export interface GoneReadings {
  readonly key: string;
  readonly isDeleted: boolean;
  readonly columns: Columns;
}

/**
 * The readings that files which people uploaded no longer hold, by partition key. Reads the versions of deleted files, and all
 * versions of files that have several. Memory: these readings.
 */
export async function goneReadings(
  ports: Pick<ReconcilePorts, 'objects' | 'deleted' | 'segments'>,
  datasets: readonly Dataset[],
): Promise<Map<string, GoneReadings[]>> {
  const versions = new Map<string, RawObject[]>();
  const note = (object: RawObject) => versions.set(object.key, [...(versions.get(object.key) ?? []), object]);
  for await (const object of ports.objects()) if (object.key.startsWith('landing/')) note(object);
  for (const [key, of] of versions) if (of.length === 1) versions.delete(key);
  for await (const object of ports.deleted()) note(object);
  const gone = new Map<string, GoneReadings[]>();
  for (const [key, of] of versions) {
    const isDeleted = !of.some(({ isCurrent }) => isCurrent);
    for (const [dataset, columns] of await readGone(ports, of, datasets)) {
      for (const part of splitByPartition(dataset, columns)) {
        const place = partitionKey(dataset, part.id);
        gone.set(place, [...(gone.get(place) ?? []), { key, isDeleted, columns: part.columns }]);
      }
    }
  }
  return gone;
}

/** What versions of one key say, without the identities that its current version has. */
async function readGone(
  { segments }: Pick<ReconcilePorts, 'segments'>,
  versions: readonly RawObject[],
  datasets: readonly Dataset[],
): Promise<[Dataset, Columns][]> {
  const builders = new Map<Dataset, ColumnsBuilder>();
  const current = new Set<string>();
  // The current version first.
  for (const version of [...versions].sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent))) {
    await eachReading(segments, version, datasets, (dataset, reading, uploadedMs) => {
      const identity = `${dataset.name} ${identityText(dataset, reading)}`;
      if (version.isCurrent) current.add(identity);
      else if (!current.has(identity)) builderOf(builders, dataset).add(reading, uploadedMs);
    });
  }
  return [...builders].map(([dataset, builder]) => [dataset, builder.build()]);
}

/** How many readings of a set are those of a file, by rank, and count. */
export function leftIn(
  dataset: Pick<Dataset, 'identityColumns'>,
  set: Columns,
  { columns: gone }: GoneReadings,
): number {
  const uploaded = new Map<string, number>();
  for (let row = 0; row < gone.length; row++)
    uploaded.set(identityTextAt(dataset, gone, row), gone.uploadedMs[row] ?? 0);
  let left = 0;
  for (let row = 0; row < set.length; row++) {
    const isOfFile = uploaded.get(identityTextAt(dataset, set, row)) === set.uploadedMs[row];
    if (isOfFile && set.withdrawn[row] === 0) left++;
  }
  return left;
}
