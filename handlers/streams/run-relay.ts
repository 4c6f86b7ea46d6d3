import { type CommitRef, logPartitionOf, maxEntryCommits } from '../../core/streams/notification-log.ts';
import {
  type RelayAnswers,
  type RelayRequest,
  type RelayRound,
  relayRound,
} from '../../core/streams/relay.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CommitOutbox, FactSink, NotificationLog } from '../../ports/streams.ts';

export interface RelayPorts {
  readonly log: NotificationLog;
  readonly outbox: CommitOutbox;
  readonly facts: FactSink;
  readonly clock: Clock;
}

/** Rounds that one relay loses before it leaves its commits to the others, who found them or will. */
const maxLost = 8;
const firstPauseMs = 5;
const longestPauseMs = 200;
/** A relay that has lost so many rounds waits 80 ms at the most before the next, or as long as a round takes. */
const maxContention = 4;

interface RoundOptions {
  readonly settled?: number | undefined;
  readonly known?: readonly CommitRef[];
}

/** Runs one round over the store. @throws StoreUnavailable at any step: what is not finished, the next relay finishes */
async function runRound(ports: RelayPorts, partition: number, options: RoundOptions): Promise<RelayRound> {
  const { log, outbox, facts } = ports;
  const answerTo = async (request: RelayRequest): Promise<RelayAnswers[keyof RelayAnswers]> => {
    if (request.kind === 'head') return log.head(partition);
    if (request.kind === 'candidates') return outbox.pending(partition, maxEntryCommits);
    if (request.kind === 'commits') return outbox.commits(request.refs);
    if (request.kind === 'append') return log.append(partition, request.entry);
    if (request.kind === 'deliver') await facts.deliver(request.entry, request.commits);
    if (request.kind === 'mark') await outbox.mark(request.commits);
    return undefined;
  };
  const steps = relayRound(options);
  let next = steps.next();
  while (!next.done) next = steps.next(await answerTo(next.value));
  return next.value;
}

const nameOf = ({ stream, id, position }: CommitRef): string => `${stream}/${id}/${position}`;
/** @param roundMs how long a round takes: a shorter pause would spread nobody */
const pauseOf = ({ random }: Clock, lost: number, roundMs = 0): number =>
  random() * Math.min(longestPauseMs, Math.max(roundMs, firstPauseMs * 2 ** lost));

interface Waiting {
  readonly ref: CommitRef;
  readonly published: Promise<void>;
  done(): void;
  fail(fault: unknown): void;
}

/**
 * Of what waits the first commits that one round looks at: it looks at each stream from the first of them to the last, at no more than an entry
 * takes. The others would count as published where those are.
 */
function withinReach(waiting: ReadonlyMap<string, Waiting>): [name: string, of: Waiting][] {
  const spans = new Map<string, { first: number; last: number }>();
  let left = maxEntryCommits;
  return [...waiting].filter(([, { ref }]) => {
    const { stream, id, position } = ref;
    const name = `${stream}/${id}`;
    const { first, last } = spans.get(name) ?? { first: position, last: position - 1 };
    const span = { first: Math.min(first, position), last: Math.max(last, position) };
    const more = span.last - span.first - (last - first);
    if (more > left) return false;
    left -= more;
    spans.set(name, span);
    return true;
  });
}

/** One log as this process publishes to it: one round at a time, each with all that waits by then. */
class PartitionRelay {
  readonly #ports: RelayPorts;
  readonly #partition: number;
  readonly #waiting = new Map<string, Waiting>();
  #settled: number | undefined;
  /** Rounds lost, less those won: above 0 others publish to this log as well. */
  #contention = 0;
  #roundMs = 0;
  #isRunning = false;

  constructor(ports: RelayPorts, partition: number) {
    this.#ports = ports;
    this.#partition = partition;
  }

