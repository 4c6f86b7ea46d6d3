import type { Dataset } from '../../core/dataset/dataset.ts';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import { type PartitionId, partitionKey, partitionOf } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import { projectionsOf } from '../../core/projections/states.ts';
import { type Columns, type ReadingState, stateAt } from '../../core/set/columns.ts';
import { compareRanks } from '../../core/set/conflict-rule.ts';
import { compareIdentities, identityText } from '../../core/set/identity.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { type PeriodStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';
import type { ObjectReader } from '../../ports/objects.ts';
import type { PageStore } from '../../ports/pages.ts';
import type { LedgerEntry } from '../../ports/queries.ts';
import type { AlertBook, StoredAlert } from '../../ports/records.ts';
import { statisticsDifference } from '../shared/differences.ts';
import { type StoredStatistics, storedStatistics } from '../shared/stored-statistics.ts';
import {
  findOccurrences,
  type Occurrence,
  type OccurrencePorts,
  type SoughtReading,
} from './reading-occurrences.ts';

export interface ExplainPorts extends OccurrencePorts {
  readonly curated: ObjectReader;
  readonly curatedBucket: string;
  readonly statistics: Pick<PageStore, 'read'>;
  readonly alerts: Pick<AlertBook, 'ofDay'>;
}

/** What became of one line that is, or was meant to be, the reading. */
export interface ExplainedLine {
  readonly occurrence: Occurrence;
  readonly ledger: LedgerEntry | undefined;
  /**
   * `refused`: of a file of which nothing is taken. Of a valid line: it is what is stored; it says the same; it says something else at a
   * lower rank, or at the same one; or what it says should be stored and isn't.
   */
  readonly fate: 'refused' | 'rejected' | 'stored' | 'repeats' | 'superseded' | 'contested' | 'not-stored';
}

/** A reading in the set. */
type StoredReading = Reading & Omit<ReadingState, 'reading'>;

/** Everything that there is to say about one reading. */
export interface Explanation {
  readonly sought: SoughtReading;
  readonly partition: {
    readonly id: PartitionId;
    readonly key: string;
    readonly version: string | undefined;
  };
  /** The reading in its partition. */
  readonly stored: StoredReading | undefined;
  /** Readings of the series on that day, and the one next to the time that was asked for. */
  readonly neighbours: { readonly count: number; readonly nearestMs: number | undefined };
  readonly lines: readonly ExplainedLine[];
  /** Raw objects among which it was looked for, and those of them that were read line by line, as their ledgers told. */
  readonly searched: number;
  readonly read: number;
  readonly day: StoredStatistics | undefined;
  readonly month: StoredStatistics | undefined;
  readonly alerts: readonly { readonly rule: string; readonly alert: StoredAlert }[];
  /** What is not as it should be, in words. */
  readonly faults: readonly string[];
}

/** Follows one reading from the raw objects to the month; of a dataset of events each event of the entity at the time, at least one explanation. */
export async function explainReadings(
  ports: ExplainPorts,
  {
    sought,
    datasets,
    tell,
  }: {
    sought: SoughtReading;
    datasets: readonly Dataset[];
    tell: (text: string) => void;
  },
): Promise<Explanation[]> {
  const { dataset, sensorId, timestampMs } = sought;
  const id = partitionOf(dataset, sensorId, timestampMs);
  const key = partitionKey(dataset, id);
  const file = await ports.curated.read({ bucket: ports.curatedBucket, key });
  const columns = file && (await decodePartition(dataset, file.bytes)).columns;
  const rows = columns === undefined ? [] : rowsOf(columns, sensorId, timestampMs);
  const { occurrences, searched, read } = await findOccurrences(ports, { sought, datasets, tell });
  const ledgers = await ports.ledgers.ledgers(occurrences.map(({ object }) => object));
  const taken = occurrences.filter((_, index) => ledgers[index]?.refusal === undefined);
  const [day, month, alerts] = await Promise.all([
    storedStatistics(ports.statistics, { dataset, sensorId, period: id.day }),
    storedStatistics(ports.statistics, { dataset, sensorId, period: id.day.slice(0, 7) }),
    ports.alerts.ofDay({ dataset: dataset.storageName, shard: id.shard, day: id.day }),
  ]);
  const computed = columns && statisticsByDay(dataset, columns).get(sensorId);
  const projected = await projectionFault(ports, { dataset, sensorId, day: id.day, columns });
  const states = rows.map((row) => storedAt(columns as Columns, row)); // it has rows
  const identities = identitiesAmong(dataset, states, occurrences);
  return (identities.length === 0 ? [undefined] : identities).map((identity, at) => {
    // What was meant to be one of them can't be told from what was meant to be another: it is told with the first.
    const isOf = (occurrence: Occurrence) =>
      occurrence.kind === 'valid' ? identityText(dataset, occurrence.reading) === identity : at === 0;
    const stored = states.find((state) => identityText(dataset, state) === identity);
    const own = taken.filter(isOf);
    return {
      sought,
      partition: { id, key, version: file?.metadata.version },
      stored,
      neighbours: neighboursOf(columns, sensorId, timestampMs),
      lines: occurrences
        .map((occurrence, index) => ({
          occurrence,
          ledger: ledgers[index],
          fate: ledgers[index]?.refusal === undefined ? fateOf(dataset, occurrence, stored, own) : 'refused',
        }))
        .filter(({ occurrence }) => isOf(occurrence)),
      searched,
      read,
      day,
      month,
      alerts: alerts
        .filter((alert) => alert.key.sensorId === sensorId)
        .map(({ key: { rule }, alert }) => ({ rule, alert })),
      faults: faultsOf({ dataset, occurrences: own, stored, computed, day, month }).concat(projected ?? []),
    };
  });
}

