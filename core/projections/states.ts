import type { Dataset } from '../dataset/dataset.ts';
import { valueOfNumber } from '../dataset/typed-field.ts';
import type { Columns } from '../set/columns.ts';
import type { ProjectedEvent, Projection } from './projection.ts';

/*
 * States as texts, as pages have them: equal states are equal texts. A text begins with the version of its projection, or is one of two marks, which
 * whatever is merged with them becomes.
 */

/** By the name of the projection. */
export type States = Readonly<Record<string, string>>;

/** A state of more than an item has room for. */
const tooLarge = '!';
/** Some of its events were folded by another version, or before there was the projection. */
const outdated = '?';

/** Bytes that all states of an entity and period have together at the most: an item of DynamoDB has 409,600. */
const maxStatesBytes = 360_000;

const maxBytesOf = ({ projections }: Dataset): number =>
  Math.floor(maxStatesBytes / Math.max(1, Object.keys(projections).length));

const ofProjections = new WeakMap<Dataset, Dataset>();

/**
 * The dataset as what keeps its projections: pages of it are laid out, written, folded and compared as those of its statistics are, under keys
 * of their own, and hold states. `undefined` where it has no projections.
 */
export function projectionsOf(dataset: Dataset): Dataset | undefined {
  if (dataset.holds === 'projections' || Object.keys(dataset.projections).length === 0) return undefined;
  const known = ofProjections.get(dataset);
  if (known !== undefined) return known;
  const found: Dataset = Object.freeze({
    ...dataset,
    storageName: `${dataset.storageName}+projections`,
    alerts: {},
    holds: 'projections',
  });
  ofProjections.set(dataset, found);
  return found;
}

/** What pages there are of a dataset: those of its statistics and, where it has some, those of its projections. */
export function pagedOf(dataset: Dataset): readonly Dataset[] {
  const projections = projectionsOf(dataset);
  return projections === undefined ? [dataset] : [dataset, projections];
}

/** The states of rows `start` (inclusive) to `end` (exclusive) of a set, all of one entity and local day. Withdrawn events are not among them. */
export function statesOfRows(dataset: Dataset, columns: Columns, start: number, end: number): States {
  const events = eventsOfRows(dataset, columns, start, end);
  return statesOf(dataset, (projection) => events.map((event) => projection.of(event)));
}

/** The states of a longer time. @param parts in the order of time */
export function mergeStates(dataset: Dataset, parts: readonly (States | undefined)[]): States {
  const max = maxBytesOf(dataset);
  return Object.fromEntries(
    Object.entries(dataset.projections).map(([name, projection]) => [
      name,
      mergeTexts(
        projection,
        parts.map((states) => states?.[name] ?? outdated),
        max,
      ),
    ]),
  );
}

/** States that were read, each once. */
export type ReadStates = Readonly<Record<string, ReturnType<typeof readState>>>;

/** The states that texts say, by projection. */
export const readStates = ({ projections }: Dataset, states: States | undefined): ReadStates =>
  Object.fromEntries(
    Object.entries(projections).map(([name, projection]) => [
      name,
      readState(projection, states?.[name] ?? outdated),
    ]),
  );

/** As {@link mergeStates}, of at least two parts, of states that are read already. */
export function mergeReadStates({ projections }: Dataset, parts: readonly ReadStates[]): ReadStates {
  return Object.fromEntries(
    Object.entries(projections).map(([name, projection]) => {
      const found = parts.map((states) => states[name] ?? { fault: 'outdated' as const });
      const faults = found.flatMap((of) => ('fault' in of ? [of.fault] : []));
      if (faults.length > 0)
        return [name, { fault: faults.includes('too-large') ? 'too-large' : 'outdated' }] as const;
      const states = found.flatMap((of) => ('state' in of ? [of.state] : []));
      return [name, { state: mergeAll(projection, states) }] as const;
    }),
  );
}

/** As texts again. */
export function writeReadStates(dataset: Dataset, states: ReadStates): States {
  const max = maxBytesOf(dataset);
  return Object.fromEntries(
    Object.entries(dataset.projections).map(([name, projection]) => {
      const found = states[name] ?? { fault: 'outdated' as const };
      if ('state' in found) return [name, textOf(projection, found.state, max)];
      return [name, found.fault === 'too-large' ? tooLarge : outdated];
    }),
  );
}

/** The state that a text says; `too-large` and `outdated` where there is none. */
export function readState(
  projection: Projection,
  text: string,
): { readonly state: unknown } | { readonly fault: 'too-large' | 'outdated' } {
  if (text === tooLarge) return { fault: 'too-large' };
  const prefix = prefixOf(projection);
  return text.startsWith(prefix) ? { state: JSON.parse(text.slice(prefix.length)) } : { fault: 'outdated' };
}

