import { type CommitRef, type LogEntry, logPartitionOf } from '../../core/streams/notification-log.ts';
import type { RelayedCommit } from '../../core/streams/relay.ts';
import { type Commit, decodeCommit, encodeCommit, type StreamKey } from '../../core/streams/stream.ts';
import type {
  CommitOutbox,
  CommitStore,
  FactSink,
  NotificationLog,
  Snapshot,
  SnapshotStore,
} from '../../ports/streams.ts';

const nameOf = ({ stream, id }: StreamKey): string => `${stream}/${id}`;

/** The streams table in memory. Each call takes its turn, so that callers run into one another. */
export class MemoryStreams implements CommitStore, SnapshotStore, NotificationLog, CommitOutbox, FactSink {
  /** Texts by position, from 1. */
  readonly streams = new Map<string, string[]>();
  readonly pendingRefs = new Map<string, CommitRef & { sinceMs: number }>();
  readonly snapshots = new Map<string, Snapshot[]>();
  readonly logs = new Map<number, LogEntry[]>();
  /** What was handed on, once or more: commits as `stream/id/position`, and the entry that names them. */
  readonly delivered = new Map<string, LogEntry>();
  readonly calls: string[] = [];
  /** Called before and after each call that writes; what it throws is thrown, and what was written before stays. */
  around: (call: string, phase: 'before' | 'after') => void = () => undefined;

  async #turn(call: string): Promise<void> {
    this.calls.push(call);
    await new Promise(setImmediate);
  }

  async #write<Answer>(call: string, write: () => Answer): Promise<Answer> {
    await this.#turn(call);
    this.around(call, 'before');
    const answer = write();
    this.around(call, 'after');
    return answer;
  }

  #texts(key: StreamKey): string[] {
    return this.streams.get(nameOf(key)) ?? [];
  }

  append(key: StreamKey, commit: Commit): Promise<Commit | undefined>;
  append(partition: number, entry: LogEntry): Promise<LogEntry | undefined>;
  append(of: StreamKey | number, what: Commit | LogEntry): Promise<Commit | LogEntry | undefined> {
    return typeof of === 'number'
      ? this.#appendEntry(of, what as LogEntry)
      : this.#appendCommit(of, what as Commit);
  }

  #appendCommit(key: StreamKey, commit: Commit): Promise<Commit | undefined> {
    return this.#write('append', () => {
      const texts = this.#texts(key);
      const there = texts[commit.position - 1];
      if (there !== undefined) return decodeCommit(there);
      if (texts.length !== commit.position - 1) throw new Error(`a gap before ${commit.position}`);
      this.streams.set(nameOf(key), [...texts, encodeCommit(commit)]);
      const { position, recordedMs } = commit;
      this.pendingRefs.set(`${nameOf(key)}/${position}`, { ...key, position, sinceMs: recordedMs });
      return undefined;
    });
  }

  async after(key: StreamKey, position: number, limit = Number.POSITIVE_INFINITY) {
    await this.#turn('after');
    return this.#texts(key)
      .slice(position, position + limit)
      .map(decodeCommit);
  }

  async at(key: StreamKey, position: number) {
    await this.#turn('at');
    const text = this.#texts(key)[position - 1];
    return text === undefined ? undefined : decodeCommit(text);
  }

  last(key: StreamKey): Promise<Commit | undefined>;
  last(key: StreamKey, of: { version: number; upTo: number }): Promise<Snapshot | undefined>;
  async last(key: StreamKey, of?: { version: number; upTo: number }): Promise<Commit | Snapshot | undefined> {
    await this.#turn('last');
    if (of === undefined) {
      const text = this.#texts(key).at(-1);
      return text === undefined ? undefined : decodeCommit(text);
    }
    const kept = this.snapshots.get(`${nameOf(key)}/${of.version}`) ?? [];
    return kept.filter(({ position }) => position <= of.upTo).at(-1);
  }

  async byCommand(key: StreamKey, commandId: string) {
    await this.#turn('byCommand');
    return this.#texts(key)
      .map(decodeCommit)
      .find((commit) => commit.commandId === commandId);
  }

  keep(key: StreamKey, version: number, snapshot: Snapshot): Promise<void> {
    return this.#write('keep', () => {
      const name = `${nameOf(key)}/${version}`;
      const kept = [...(this.snapshots.get(name) ?? []), JSON.parse(JSON.stringify(snapshot)) as Snapshot];
      this.snapshots.set(
        name,
        kept.sort((a, b) => a.position - b.position),
      );
    });
  }

  async head(partition: number) {
    await this.#turn('head');
    return this.logs.get(partition)?.at(-1);
  }

  #appendEntry(partition: number, entry: LogEntry): Promise<LogEntry | undefined> {
    return this.#write('append entry', () => {
      const entries = this.logs.get(partition) ?? [];
      const there = entries[entry.position - 1];
      if (there !== undefined) return there;
      if (entries.length !== entry.position - 1) throw new Error(`a gap before entry ${entry.position}`);
      this.logs.set(partition, [...entries, entry]);
      return undefined;
    });
  }

  async from(partition: number, position: number, limit: number) {
    await this.#turn('from');
    return (this.logs.get(partition) ?? []).slice(position - 1, position - 1 + limit);
  }

  async commits(refs: readonly CommitRef[]) {
    await this.#turn('commits');
    return refs.map((ref): RelayedCommit | undefined => {
      const text = this.#texts(ref)[ref.position - 1];
      if (text === undefined) return undefined;
      const { recordedMs, events } = decodeCommit(text);
      const { stream, id, position } = ref;
      const isPending = this.pendingRefs.has(`${nameOf(ref)}/${position}`);
      const recordedAt = new Date(recordedMs).toISOString();
      return { stream, id, position, recordedAt, events: events.map(({ name }) => name), isPending, text };
    });
  }

  async pending(partition: number, limit: number) {
    await this.#turn('pending');
    return [...this.pendingRefs.values()].filter((ref) => logPartitionOf(ref) === partition).slice(0, limit);
  }

  deliver(entry: LogEntry, commits: readonly RelayedCommit[]): Promise<void> {
    return this.#write('deliver', () => {
      for (const ref of commits) this.delivered.set(`${nameOf(ref)}/${ref.position}`, entry);
    });
  }

  mark(commits: readonly RelayedCommit[]): Promise<void> {
    return this.#write('mark', () => {
      const lost = commits.find((ref) => !this.delivered.has(`${nameOf(ref)}/${ref.position}`));
      if (lost !== undefined)
        throw new Error(`${nameOf(lost)}/${lost.position} is marked before it is handed on`);
      for (const ref of commits) this.pendingRefs.delete(`${nameOf(ref)}/${ref.position}`);
    });
  }

  /** Every commit of every log, as `stream/id/position`. */
  told(): string[] {
    return [...this.logs.values()]
      .flat()
      .flatMap(({ commits }) => commits.map((ref) => `${nameOf(ref)}/${ref.position}`));
  }
}

/** Time that passes by pauses alone, and chance that is even. */
export const steppedClock = (startMs: number) => {
  const clock = {
    atMs: startMs,
    nowMs: () => clock.atMs,
    random: () => 0.5,
    pause: async (ms: number) => {
      clock.atMs += Math.ceil(ms);
      await new Promise(setImmediate);
    },
  };
  return clock;
};
