import { createHash } from 'node:crypto';
import { eventTooLong, maxEventDataLength } from '../../core/streams/facts.ts';
import {
  type Commit,
  encodeCommit,
  type Folded,
  fold,
  maxCommitBytes,
  type Named,
  type Stream,
  type StreamKey,
  unfolded,
} from '../../core/streams/stream.ts';
import type { Clock } from '../../ports/clock.ts';
import { StoreUnavailable } from '../../ports/faults.ts';
import type { CommitStore, SnapshotStore } from '../../ports/streams.ts';

export interface CommandPorts {
  readonly commits: CommitStore;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
}

/** A command whose data its schema has taken. */
export interface GivenCommand extends Named {
  /** The same id with the same content is one command, however often it comes. */
  readonly commandId: string;
  /** When it happened, UTC ms; now where nobody says. */
  readonly occurredMs?: number | undefined;
}

export type Handled =
  /** `isNew` is false where the command had been committed before; that is its commit. */
  | { readonly kind: 'committed'; readonly commit: Commit; readonly isNew: boolean }
  /** By a rule of the stream, or of the store: `commit-too-large`. Nothing is kept of it. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string; readonly position: number }
  /** The stream is at another position than the caller expects. */
  | { readonly kind: 'moved'; readonly position: number }
  /** The id is that of another command. */
  | { readonly kind: 'reused'; readonly position: number };

/** Streams that are kept in memory: the ones that commands were handled for last. */
const maxKept = 128;
/** Command ids that are known of a stream without asking. */
const maxKnown = 2_000;
/** Others may always be faster, but not for ever. */
const attempts = 40;
const firstPauseMs = 4;
const longestPauseMs = 250;

/** What this process knows of a stream. Commits never change, so it may be old but not wrong. */
interface Known {
  folded: Folded;
  /** Positions by command id, of all commits after `since`. */
  readonly commands: Map<string, number>;
  since: number;
  /** Nobody else has written since this process last looked: it may put at once, and find out by its condition. */
  isAlone: boolean;
  /** Ends when the commands of this process that came before have been handled: against one another they would only lose races. */
  turn: Promise<void>;
}

/**
 * Handles commands. Of a stream the last snapshot and the commits after it are read consistently, the command is decided, and its events are
 * put as one commit at the next position, under the condition that it is free. Where another one was faster, its commits are
 * read and the command is decided again. What is refused is refused by what is stored, not by what is remembered.
 *
 * A command's id is looked up before, among the commits up to the position that it is decided at; one that came after
 * holds the next position, so that the put finds it.
 */
