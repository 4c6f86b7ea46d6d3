import {
  type CommitRef,
  type LogEntry,
  maxEntryCommits,
  maxEntryLength,
  type Notification,
} from './notification-log.ts';
import type { StreamKey } from './stream.ts';

/*
 * How commits get into a notification log, without a transaction, a counter or a lock: a step machine. It yields what it
 * asks of the store, and whoever runs it sends the answer back; so a simulation runs thousands of relays against one
 * another in one thread, and kills them between any two steps.
 *
 * The log's head is read, and its commits are marked as published, whoever put it. Only then are pending commits read, and
 * what is marked dropped: a commit of any entry up to the head is marked by now. What is left goes into entry head + 1, which
 * is put only where there is none: who loses the race begins again. Without the marking of the head's commits, a relay
 * that dies between the put and the marks leaves commits that the next one puts again.
 */

/** A commit as the relay reads it. */
export interface RelayedCommit extends Notification {
  /** True until it is marked: then it is in the log. */
  readonly isPending: boolean;
  /** The commit as it is stored: `encodeCommit`. */
  readonly text: string;
}

/** What the relay asks of the log's store. `head` and `commits` are read consistently; `candidates` may be out of date. */
export interface RelayAnswers {
  /** The last entry. */
  head: LogEntry | undefined;
  /** Commits in the order of `refs`; `undefined` where there is none. */
  commits: readonly (RelayedCommit | undefined)[];
  /** Some commits that are pending as an index has it, the oldest first: it may lack new ones and still have marked ones. */
  candidates: readonly CommitRef[];
  /** Nothing where the entry is put; the one that has the position already otherwise. */
  append: LogEntry | undefined;
  /** They have been handed on, once or more. It is asked for before they are marked. */
  deliver: undefined;
  /** They are pending no more. */
  mark: undefined;
}
export type RelayRequest =
  | { readonly kind: 'head' }
  | { readonly kind: 'candidates' }
  | { readonly kind: 'commits'; readonly refs: readonly CommitRef[] }
  | { readonly kind: 'append'; readonly entry: LogEntry }
  | { readonly kind: 'deliver'; readonly entry: LogEntry; readonly commits: readonly RelayedCommit[] }
  | { readonly kind: 'mark'; readonly commits: readonly RelayedCommit[] };

type Answer = RelayAnswers[keyof RelayAnswers];
export type RelaySteps<Result> = Generator<RelayRequest, Result, Answer>;

/** What a round came to. */
export type RelayRound =
  /** `commits` are in the entry of that position, handed on and marked. */
  | { readonly kind: 'appended'; readonly entry: LogEntry }
  /** Another relay put this entry meanwhile. */
  | { readonly kind: 'lost'; readonly to: LogEntry }
  /** None of the commits that were looked at is pending. */
  | { readonly kind: 'nothing'; readonly head: number }
  /** There are more pending commits before the known ones than one entry takes: the index has to be asked. */
  | { readonly kind: 'behind' };

/** Commits that are looked at beyond the first, towards the beginning of a stream, at a time. */
const lookBack = 20;

/**
 * One round: at most one entry.
 * @param options.settled position of the head whose commits this relay has marked itself; it need not be the head any more
 * @param options.known commits to publish, in place of those that the index has
 */
export function* relayRound({
  settled,
  known,
}: {
  readonly settled?: number | undefined;
  readonly known?: readonly CommitRef[];
} = {}): RelaySteps<RelayRound> {
  const head = settled ?? (yield* settleHead());
  const refs = known ?? (yield* ask({ kind: 'candidates' }));
  const { commits, isBehind } = yield* pendingOf(refs);
  if (commits.length === 0) return isBehind ? { kind: 'behind' } : { kind: 'nothing', head };
  const entry = { position: head + 1, commits: commits.map(notificationOf) };
  const there = yield* ask({ kind: 'append', entry });
  if (there !== undefined) return { kind: 'lost', to: there };
  yield* publish(entry, commits);
  return { kind: 'appended', entry };
}