  publish(ref: CommitRef): Promise<void> {
    const before = this.#waiting.get(nameOf(ref));
    if (before !== undefined) return before.published;
    const { promise: published, resolve: done, reject: fail } = Promise.withResolvers<void>();
    this.#waiting.set(nameOf(ref), { ref, published, done, fail });
    if (!this.#isRunning) void this.#run();
    return published;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { clock } = this.#ports;
    await undefined; // what is published at once, as by a batch, goes into one round
    let lost = 0;
    while (this.#waiting.size > 0) {
      // Among others a commit waits a little for theirs, so that one entry takes several: else each relay would put one, and most in vain.
      if (this.#contention > 0) await clock.pause(pauseOf(clock, this.#contention, this.#roundMs));
      const taken = withinReach(this.#waiting);
      try {
        const beganMs = clock.nowMs();
        const round = await this.#round(taken.map(([, { ref }]) => ref));
        this.#roundMs = clock.nowMs() - beganMs;
        if (round.kind === 'lost') {
          // Who was faster takes along what was pending: then it is in the log, and there is nothing left to put.
          for (const ref of round.to.commits) this.#settle(nameOf(ref), ({ done: resolve }) => resolve());
          if (++lost < maxLost) continue;
        }
        lost = 0;
        const done =
          round.kind === 'appended' ? round.entry.commits.map(nameOf) : taken.map(([name]) => name);
        for (const name of done) this.#settle(name, ({ done: resolve }) => resolve());
      } catch (fault) {
        for (const [name] of taken) this.#settle(name, ({ fail }) => fail(fault));
      }
    }
    this.#isRunning = false;
  }

  #settle(name: string, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (waiting !== undefined) settle(waiting);
  }

  async #round(known: readonly CommitRef[]): Promise<RelayRound> {
    // Where others publish as well, what was settled some time ago is behind by now: the head is asked for.
    const settled = this.#contention > 0 ? undefined : this.#settled;
    this.#settled = undefined; // of a round that breaks off nobody knows how far it came
    const round = await runRound(this.#ports, this.#partition, { settled, known });
    if (round.kind === 'lost') this.#contention = Math.min(maxContention, this.#contention + 1);
    else if (round.kind === 'appended') this.#contention = Math.max(0, this.#contention - 1);
    if (round.kind === 'appended') this.#settled = round.entry.position;
    if (round.kind === 'nothing') this.#settled = round.head;
    return round;
  }
}

/**
 * Publishes commits that this process has made, soon. It is resolved when the commit is in its log, or is left to the other relays, which are
 * always enough: nothing is lost when this one is not called, or dies.
 */
export function createPublisher(ports: RelayPorts): (ref: CommitRef) => Promise<void> {
  const partitions = new Map<number, PartitionRelay>();
  return (ref) => {
    const partition = logPartitionOf(ref);
    const relay = partitions.get(partition) ?? new PartitionRelay(ports, partition);
    partitions.set(partition, relay);
    return relay.publish(ref);
  };
}

/** What a relay found to do in a log. */
export interface Relayed {
  readonly entries: number;
  readonly commits: number;
  /** How long the oldest commit had waited, ms, as the index had it; 0 for none. */
  readonly oldestMs: number;
}

/** Pauses for an index that does not show the first pending commits of a stream yet. */
const lagMs = 500;
const maxBehind = 6;

/**
 * Publishes what is pending in a log, whoever left it.
 * @param isOver asked between rounds
 */
export async function relayPending(
  ports: RelayPorts,
  partition: number,
  isOver: () => boolean,
): Promise<Relayed> {
  const { clock } = ports;
  const [oldest] = await ports.outbox.pending(partition, 1);
  const oldestMs = oldest === undefined ? 0 : Math.max(0, clock.nowMs() - oldest.sinceMs);
  let [entries, commits, lost, behind] = [0, 0, 0, 0];
  if (oldest === undefined) return { entries, commits, oldestMs };
  let settled: number | undefined;
  while (!isOver() && lost < maxLost && behind < maxBehind) {
    const round: RelayRound = await runRound(ports, partition, { settled });
    if (round.kind === 'nothing') break;
    settled = round.kind === 'appended' ? round.entry.position : undefined;
    if (round.kind === 'appended') {
      [entries, commits, lost, behind] = [entries + 1, commits + round.entry.commits.length, 0, 0];
    } else if (round.kind === 'lost') await clock.pause(pauseOf(clock, ++lost));
    else {
      behind++;
      await clock.pause(lagMs);
    }
  }
  return { entries, commits, oldestMs };
}