/** Of readings of one sensor and time there is one, of events there may be several: in their order. */
function identitiesAmong(
  dataset: Dataset,
  states: readonly Reading[],
  occurrences: readonly Occurrence[],
): string[] {
  const valid = occurrences.flatMap((each) => (each.kind === 'valid' ? each.reading : []));
  const all = [...states, ...valid].sort((a, b) => compareIdentities(dataset, a, b));
  return [...new Set(all.map((reading) => identityText(dataset, reading)))];
}

function storedAt(columns: Columns, row: number): StoredReading {
  const { reading, ...state } = stateAt(columns, row);
  return { ...reading, ...state };
}

function rowsOf(columns: Columns, sensorId: string, timestampMs: number): number[] {
  const sensor = columns.sensors.indexOf(sensorId);
  const rows: number[] = [];
  for (let row = 0; sensor !== -1 && row < columns.length; row++) {
    if (columns.sensor[row] === sensor && columns.timestampMs[row] === timestampMs) rows.push(row);
  }
  return rows;
}

function neighboursOf(columns: Columns | undefined, sensorId: string, timestampMs: number) {
  const sensor = columns?.sensors.indexOf(sensorId) ?? -1;
  let count = 0;
  let nearestMs: number | undefined;
  for (let row = 0; columns !== undefined && row < columns.length; row++) {
    if (columns.sensor[row] !== sensor) continue;
    count += 1;
    const at = columns.timestampMs[row] ?? 0;
    if (nearestMs === undefined || Math.abs(at - timestampMs) < Math.abs(nearestMs - timestampMs))
      nearestMs = at;
  }
  return { count, nearestMs };
}

/** Of equal lines the first one is called the stored one: they are the same reading. */
function fateOf(
  dataset: Dataset,
  occurrence: Occurrence,
  stored: StoredReading | undefined,
  all: readonly Occurrence[],
): ExplainedLine['fate'] {
  if (occurrence.kind === 'rejected') return 'rejected';
  if (stored === undefined) return 'not-stored';
  const { reading, uploadedMs } = occurrence;
  const byRank = compareRanks({ revision: reading.revision, uploadedMs }, stored);
  if (byRank > 0) return 'not-stored';
  if (contentOf(dataset, reading) !== contentOf(dataset, stored))
    return byRank === 0 ? 'contested' : 'superseded';
  const isStored = (other: Occurrence) =>
    other.kind === 'valid' &&
    other.uploadedMs === stored.uploadedMs &&
    encodeReading(dataset, other.reading) === encodeReading(dataset, stored);
  return all.find(isStored) === occurrence ? 'stored' : 'repeats';
}

const contentOf = (dataset: Dataset, reading: Reading) => encodeReading(dataset, { ...reading, revision: 0 });

/** What the valid lines come to, by the conflict rule. */
function winner(dataset: Dataset, occurrences: readonly Occurrence[]): StoredReading | undefined {
  const builder = new ColumnsBuilder(dataset);
  for (const occurrence of occurrences)
    if (occurrence.kind === 'valid') builder.add(occurrence.reading, occurrence.uploadedMs);
  return builder.length === 0 ? undefined : storedAt(builder.build(), 0);
}

function faultsOf({
  dataset,
  occurrences,
  stored,
  computed,
  day,
  month,
}: {
  dataset: Dataset;
  occurrences: readonly Occurrence[];
  stored: StoredReading | undefined;
  computed: PeriodStatistics | undefined;
  day: StoredStatistics | undefined;
  month: StoredStatistics | undefined;
}): string[] {
  const faults: string[] = [];
  const wins = winner(dataset, occurrences);
  if (wins !== undefined && stored === undefined)
    faults.push('a valid line has the reading, and its partition does not');
  else if (wins !== undefined && stored !== undefined) {
    const unlike = versionFault(dataset, stored, wins);
    if (unlike !== undefined) faults.push(unlike);
  }
  if (computed === undefined) return faults;
  const unlike = day === undefined ? 'there are none' : statisticsDifference(day.statistics, computed);
  if (unlike !== undefined) faults.push(`the day's statistics do not follow from the partition: ${unlike}`);
  if (month === undefined) faults.push('there are no statistics of the month');
  return faults;
}

/** In words, how the states of the entity's projections are unlike what its events of the day come to. */
async function projectionFault(
  ports: Pick<ExplainPorts, 'statistics'>,
  {
    dataset,
    sensorId,
    day,
    columns,
  }: { dataset: Dataset; sensorId: string; day: string; columns: Columns | undefined },
): Promise<string | undefined> {
  const projections = projectionsOf(dataset);
  const computed =
    projections && columns && statisticsByDay(projections, columns, new Set([sensorId])).get(sensorId);
  if (projections === undefined || computed === undefined) return undefined;
  const stored = await storedStatistics(ports.statistics, { dataset: projections, sensorId, period: day });
  const unlike = stored === undefined ? 'there are none' : statisticsDifference(stored.statistics, computed);
  return unlike && `the day's states of projections do not follow from the partition: ${unlike}`;
}

/** In words, how what is stored is unlike what the lines come to. */
function versionFault(dataset: Dataset, stored: StoredReading, wins: StoredReading): string | undefined {
  const byRank = compareRanks(stored, wins);
  if (byRank > 0) {
    return `the partition holds a version of a file that was deleted or replaced since; what is left says ${encodeReading(dataset, wins)}`;
  }
  if (byRank < 0 || encodeReading(dataset, stored) !== encodeReading(dataset, wins))
    return `the partition holds another version than the one that wins: ${encodeReading(dataset, wins)}`;
  if (stored.contested === wins.contested) return undefined;
  return wins.contested
    ? 'the lines contradict each other, and the partition does not say so'
    : 'the partition says that lines contradict each other, and those that are left do not';
}
