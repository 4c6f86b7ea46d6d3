import type { CommitRef, LogEntry } from '../../core/streams/notification-log.ts';
import {
  type RelayAnswers,
  type RelayedCommit,
  type RelayRequest,
  type RelayRound,
  type RelaySteps,
  relayRound,
} from '../../core/streams/relay.ts';

/*
 * One log under relays that run into one another and die, all in this thread: a schedule says who makes the next step. A step is as small as
 * the store's own: one commit is read or marked at a time, the index learns of one change at a time, in any order.
 */

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const nameOf = ({ stream, id, position }: CommitRef): string => `${stream}/${id}/${position}`;

class SimulatedStore {
  readonly commits = new Map<string, { ref: CommitRef; isPending: boolean }>();
  readonly entries: LogEntry[] = [];
  readonly delivered = new Set<string>();
  /** As the index has it, and what it has not heard of yet. */
  readonly indexed = new Map<string, CommitRef>();
  readonly unheard: (() => void)[] = [];
  readonly faults: string[] = [];

  write(ref: CommitRef): void {
    const name = nameOf(ref);
    this.commits.set(name, { ref, isPending: true });
    this.unheard.push(() => this.commits.get(name)?.isPending && this.indexed.set(name, ref));
  }

  read(ref: CommitRef): RelayedCommit | undefined {
    const found = this.commits.get(nameOf(ref));
    return found && { ...found.ref, recordedAt: '', events: [], text: '', isPending: found.isPending };
  }

  mark(ref: CommitRef): void {
    const name = nameOf(ref);
    const found = this.commits.get(name);
    if (found === undefined) return;
    if (!this.delivered.has(name)) this.faults.push(`${name} is marked, and was not handed on`);
    found.isPending = false;
    this.unheard.push(() => this.indexed.delete(name));
  }

  append(entry: LogEntry): LogEntry | undefined {
    const there = this.entries[entry.position - 1];
    if (there !== undefined) return there;
    if (entry.position !== this.entries.length + 1) this.faults.push(`a gap before entry ${entry.position}`);
    this.entries[entry.position - 1] = entry;
    return undefined;
  }
}

/** A relay as far as it has come: a request that is answered bit by bit. */
class SimulatedRelay {
  readonly #store: SimulatedStore;
  readonly #bug: 'forgets-the-head' | undefined;
  #steps: RelaySteps<RelayRound> | undefined;
  #request: RelayRequest | undefined;
  #found: (RelayedCommit | undefined)[] = [];
  #done = 0;
  #settled: number | undefined;
  #isHead = false;

  constructor(store: SimulatedStore, bug: 'forgets-the-head' | undefined) {
    this.#store = store;
    this.#bug = bug;
  }

  /** It dies with all that it knows; another one begins in its place. */
  kill(): void {
    this.#steps = undefined;
    this.#request = undefined;
    this.#settled = undefined;
  }

  /** @returns what a round came to, when it ends with this step */
  step(known: readonly CommitRef[] | undefined): RelayRound | undefined {
    if (this.#steps === undefined || this.#request === undefined) {
      this.#steps = relayRound({ settled: this.#settled, ...(known === undefined ? {} : { known }) });
      return this.#take(this.#steps.next());
    }
    const answer = this.#answer(this.#request);
    return answer === 'not yet' ? undefined : this.#take(this.#steps.next(answer.value));
  }

