import type { Dataset } from '../../../core/dataset/dataset.ts';
import { DatasetLayoutChanged, StoreUnavailable } from '../../../ports/faults.ts';
import { datasetLayoutKey } from '../../../ports/keys.ts';
import {
  type ConditionalWriter,
  fromJsonBytes,
  type ObjectReader,
  toJsonBytes,
} from '../../../ports/objects.ts';

interface Layout {
  timeZone: string;
  shards: number;
}

/**
 * Holds a dataset to the time zone and shards that its partitions are laid out with; the first to come writes them down.
 * @throws {DatasetLayoutChanged} when they differ: partitions of two layouts would split one day's readings
 */
export async function holdLayout(
  objects: ObjectReader & ConditionalWriter,
  bucket: string,
  { storageName, generation, timeZone, shards }: Dataset,
): Promise<void> {
  const location = { bucket, key: datasetLayoutKey(storageName) };
  let stored = await objects.read(location);
  if (stored === undefined) {
    const bytes = toJsonBytes({ timeZone, shards } satisfies Layout);
    const condition = { kind: 'absent' } as const;
    const object = { ...location, bytes, contentType: 'application/json', metadata: {}, condition };
    if ((await objects.writeIf(object)) === 'written') return;
    stored = await objects.read(location);
    if (stored === undefined) throw new StoreUnavailable(`${location.key} is being written`);
  }
  const layout = fromJsonBytes<Layout>(stored.bytes);
  if (layout.timeZone === timeZone && layout.shards === shards) return;
  throw new DatasetLayoutChanged(
    `${storageName} is laid out with ${layout.timeZone} and ${layout.shards} shards, but defined with ${timeZone} and ` +
      `${shards}: restore the definition, or set generation to ${generation + 1} and replay`,
  );
}