function statesOf(dataset: Dataset, partsOf: (projection: Projection) => readonly unknown[]): States {
  const max = maxBytesOf(dataset);
  return Object.fromEntries(
    Object.entries(dataset.projections).map(([name, projection]) => [
      name,
      textOf(projection, mergeAll(projection, partsOf(projection)), max),
    ]),
  );
}

function mergeTexts(projection: Projection, texts: readonly string[], max: number): string {
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return only;
  if (texts.includes(tooLarge)) return tooLarge;
  const states: unknown[] = [];
  for (const text of texts) {
    const found = readState(projection, text);
    if ('fault' in found) return outdated;
    states.push(found.state);
  }
  return textOf(projection, mergeAll(projection, states), max);
}

/** At once, or in pairs: a state grows with its events, and so each is copied as often as the number of parts can be halved. */
function mergeAll({ initial, merge, mergeAll: atOnce }: Projection, parts: readonly unknown[]): unknown {
  if (parts.length === 0) return initial;
  if (atOnce !== undefined && parts.length > 1) return atOnce(parts);
  let states = [...parts];
  while (states.length > 1) {
    const pairs: unknown[] = [];
    for (let at = 0; at < states.length; at += 2)
      pairs.push(at + 1 < states.length ? merge(states[at], states[at + 1]) : states[at]);
    states = pairs;
  }
  return states[0];
}

function textOf(projection: Projection, state: unknown, max: number): string {
  const text = prefixOf(projection) + JSON.stringify(sorted(state));
  return Buffer.byteLength(text) > max ? tooLarge : text;
}

const prefixOf = ({ version }: Projection): string => `${version}:`;

/** With the members of its objects in the order of their names; itself, not a copy, where they are. */
function sorted(value: unknown): unknown {
  if (isSorted(value)) return value; // as most are: to look makes nothing new
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value as object)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (!isSorted(item)) return false;
    return true;
  }
  // Names that are whole numbers come before all others, in their order, in whatever way an object is made.
  let isBehindNumbers = false;
  let before = '';
  for (const name of Object.keys(value)) {
    if (!isSorted((value as Record<string, unknown>)[name])) return false;
    if (!isBehindNumbers && isIndex(name)) continue;
    if (isBehindNumbers && before > name) return false;
    isBehindNumbers = true;
    before = name;
  }
  return true;
}

const [zero, nine] = [48, 57];

/** 0 to 2^32 - 2, as a number writes it. */
function isIndex(name: string): boolean {
  const { length } = name;
  if (length === 0 || length > 10 || (length > 1 && name.charCodeAt(0) === zero)) return false;
  for (let at = 0; at < length; at++) {
    const code = name.charCodeAt(at);
    if (code < zero || code > nine) return false;
  }
  return length < 10 || Number(name) < 2 ** 32 - 1;
}

/** In the order in which they are folded: by time, `sequence` and identity, by which rows of one time are sorted. */
function eventsOfRows(dataset: Dataset, columns: Columns, start: number, end: number): ProjectedEvent[] {
  const rows: number[] = [];
  for (let row = start; row < end; row++) if (columns.withdrawn[row] === 0) rows.push(row);
  const time = (row: number) => columns.timestampMs[row] as number; // a row
  const placeOf = placesIn(dataset, columns);
  if (placeOf !== undefined) rows.sort((a, b) => time(a) - time(b) || placeOf(a) - placeOf(b) || a - b);
  return rows.map((row) => ({
    entity: columns.sensors[columns.sensor[row] as number] as string, // as above
    atMs: time(row),
    attributes: attributesAt(dataset, columns, row),
  }));
}

/** Where a row is among those of its time: its `sequence`, or the place of that in the attribute's list. */
function placesIn(
  { sequence = '', measureNames, attributeNames, attributes: declared }: Dataset,
  { values, attributes }: Columns,
): ((row: number) => number) | undefined {
  const numbers = values[measureNames.indexOf(sequence)];
  if (numbers !== undefined) return (row) => numbers[row] as number; // a row
  const texts = attributes[attributeNames.indexOf(sequence)];
  const attribute = declared[sequence];
  if (texts === undefined || attribute === undefined || !('values' in attribute)) return undefined;
  const places = new Map(attribute.values.map((value, place) => [value, place]));
  return (row) => places.get(texts[row] ?? '') ?? places.size;
}

function attributesAt(
  { measureNames, measures, attributeNames }: Dataset,
  { values, attributes }: Columns,
  row: number,
): ProjectedEvent['attributes'] {
  const found: Record<string, string | number | boolean | null> = {};
  for (const [index, name] of measureNames.entries()) {
    const value = values[index]?.[row] ?? Number.NaN;
    found[name] = Number.isNaN(value) ? null : valueOfNumber(measures[name]?.type, value);
  }
  for (const [index, name] of attributeNames.entries()) found[name] = attributes[index]?.[row] ?? null;
  return found;
}