export function createCommandHandler(ports: CommandPorts) {
  const { commits, snapshots, clock } = ports;
  const kept = new Map<string, Known>();

  async function knownOf(stream: Stream, key: StreamKey): Promise<Known> {
    const name = `${key.stream}/${key.id}`;
    const found = kept.get(name) ?? (await load(stream, key));
    kept.delete(name); // and set again as the last one
    kept.set(name, found);
    for (const oldest of kept.keys()) if (kept.size > maxKept) kept.delete(oldest);
    return found;
  }

  async function load(stream: Stream, key: StreamKey): Promise<Known> {
    const { version } = stream;
    const snapshot = await snapshots.last(key, { version, upTo: Number.MAX_SAFE_INTEGER });
    const folded = snapshot ?? unfolded(stream);
    return {
      folded,
      commands: new Map(),
      since: folded.position,
      isAlone: false,
      turn: Promise.resolve(),
    };
  }

  /** Whether there was anything new. */
  async function readOn(stream: Stream, key: StreamKey, known: Known): Promise<boolean> {
    const found = await commits.after(key, known.folded.position);
    for (const commit of found) take(stream, known, commit);
    return found.length > 0;
  }

  function take(stream: Stream, known: Known, commit: Commit): void {
    // Another command of this process may have read it meanwhile.
    if (commit.position <= known.folded.position) return;
    known.folded = fold(stream, known.folded, commit);
    known.commands.set(commit.commandId, commit.position);
    for (const [commandId, position] of known.commands) {
      if (known.commands.size <= maxKnown) break;
      known.commands.delete(commandId);
      known.since = position;
    }
  }

  /** The commit of the command, if it is at a position up to `position`. */
  async function earlier(key: StreamKey, known: Known, commandId: string): Promise<Commit | undefined> {
    const at = known.commands.get(commandId);
    if (at !== undefined) return commits.at(key, at);
    return known.since === 0 ? undefined : commits.byCommand(key, commandId);
  }

  /** Of the positions that the kind says, so that a store that is built again has the same ones. */
  async function keepSnapshot(stream: Stream, key: StreamKey, folded: Folded): Promise<void> {
    if (folded.position % stream.snapshotEvery !== 0) return;
    try {
      await snapshots.keep(key, stream.version, folded);
    } catch (fault) {
      // The command is committed; the next snapshot does as well.
      if (!(fault instanceof StoreUnavailable)) throw fault;
    }
  }

  async function decide(
    stream: Stream,
    key: StreamKey,
    { command, expected, known }: { command: GivenCommand; expected: number | undefined; known: Known },
  ): Promise<Handled> {
    const { commandId, name, data } = command;
    const digest = digestOf(command);
    let isFresh = false;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (!isFresh && !known.isAlone) {
        known.isAlone = !(await readOn(stream, key, known));
        isFresh = true;
      }
      const { folded } = known;
      const { position } = folded;
      const before = await earlier(key, known, commandId);
      if (before !== undefined)
        return before.digest === digest
          ? { kind: 'committed', commit: before, isNew: false }
          : { kind: 'reused', position: before.position };
      const recordedMs = Math.max(clock.nowMs(), folded.recordedMs);
      const moment = { recordedMs, occurredMs: command.occurredMs ?? recordedMs };
      const decision =
        expected !== undefined && expected !== position
          ? ({ kind: 'moved', position } as const)
          : stream.decide({ name, data }, folded.state, moment);
      if (decision.kind !== 'events') {
        if (isFresh) return decision.kind === 'moved' ? decision : { ...decision, position };
        known.isAlone = false; // it is asked whether that still holds
        continue;
      }
      const commit = { position: position + 1, commandId, digest, ...moment, events: decision.events };
      const long = eventTooLong(commit.events);
      if (long !== undefined) return longData(long, position);
      const bytes = Buffer.byteLength(encodeCommit(commit));
      if (bytes > maxCommitBytes) return tooLarge(bytes, position);
      const beganMs = clock.nowMs();
      const there = await commits.append(key, commit);
      take(stream, known, there ?? commit);
      if (there === undefined) {
        await keepSnapshot(stream, key, known.folded);
        return { kind: 'committed', commit, isNew: true };
      }
      // The one that was faster is folded. If it was alone, the next position is free; if not, the others are read.
      known.isAlone = attempt === 0;
      isFresh = false;
      // A pause shorter than a write takes would spread nobody.
      const atMostMs = Math.max(clock.nowMs() - beganMs, firstPauseMs * 2 ** attempt);
      await clock.pause(clock.random() * Math.min(longestPauseMs, atMostMs));
    }
    throw new StoreUnavailable(`${key.stream}/${key.id} is being written by many at once`);
  }

  /**
   * @param expected position that the stream must be at; any without it
   * @throws {StoreUnavailable} also when others were always faster; sending it again helps, and does no harm
   */
  return async (
    stream: Stream,
    key: StreamKey,
    command: GivenCommand,
    expected?: number,
  ): Promise<Handled> => {
    const known = await knownOf(stream, key);
    const before = known.turn;
    const mine = Promise.withResolvers<void>();
    known.turn = mine.promise;
    await before;
    try {
      return await decide(stream, key, { command, expected, known });
    } finally {
      mine.resolve();
    }
  };
}

const tooLarge = (bytes: number, position: number): Handled => ({
  kind: 'refused',
  reason: 'commit-too-large',
  detail: `the events of the command have ${bytes} bytes; accepted: at most ${maxCommitBytes}, which one item of the store takes`,
  position,
});

const longData = ({ name, data }: Named, position: number): Handled => ({
  kind: 'refused',
  reason: 'commit-too-large',
  detail: `the data of the event ${name} has ${JSON.stringify(data).length} characters as JSON; accepted: at most ${maxEventDataLength}, which a line of its dataset takes`,
  position,
});

/** 132 bits of SHA-256: what is said to be the same is the same. */
function digestOf({ name, data, occurredMs }: GivenCommand): string {
  const content = JSON.stringify([name, data, occurredMs ?? null]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}
