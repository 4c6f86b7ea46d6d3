import type { Format } from '../formats/format.ts';
import type { TextFormat } from '../formats/text-format.ts';
import { type Projections, projectionsFault } from '../projections/projection.ts';
import { dayBoundsMs } from '../time/calendar.ts';
import { parseDuration } from '../time/duration.ts';
import { checkDefinition } from './check-definition.ts';
import type { AlertRule, Attribute, DatasetDefinition } from './definition.ts';
import { type Station, sensorsByTagOf } from './stations.ts';
import { fieldsOf, type NumberField, type TextField } from './typed-field.ts';

/** A checked, frozen definition with what follows from it. */
export interface Dataset
  extends Omit<DatasetDefinition, 'missing' | 'maxAhead' | 'earliest' | 'measures' | 'attributes' | 'kind'> {
  readonly kind: 'readings' | 'events';
  readonly generation: number;
  /** The columns of numbers: measures, and of events those attributes that are none of texts. */
  readonly measures: Readonly<Record<string, NumberField>>;
  /** The columns of texts. */
  readonly attributes: Readonly<Record<string, TextField>>;
  /** All attributes as they are declared. */
  readonly declared: Readonly<Record<string, Attribute>>;
  /** Of events: the columns that tell those of one entity and time apart, in their order. `undefined` of readings. */
  readonly identityColumns: readonly IdentityColumn[] | undefined;
  /** The numbers that stand for no measurement. */
  readonly missing: readonly number[];
  /** The dataset's own words for it, in lower case. */
  readonly missingWords: readonly string[];
  readonly alerts: Readonly<Record<string, AlertRule>>;
  /** Those of the definition, and last the one that `csv` says in short, or the dataset's own names, for `.csv`. */
  readonly allFormats: readonly Format[];
  /** In the order of declaration: the order of `Reading.values`. */
  readonly measureNames: readonly string[];
  /** In the order of declaration: the order of `Reading.attributes`. */
  readonly attributeNames: readonly string[];
  /** The name in keys: `name`, or `name@generation` from generation 2 on. */
  readonly storageName: string;
  readonly expectedEveryMs?: number;
  readonly maxAhead: string;
  readonly maxAheadMs: number;
  readonly earliest: string;
  /** The instant, UTC ms, at which {@link earliest} begins. */
  readonly earliestMs: number;
  /** What its events come to, by name; none of readings. */
  readonly projections: Projections;
  /** What pages of it hold, where that are no statistics: see `projectionsOf`. */
  readonly holds?: 'projections';
  /** Of the dataset's table of stations, where it has one with tags: the sensors of each tag. */
  readonly sensorsByTag?: Readonly<Record<string, readonly string[]>>;
}

/** A column that is a part of an event's identity: of `Reading.values`, or of `Reading.attributes`. */
export interface IdentityColumn {
  readonly of: 'values' | 'attributes';
  readonly at: number;
}

/** A dataset's file is wrong: a fault of the code, found when it loads. A retry doesn't help. */
export class DatasetDefinitionError extends Error {
  override readonly name = 'DatasetDefinitionError';
}

/** Why lines of a dataset are taken from nobody but the streams that fill it; `undefined` where anybody who may write sends them. */
export const filledFault = ({ name, filledBy }: Pick<Dataset, 'name' | 'filledBy'>): string | undefined =>
  filledBy &&
  `events of ${name} are decided by ${filledBy}, and nobody else sends them; send a command instead: POST /streams/{stream}/{id}/commands`;

/**
 * Checks and freezes a dataset.
 * @param more.projections of a dataset of events: what they come to, by name. Beside the definition, which is data, since they are code
 * @throws {DatasetDefinitionError} naming the field, what was found and what is accepted
 */
export function defineDataset(
  definition: DatasetDefinition,
  { projections = {} }: { readonly projections?: Projections } = {},
): Dataset {
  const fault = checkDefinition(definition) ?? projectionsFault(projections, definition.kind === 'events');
  if (fault !== undefined)
    throw new DatasetDefinitionError(`dataset ${JSON.stringify(definition?.name)}: ${fault}`);
  const copy = structuredClone(definition);
  const generation = copy.generation ?? 1;
  const expectedEveryMs = copy.expectedEvery === undefined ? undefined : parseDuration(copy.expectedEvery);
  const { missing = [], maxAhead = '1 day', earliest = '1970-01-01' } = copy;
  const { measures, attributes } = fieldsOf(copy);
  const measureNames = Object.keys(measures);
  const attributeNames = Object.keys(attributes);
  const columnOf = (name: string): IdentityColumn =>
    name in measures
      ? { of: 'values', at: measureNames.indexOf(name) }
      : { of: 'attributes', at: attributeNames.indexOf(name) };
  const isEvents = copy.kind === 'events';
  return deepFreeze({
    ...copy,
    kind: copy.kind ?? 'readings',
    ...(isEvents ? { sensorIdField: copy.entity as string } : {}), // checked
    generation,
    measures,
    attributes,
    declared: copy.attributes ?? {},
    identityColumns: isEvents ? copy.identity?.map(columnOf) : undefined,
    missing: missing.filter((value) => typeof value === 'number'),
    missingWords: missing.filter((value) => typeof value === 'string').map((word) => word.toLowerCase()),
    alerts: copy.alerts ?? {},
    allFormats: [...(copy.formats ?? []), csvFormat(copy)],
    measureNames,
    attributeNames,
    projections,
    storageName: generation === 1 ? copy.name : `${copy.name}@${generation}`,
    ...(expectedEveryMs === undefined ? {} : { expectedEveryMs }),
    maxAhead,
    maxAheadMs: parseDuration(maxAhead) as number, // checked
    earliest,
    earliestMs: dayBoundsMs(copy.timeZone, earliest).startMs,
  });
}

/**
 * The dataset with the tags of its stations, for the rules that name some.
 * @throws {DatasetDefinitionError} for a rule with a tag that no station has
 */
export function withTags(dataset: Dataset, stations: readonly Station[]): Dataset {
  const sensorsByTag = sensorsByTagOf(stations);
  const known = Object.keys(sensorsByTag);
  for (const [name, { tag }] of Object.entries(dataset.alerts)) {
    const unknown = tag?.split(',').find((one) => !known.includes(one));
    if (unknown === undefined) continue;
    const accepted = known.length === 0 ? 'none: its stations have no tags' : known.sort().join(', ');
    throw new DatasetDefinitionError(
      `dataset ${JSON.stringify(dataset.name)}: alerts.${name}.tag is ${JSON.stringify(unknown)}; accepted: ${accepted}`,
    );
  }
  return known.length === 0 ? dataset : deepFreeze({ ...dataset, sensorsByTag });
}

function csvFormat({ csv = {}, at = 'timestamp' }: DatasetDefinition): TextFormat {
  const { timestamp: [column, format] = [at, 'iso'], ...columns } = csv;
  // A mapping has texts but for its timestamp: checked.
  return {
    kind: 'text',
    match: '*.csv',
    time: { column, format },
    columns: columns as Record<string, string>,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
