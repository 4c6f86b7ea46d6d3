import type { Fact } from './facts.ts';
import { type LogEntry, logPartitionOf, type Notification } from './notification-log.ts';
import type { Commit, Named, StreamKey } from './stream.ts';

/** What facts have come to: a commit whose events are all there, an entry of a log whose commits are; or a fact that was there already. */
export type Gathered =
  /** `entry`: the position in its log of the entry that names it, as its facts say. */
  | { readonly kind: 'commit'; readonly key: StreamKey; readonly commit: Commit; readonly entry: number }
  | { readonly kind: 'entry'; readonly partition: number; readonly entry: LogEntry }
  | { readonly kind: 'repeated'; readonly fact: Fact };

/** A stream, or a log, of which positions are known. */
export interface GatheredPositions {
  readonly last: number;
  /** The first of 1 to `last` that is not whole; `undefined` where all are. */
  readonly missing: number | undefined;
}

/** Parts of something that has so many. */
class Parts<Part> {
  readonly #parts = new Map<number, Part>();

  /** @returns all parts in their order, once, with the one that was the last to come; none before; `repeated` for one that was there */
  add(number: number, count: number, part: Part): Part[] | 'repeated' {
    if (this.#parts.has(number)) return 'repeated';
    this.#parts.set(number, part);
    if (this.#parts.size < count) return [];
    return [...this.#parts].sort(([a], [b]) => a - b).map(([, each]) => each);
  }
}

/** Positions from 1 on of which some are whole. */
class Positions<Part> {
  readonly #whole = new Set<number>();
  readonly #partly = new Map<number, Parts<Part>>();
  #last = 0;

  add(position: number, number: number, count: number, part: Part): Part[] | 'repeated' {
    this.#last = Math.max(this.#last, position);
    if (this.#whole.has(position)) return 'repeated';
    const parts = this.#partly.get(position) ?? new Parts<Part>();
    this.#partly.set(position, parts);
    const all = parts.add(number, count, part);
    if (all === 'repeated' || all.length === 0) return all;
    this.#partly.delete(position);
    this.#whole.add(position);
    return all;
  }

  get found(): GatheredPositions {
    let missing = 1;
    while (this.#whole.has(missing)) missing++;
    return { last: this.#last, missing: missing > this.#last ? undefined : missing };
  }
}

/**
 * Commits and entries of logs out of their facts, which come in any order and more than once. Memory: a number for each position, and what is
 * not whole yet.
 */
export class GatheredFacts {
  readonly #streams = new Map<string, { key: StreamKey; positions: Positions<Named> }>();
  readonly #logs = new Map<number, Positions<Notification>>();

  add(fact: Fact): Gathered[] {
    const { stream, id, position, number, count, event, at } = fact;
    const key = { stream, id };
    const name = `${stream}/${id}`;
    const known = this.#streams.get(name) ?? { key, positions: new Positions<Named>() };
    this.#streams.set(name, known);
    const events = known.positions.add(position, number, count, event);
    if (events === 'repeated') return [{ kind: 'repeated', fact }];
    if (events.length === 0) return [];
    const { commandId, digest, occurredMs, recordedMs } = fact;
    const commit = { position, commandId, digest, occurredMs, recordedMs, events };
    const partition = logPartitionOf(key);
    const log = this.#logs.get(partition) ?? new Positions<Notification>();
    this.#logs.set(partition, log);
    const recordedAt = new Date(recordedMs).toISOString();
    const named = { stream, id, position, recordedAt, events: events.map((each) => each.name) };
    const commits = log.add(at.entry, at.place, at.count, named);
    return [
      { kind: 'commit', key, commit, entry: at.entry },
      ...(commits === 'repeated' || commits.length === 0
        ? []
        : [{ kind: 'entry' as const, partition, entry: { position: at.entry, commits } }]),
    ];
  }

  get streams(): readonly { readonly key: StreamKey; readonly found: GatheredPositions }[] {
    return [...this.#streams.values()].map(({ key, positions }) => ({ key, found: positions.found }));
  }

  get logs(): readonly { readonly partition: number; readonly found: GatheredPositions }[] {
    return [...this.#logs].map(([partition, { found }]) => ({ partition, found }));
  }
}
