/*
 * What the events of an entity come to. A projection says what one event is and what two spans of time come to that follow each other; so the
 * state of many events is the same however they are grouped, and days, months and what is asked for are folded from parts.
 */

/** An event as a projection sees it. */
export interface ProjectedEvent {
  readonly entity: string;
  /** When it happened, UTC ms. */
  readonly atMs: number;
  /** By attribute, as JSON has them: a time is ISO 8601 in UTC. `null` where the event has none. */
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * Pure, and of no clock. States are JSON, without `undefined`. The events of an entity are in one order: by local day, time, the dataset's `sequence`,
 * and its `identity`.
 */
export interface Projection<State = unknown> {
  /** One line for people. */
  readonly summary: string;
  /** From 1; raised with whatever changes the states of old events. Days that were folded by another version are told, and never mixed. */
  readonly version: number;
  /** Local months of which events are in an answer, 1 to 24: that of the moment that is asked for and the ones before it. So an answer never reads more. */
  readonly months: number;
  /** Of no event. */
  readonly initial: State;
  /** Of one event. */
  readonly of: (event: ProjectedEvent) => State;
  /** Of two spans that follow each other. Associative, and `initial` before or after a state changes nothing. */
  readonly merge: (earlier: State, later: State) => State;
  /**
   * The same as `merge` of at least two spans, one after the other, for a projection that can do it in one pass: states grow, and `merge` copies
   * them for each span. What it is given stays as it is.
   */
  readonly mergeAll?: (spans: readonly State[]) => State;
  /** What the API answers of a state, as JSON. @param asOfMs the moment that is asked for, UTC ms */
  readonly view: (state: State, asOfMs: number) => Readonly<Record<string, unknown>>;
}

/** By name: lower case letters, digits and hyphens, at most 40. */
export type Projections = Readonly<Record<string, Projection>>;

/** A projection whose state has a type of its own: what comes to it are its own states, so nobody else needs to know the type. */
export const defineProjection = <State>(projection: Projection<State>): Projection =>
  projection as unknown as Projection; // only its own functions take what its own functions made

/** Of a dataset: all their states of an entity and month are together on a page, which is an item of DynamoDB. */
const maxProjections = 3;
const maxMonths = 24;

/** What is wrong with the projections of a dataset; `undefined` where they are sound. */
export function projectionsFault(projections: Projections, isOfEvents: boolean): string | undefined {
  const entries = Object.entries(projections);
  if (entries.length > 0 && !isOfEvents) return 'projections are of events';
  if (entries.length > maxProjections)
    return `there are ${entries.length} projections; accepted: at most ${maxProjections}`;
  for (const [name, { version, months }] of entries) {
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(name))
      return `the name of a projection is ${JSON.stringify(name)}; accepted: a-z, 0-9 and -, at most 40, a letter first`;
    if (!Number.isInteger(version) || version < 1)
      return `projections.${name}.version is ${version}; accepted: an integer from 1`;
    if (!Number.isInteger(months) || months < 1 || months > maxMonths)
      return `projections.${name}.months is ${months}; accepted: an integer from 1 to ${maxMonths}`;
  }
  return undefined;
}