/** Marks what the last entry names: whoever put it may have died since. Answers its position. */
function* settleHead(): RelaySteps<number> {
  const head = yield* ask({ kind: 'head' });
  if (head === undefined) return 0;
  const found = yield* ask({ kind: 'commits', refs: head.commits });
  const pending = found.filter((commit) => commit !== undefined).filter(({ isPending }) => isPending);
  if (pending.length > 0) yield* publish(head, pending);
  return head.position;
}

/** @param commits of the entry, those that are pending */
function* publish(entry: LogEntry, commits: readonly RelayedCommit[]): RelaySteps<void> {
  yield* ask({ kind: 'deliver', entry, commits });
  yield* ask({ kind: 'mark', commits });
}

/** Commits of one stream that are to be looked at. */
interface Span {
  readonly key: StreamKey;
  first: number;
  last: number;
}

/**
 * The pending commits from the first one of each stream on, as many as an entry takes. Of a stream the pending ones are always its last:
 * so the one before the first has to be read and be marked, or be position 1; the index may lack it.
 */
function* pendingOf(
  refs: readonly CommitRef[],
): RelaySteps<{ readonly commits: readonly RelayedCommit[]; readonly isBehind: boolean }> {
  let isBehind = false;
  const commits: RelayedCommit[] = [];
  let length = 0;
  const spans = spansOf(refs);
  const read = yield* readSpans(spans.map((span) => ({ ...span, first: Math.max(1, span.first - 1) })));
  for (const [index, { key }] of spans.entries()) {
    let found = read[index] ?? [];
    if (leadsOn(found)) {
      const { position } = found[0] as RelayedCommit; // it leads on
      const span = { key, first: Math.max(1, position - lookBack), last: position - 1 };
      found = [...((yield* readSpans([span]))[0] ?? []), ...found];
    }
    if (leadsOn(found)) {
      isBehind = true;
      continue;
    }
    for (const commit of found) {
      if (!commit.isPending) continue;
      length += JSON.stringify(notificationOf(commit)).length;
      if (commits.length === maxEntryCommits || (commits.length > 0 && length > maxEntryLength))
        return { commits, isBehind };
      commits.push(commit);
    }
  }
  return { commits, isBehind };
}

/** Whether there may be pending commits before these. */
const leadsOn = ([first]: readonly RelayedCommit[]): boolean =>
  first?.isPending === true && first.position > 1;

/** The first and the last ref of each stream, in the order in which the streams come first; not more than an entry takes. */
function spansOf(refs: readonly CommitRef[]): Span[] {
  const spans = new Map<string, Span>();
  for (const { stream, id, position } of refs) {
    const name = `${stream}/${id}`;
    const span = spans.get(name) ?? { key: { stream, id }, first: position, last: position };
    span.first = Math.min(span.first, position);
    span.last = Math.max(span.last, position);
    spans.set(name, span);
  }
  let left = maxEntryCommits;
  return [...spans.values()].flatMap((span) => {
    const last = Math.min(span.last, span.first + left - 1);
    left -= Math.max(0, last - span.first + 1);
    return last < span.first ? [] : [{ ...span, last }];
  });
}

function* readSpans(spans: readonly Span[]): RelaySteps<RelayedCommit[][]> {
  const refs = spans.map(({ key, first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => ({ ...key, position: first + index })),
  );
  const found = yield* ask({ kind: 'commits', refs: refs.flat() });
  let start = 0;
  return refs.map(({ length }) => {
    start += length;
    return found.slice(start - length, start).filter((commit) => commit !== undefined);
  });
}

const notificationOf = ({ stream, id, position, recordedAt, events }: Notification): Notification => ({
  ...{ stream, id, position, recordedAt, events },
});

/** The cast: whoever runs the steps answers each request with what its kind is answered with. */
function* ask<Kind extends keyof RelayAnswers>(
  request: Extract<RelayRequest, { readonly kind: Kind }>,
): RelaySteps<RelayAnswers[Kind]> {
  return (yield request) as RelayAnswers[Kind];
}
