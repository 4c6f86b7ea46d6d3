import type * as z from 'zod';

/*
 * Decisions with invariants. A stream is a sequence of commits and the boundary of consistency: what a rule has to hold
 * together lies in one stream. Its state is the fold of its events; a command is decided against the state, and comes to
 * events, which are one commit, or to a refusal, which leaves nothing behind.
 */

/** What is decided and folded has these two times, both UTC ms; a rule has no other clock. */
interface Moment {
  /** When it happened, as the caller says, else when it was recorded. */
  readonly occurredMs: number;
  /** When it was recorded. Within a stream it never goes back. */
  readonly recordedMs: number;
}

/** A command, or an event, by the name that its schema has. */
export interface Named {
  readonly name: string;
  readonly data: unknown;
}

export type Decision<Event extends Named = Named> =
  | { readonly kind: 'events'; readonly events: readonly [Event, ...Event[]] }
  /** `reason` is one of the stream's `refusals`; `detail` is for people. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

type Schemas = Readonly<Record<string, z.ZodType>>;
type NamedBy<Of extends Schemas> = {
  [Name in keyof Of & string]: { readonly name: Name; readonly data: z.output<Of[Name]> };
}[keyof Of & string];

/** A kind of streams, declared once. `decide` and `evolve` are pure: equal arguments, equal results. */
interface StreamDeclaration<Commands extends Schemas, Events extends Schemas, State> {
  /** Lower case letters, digits and hyphens, at most 40. It is part of keys and paths. */
  readonly name: string;
  /** One line for people: what a stream of this kind is. */
  readonly summary: string;
  /** Raised when `evolve` changes what it makes of old events: snapshots of other versions are passed over. */
  readonly version: number;
  readonly commands: Commands;
  readonly events: Events;
  /** Every reason for which `decide` refuses, with what it means. */
  readonly refusals: Readonly<Record<string, string>>;
  /** JSON, as every state is: it is kept as such in snapshots. */
  readonly initial: State;
  readonly decide: (command: NamedBy<Commands>, state: State, moment: Moment) => Decision<NamedBy<Events>>;
  readonly evolve: (state: State, event: NamedBy<Events>, moment: Moment) => State;
  /** Snapshots are of the positions that this divides, 1 or more. */
  readonly snapshotEvery: number;
  readonly facts: Facts<NamedBy<Events>>;
}

/** How the events of a kind of streams are lines of a dataset, whose entity is the stream's id and whose time is when they occurred. */
interface Facts<Event extends Named = Named> {
  /** A dataset of events that has `factAttributes` (`core/streams/facts.ts`), and the names of the events as the list `event`. */
  readonly dataset: string;
  /** The dataset's other attributes, of an event. Pure: what is sent again must be the same. */
  readonly fields: (event: Event) => Readonly<Record<string, string | number | boolean>>;
}

/** A kind of streams as the store uses it: commands and events have been checked by their schemas, the state is its own. */
export interface Stream {
  readonly name: string;
  readonly summary: string;
  readonly version: number;
  readonly commands: Schemas;
  readonly events: Schemas;
  readonly refusals: Readonly<Record<string, string>>;
  readonly initial: unknown;
  readonly decide: (command: Named, state: unknown, moment: Moment) => Decision;
  readonly evolve: (state: unknown, event: Named, moment: Moment) => unknown;
  readonly snapshotEvery: number;
  readonly facts: Facts;
}

/** @throws {TypeError} for a declaration that can't be one, by its name */
export function defineStream<Commands extends Schemas, Events extends Schemas, State>(
  declaration: StreamDeclaration<Commands, Events, State>,
): Stream {
  const { name, version, snapshotEvery } = declaration;
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name))
    throw new TypeError(`stream ${JSON.stringify(name)}: its name must be a-z, 0-9 and -, at most 40`);
  for (const [member, value] of Object.entries({ version, snapshotEvery }))
    if (!Number.isInteger(value) || value < 1)
      throw new TypeError(`stream ${name}: ${member} is ${value}; accepted: an integer from 1`);
  // The casts: the store hands a stream only commands and events that its own schemas took, and states that it made.
  return declaration as unknown as Stream;
}

/** One stream of a kind: `reservations` and `salon-7`. */
export interface StreamKey {
  readonly stream: string;
  readonly id: string;
}

/** Ids of streams, commands and what they name: 1 to 40 letters, digits, `.`, `_` and `-`, the first a letter or digit. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
/** The one id that no stream has: the API has batches of commands where `/streams/<stream>/` goes on with the id. */
export const reservedStreamId = 'commands';

/** All events of one command, at one position. */
export interface Commit extends Moment {
  /** From 1, without a gap within the stream. */
  readonly position: number;
  /** Chosen by the caller; one commit of a stream has it. */
  readonly commandId: string;
  /** Of the command's content: another content under the same id is found out. */
  readonly digest: string;
  readonly events: readonly Named[];
}

/** Bytes of a commit's encoding: DynamoDB takes items of 400 KB, and the item has keys and index attributes besides. */
export const maxCommitBytes = 380_000;

/** The one encoding of a commit: equal commits, equal texts. */
export function encodeCommit({
  position,
  commandId,
  digest,
  occurredMs,
  recordedMs,
  events,
}: Commit): string {
  const [occurredAt, recordedAt] = [iso(occurredMs), iso(recordedMs)];
  const plain = events.map(({ name, data }) => ({ name, data }));
  return JSON.stringify({ position, commandId, digest, occurredAt, recordedAt, events: plain });
}

/** The commit of a text that {@link encodeCommit} wrote. */
export function decodeCommit(text: string): Commit {
  const { position, commandId, digest, occurredAt, recordedAt, events } = JSON.parse(text) as {
    [Name in 'commandId' | 'digest' | 'occurredAt' | 'recordedAt']: string;
  } & { position: number; events: Named[] };
  const [occurredMs, recordedMs] = [Date.parse(occurredAt), Date.parse(recordedAt)];
  return { position, commandId, digest, occurredMs, recordedMs, events };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What a stream has come to at a position; position 0 is before the first commit. */
export interface Folded {
  readonly position: number;
  /** Of the last commit; 0 before the first. */
  readonly recordedMs: number;
  readonly state: unknown;
}

export const unfolded = ({ initial }: Stream): Folded => ({ position: 0, recordedMs: 0, state: initial });

/**
 * The fold with one commit more.
 * @throws {RangeError} when it is not the next one: positions have no gap, so the store was read wrong
 */
export function fold(stream: Stream, folded: Folded, commit: Commit): Folded {
  if (commit.position !== folded.position + 1)
    throw new RangeError(`${stream.name}: commit ${commit.position} does not follow ${folded.position}`);
  return {
    position: commit.position,
    recordedMs: commit.recordedMs,
    state: commit.events.reduce((state, event) => stream.evolve(state, event, commit), folded.state),
  };
}

/** The state of what had occurred by a moment, of the commits given, in their order. */
export function foldOccurred(stream: Stream, commits: readonly Commit[], occurredMs: number): unknown {
  return commits
    .filter((commit) => commit.occurredMs <= occurredMs)
    .reduce(
      (state, commit) => commit.events.reduce((of, event) => stream.evolve(of, event, commit), state),
      stream.initial,
    );
}