  #take(result: IteratorResult<RelayRequest, RelayRound>): RelayRound | undefined {
    this.#found = [];
    this.#done = 0;
    if (!result.done) {
      this.#isHead = this.#request?.kind === 'head';
      this.#request = result.value;
      return undefined;
    }
    this.#request = undefined;
    const round = result.value;
    if (round.kind === 'appended') this.#settled = round.entry.position;
    else if (round.kind === 'nothing') this.#settled = round.head;
    else this.#settled = undefined;
    return round;
  }

  #answer(request: RelayRequest): { value: RelayAnswers[keyof RelayAnswers] } | 'not yet' {
    const store = this.#store;
    if (request.kind === 'head') return { value: store.entries.at(-1) };
    if (request.kind === 'candidates') return { value: [...store.indexed.values()] };
    if (request.kind === 'append') return { value: store.append(request.entry) };
    const of: readonly CommitRef[] = request.kind === 'commits' ? request.refs : request.commits;
    const ref = of[this.#done++];
    if (ref !== undefined) {
      if (request.kind === 'deliver') store.delivered.add(nameOf(ref));
      if (request.kind === 'mark') store.mark(ref);
      if (request.kind === 'commits') {
        const found = store.read(ref);
        // The planted bug: nobody helps who put the head.
        const isHelped = this.#bug === undefined || !this.#isHead;
        this.#found.push(found && { ...found, isPending: found.isPending && isHelped });
      }
    }
    if (this.#done < of.length) return 'not yet';
    return { value: request.kind === 'commits' ? this.#found : undefined };
  }
}

interface Simulated {
  readonly entries: readonly LogEntry[];
  readonly crashes: number;
  /** What must not be: gaps, duplicates, losses, an order that is not the stream's. */
  readonly faults: readonly string[];
}

const streamIds = ['a', 'b', 'c'];

/** One schedule: up to ten commits of three streams, three relays, which die now and then; at the end one that lives. */
export function simulate(seed: number, bug?: 'forgets-the-head'): Simulated {
  const chance = chanceOf(seed);
  const below = (n: number): number => Math.floor(chance() * n);
  const store = new SimulatedStore();
  const relays = [0, 1, 2].map(() => new SimulatedRelay(store, bug));
  const heads = streamIds.map(() => 0);
  const crashOdds = chance() * 0.2;
  let crashes = 0;
  let toWrite = 2 + below(9);
  let latest: CommitRef | undefined;
  const hear = (): void => {
    const [change] = store.unheard.splice(below(store.unheard.length), 1);
    change?.();
  };
  for (let steps = 60 + below(140); steps > 0; steps--) {
    const actor = below(6);
    if (actor === 0 && toWrite > 0) {
      const stream = below(streamIds.length);
      heads[stream] = (heads[stream] ?? 0) + 1;
      latest = { stream: 's', id: streamIds[stream] ?? '', position: heads[stream] ?? 0 };
      store.write(latest);
      toWrite--;
    } else if (actor === 1) hear();
    else {
      const relay = relays[below(relays.length)] as SimulatedRelay;
      if (chance() < crashOdds) {
        relay.kill();
        crashes++;
      } else relay.step(latest !== undefined && chance() < 0.5 ? [latest] : undefined);
    }
  }
  // Whoever is still under way goes on, and then one comes whom nobody disturbs, and the index has heard of everything.
  for (const relay of relays) while (relay.step([]) === undefined);
  const last = new SimulatedRelay(store, bug);
  for (let round: RelayRound | undefined; round?.kind !== 'nothing'; ) {
    while (store.unheard.length > 0) hear();
    round = last.step(undefined);
  }
  return { entries: store.entries, crashes, faults: [...store.faults, ...faultsOf(store)] };
}

function faultsOf({ entries, commits }: SimulatedStore): string[] {
  const told = entries.flatMap((entry) => entry.commits);
  const count = new Map<string, number>();
  const faults: string[] = [];
  const reached = new Map<string, number>();
  for (const ref of told) {
    const name = nameOf(ref);
    count.set(name, (count.get(name) ?? 0) + 1);
    if (ref.position <= (reached.get(ref.id) ?? 0)) faults.push(`${name} comes after a later one`);
    reached.set(ref.id, ref.position);
  }
  for (const [name, { isPending }] of commits) {
    if (count.get(name) !== 1) faults.push(`${name} is in the log ${count.get(name) ?? 0} times`);
    if (isPending) faults.push(`${name} stays pending`);
  }
  return faults;
}
