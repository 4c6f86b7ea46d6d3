import type { Dataset } from '../../core/dataset/dataset.ts';
import { type PartitionId, partitionKey } from '../../core/partition/partition.ts';
import { decodePartition, encodePartition } from '../../core/partition/partition-file.ts';
import type { Columns } from '../../core/set/columns.ts';
import { union } from '../../core/set/union.ts';
import { type Difference, fixCommand, fixOf, type Repair, repairCommand } from '../shared/differences.ts';
import { compareDay, type PagesCompared, type StoredPages } from './compare-pages.ts';
import { differingSets } from './differing-sets.ts';
import { type GoneReadings, leftIn } from './gone-files.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';
import type { DayOfLines } from './recount.ts';

export interface PartitionWork {
  readonly dataset: Dataset;
  readonly id: PartitionId;
  /** The set that the raw objects make; `undefined` when they have nothing for it. */
  readonly expected: Columns | undefined;
  /** When the lines of its day arrived. */
  readonly arrived: DayOfLines | undefined;
  /** What files said here and no longer do. */
  readonly gone: readonly GoneReadings[];
}

export interface PartitionCompared extends PagesCompared {
  /** Readings that count although their file no longer has them. */
  readonly left: readonly { readonly key: string; readonly isDeleted: boolean; readonly readings: number }[];
}

/** Compares one partition's file with the set that it should hold, and the day's pages and alerts with that set. */
export async function comparePartition(
  ports: ReconcilePorts,
  storedPages: StoredPages,
  work: PartitionWork,
): Promise<PartitionCompared> {
  const { dataset, id, arrived } = work;
  const key = partitionKey(dataset, id);
  const replay: Repair =
    arrived === undefined
      ? { kind: 'replay-readings', dataset: dataset.name, from: id.day, to: id.day }
      : { kind: 'replay-arrived', from: arrived.firstArrived, to: arrived.lastArrived };
  const file = await ports.curated.read({ bucket: ports.curatedBucket, key });
  const stored = file && storedPartition(dataset, file.bytes);
  const { expected, left } = await withWhatIsLeft(work, stored);
  const { differences, columns } = await compareFile(ports, { dataset, id, key, stored, expected, replay });
  const isRebuilt = differences.length > 0;
  const of = { dataset, id, columns, replay, isRebuilt };
  const { differences: ofPages, series } = await compareDay(ports, storedPages, of);
  return { differences: [...differences, ...ofPages], series, left };
}

/** A partition's file. Most need not be decoded: their bytes are those that are expected. */
interface StoredPartition {
  readonly bytes: Uint8Array;
  /** Its set, or why it can't be read. */
  readonly decode: () => Promise<{ columns: Columns } | { fault: string }>;
}

function storedPartition(dataset: Dataset, bytes: Uint8Array): StoredPartition {
  let decoded: ReturnType<StoredPartition['decode']> | undefined;
  const decode = () => decodePartition(dataset, bytes).catch((fault: Error) => ({ fault: fault.message }));
  return { bytes, decode: () => (decoded ??= decode()) };
}

/**
 * The set that the partition should hold with what is left in it of deleted files: they are told apart from other differences,
 * since nothing is wrong with the stores. A partition that was built again without them is right too.
 */
async function withWhatIsLeft(
  { dataset, expected, gone }: PartitionWork,
  stored: StoredPartition | undefined,
): Promise<{ expected: Columns | undefined; left: PartitionCompared['left'] }> {
  const left: { key: string; isDeleted: boolean; readings: number }[] = [];
  if (gone.length === 0 || stored === undefined) return { expected, left };
  const found = await stored.decode();
  if ('fault' in found) return { expected, left }; // told as unreadable
  let whole = expected;
  for (const file of gone) {
    const readings = leftIn(dataset, found.columns, file);
    if (readings === 0) continue;
    left.push({ key: file.key, isDeleted: file.isDeleted, readings });
    if (file.isDeleted)
      whole = whole === undefined ? file.columns : union(dataset, whole, file.columns).columns;
  }
  return { expected: whole, left };
}

/**
 * What is wrong with a partition's file, and the set that its day's statistics should be of: what the file holds once that is repaired.
 * A repair takes nothing away that only the file has, since raw objects may have been deleted, or have expired: that is left to a person.
 */
async function compareFile(
  { curatedBucket }: ReconcilePorts,
  { dataset, id, key, stored, expected, replay }: FileWork,
): Promise<{ differences: Difference[]; columns: Columns | undefined }> {
  const differs = (what: string, repairs: readonly Repair[]): Difference[] => [
    { kind: 'partition', name: key, what, ...fixOf(repairs) },
  ];
  const removal: Repair = { kind: 'remove-object', bucket: curatedBucket, key };
  if (stored === undefined) {
    const missing = expected && differs(`missing, ${expected.length} readings`, [replay]);
    return { differences: missing ?? [], columns: expected };
  }
  if (expected !== undefined && Buffer.from(encodePartition(dataset, id, expected)).equals(stored.bytes))
    return { differences: [], columns: expected };
  const found = await stored.decode();
  // Merging only ever adds: what is unreadable has to go before it is built again.
  if ('fault' in found)
    return { differences: differs(`can't be read: ${found.fault}`, [removal, replay]), columns: expected };
  const { columns } = found;
  const leftToPerson = (what: string): Difference[] => {
    const fix = `only if they are to count no longer: ${repairCommand(removal)} && ${fixCommand(dataset.name, id.day)}`;
    return [{ kind: 'partition', name: key, what, fix }];
  };
  if (expected === undefined) {
    const what = `holds ${columns.length} readings that no raw object has: it is all that there is of them`;
    return { differences: leftToPerson(what), columns };
  }
  const { missing, extra, other, example } = differingSets(dataset, expected, columns);
  // The same set in other bytes: an older version of Caudal wrote it.
  if (missing + extra + other === 0) return { differences: [], columns };
  const what = [
    missing > 0 ? `lacks ${missing} readings` : '',
    extra > 0 ? `holds ${extra} that no raw object has` : '',
    other > 0 ? `holds another version of ${other}` : '',
  ].filter(Boolean);
  const said = `${what.join(', ')}; the first is ${example}`;
  const merged = union(dataset, columns, expected).columns;
  const isAhead = merged === columns;
  return {
    differences: isAhead ? leftToPerson(`${said}: it is all that there is of them`) : differs(said, [replay]),
    columns: merged,
  };
}

interface FileWork {
  readonly dataset: Dataset;
  readonly id: PartitionId;
  readonly key: string;
  readonly stored: StoredPartition | undefined;
  readonly expected: Columns | undefined;
  readonly replay: Repair;
}
