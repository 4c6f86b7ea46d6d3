import type { CommitRef, LogEntry } from '../core/streams/notification-log.ts';
import type { RelayedCommit } from '../core/streams/relay.ts';
import type { Commit, StreamKey } from '../core/streams/stream.ts';

/**
 * The store of streams. `adapters/dynamodb/streams-table.ts` implements all of it, with conditional writes of single items and
 * nothing else. Reads are strongly consistent unless it is said. Every call throws `StoreUnavailable` where a retry helps, and may be
 * repeated.
 */
export interface CommitStore {
  /** Puts a commit where its position is free, and answers nothing; else the commit that is there: also the same one, when an answer was lost. */
  append(key: StreamKey, commit: Commit): Promise<Commit | undefined>;
  /** The commits after a position, in their order, at most `limit`. */
  after(key: StreamKey, position: number, limit?: number): Promise<Commit[]>;
  at(key: StreamKey, position: number): Promise<Commit | undefined>;
  /** The last commit. */
  last(key: StreamKey): Promise<Commit | undefined>;
  /** The commit that a command came to. */
  byCommand(key: StreamKey, commandId: string): Promise<Commit | undefined>;
}

/** A state at a position, as JSON. */
export interface Snapshot {
  readonly position: number;
  /** Of the last commit. */
  readonly recordedMs: number;
  readonly state: unknown;
}

/** Snapshots save reading, and keep nothing right: they may be lost. */
export interface SnapshotStore {
  /** The last snapshot of that version of the stream's rules at a position, or before it. It may be out of date. */
  last(key: StreamKey, of: { version: number; upTo: number }): Promise<Snapshot | undefined>;
  /** One that is larger than an item is not kept. */
  keep(key: StreamKey, version: number, snapshot: Snapshot): Promise<void>;
}

/** A notification log, by its number. */
export interface NotificationLog {
  head(partition: number): Promise<LogEntry | undefined>;
  /** Puts an entry where its position is free, and answers nothing; else the entry that is there. */
  append(partition: number, entry: LogEntry): Promise<LogEntry | undefined>;
  /** The entries from a position on, in their order, at most `limit`. */
  from(partition: number, position: number, limit: number): Promise<LogEntry[]>;
}

/** What takes the events of commits on to their datasets. `handlers/streams/deliver-facts.ts` implements it. */
export interface FactSink {
  /**
   * Sends the events of commits that an entry names, at least once.
   * @throws {StoreUnavailable} where not all of it was acknowledged: then all of it is sent again, by whoever comes next
   */
  deliver(entry: LogEntry, commits: readonly RelayedCommit[]): Promise<void>;
}

/** Where a store of streams is built again from its facts. Nothing that is there is changed. */
export interface StreamRestore {
  /** Puts a commit that is in its log already. `differs`: another one is at its position. */
  commit(key: StreamKey, commit: Commit): Promise<Restored>;
  entry(partition: number, entry: LogEntry): Promise<Restored>;
}

export type Restored = 'written' | 'there' | 'differs';

/** Commits as the relay sees them. */
export interface CommitOutbox {
  commits(refs: readonly CommitRef[]): Promise<readonly (RelayedCommit | undefined)[]>;
  /** Pending commits of a log with when they were recorded, UTC ms, the oldest first, at most `limit`; the index lags. */
  pending(partition: number, limit: number): Promise<(CommitRef & { readonly sinceMs: number })[]>;
  /** Writes commits, as they were read, again without what makes them pending. */
  mark(commits: readonly RelayedCommit[]): Promise<void>;
}
