import { isDeepStrictEqual } from 'node:util';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { type Fact, factOf } from '../../core/streams/facts.ts';
import { type Gathered, GatheredFacts } from '../../core/streams/gathered-facts.ts';
import { logPartitionOf } from '../../core/streams/notification-log.ts';
import { type Commit, fold, type Stream, type StreamKey, unfolded } from '../../core/streams/stream.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import type { CommitStore, NotificationLog, SnapshotStore, StreamRestore } from '../../ports/streams.ts';

type RawObject = Parameters<SegmentOpener['open']>[0];

export interface RebuildPorts {
  /** Every raw object that may have lines of the datasets. */
  objects(): AsyncIterable<RawObject>;
  readonly segments: SegmentOpener;
  readonly restore: StreamRestore;
  readonly commits: Pick<CommitStore, 'after' | 'at'>;
  readonly snapshots: Pick<SnapshotStore, 'keep'>;
  readonly log: Pick<NotificationLog, 'from'>;
}

/** What a rebuild of the store came to. */
export interface Rebuilt {
  readonly objects: number;
  /** Lines of events of streams, repeated ones too. */
  readonly facts: number;
  readonly streams: number;
  readonly commits: { readonly written: number; readonly there: number };
  readonly entries: { readonly written: number; readonly there: number };
  readonly snapshots: number;
  /** What keeps the store from being what the raw log says, in words, the first of {@link maxFaults}. */
  readonly faults: readonly string[];
}

const maxFaults = 20;
/** Items that are put at once. */
const putsInFlight = 16;
/** Commits that are read at once to be folded. */
const foldedAtOnce = 1_000;

/**
 * Builds the store of streams again from the lines that the relay sent: each commit and each entry of the logs as it was, byte for byte, and the
 * snapshots of the positions that the kinds say. What is there stays, and is compared. Nobody may give commands meanwhile. What was committed
 * and not yet in its log when the store was lost is not in the raw log, and lost.
 *
 * A line proves nothing: others may have written it. The store names a commit in its log before any line of it is sent, so that only what the
 * log names is taken, unless `isLost`: then the log is lost as well, from some entry on, and lines are all that there is.
 */
export async function rebuildStreams(
  ports: RebuildPorts,
  of: {
    readonly datasets: readonly Dataset[];
    readonly streams: readonly Stream[];
    readonly isLost: boolean;
  },
  tell: (text: string) => void,
): Promise<Rebuilt> {
  const gathered = new GatheredFacts();
  const count = {
    objects: 0,
    facts: 0,
    commits: { written: 0, there: 0 },
    entries: { written: 0, there: 0 },
  };
  const faults: string[] = [];
  let repeated: Fact[] = [];
  const put = async (each: Exclude<Gathered, { kind: 'repeated' }>): Promise<void> => {
    const { restore } = ports;
    if (!of.isLost && !(await isNamed(ports.log, each))) {
      faults.push(`${nameOf(each)} is not as the log of the store has it, and was not taken: ${unnamed}`);
      return;
    }
    const restored =
      each.kind === 'commit'
        ? await restore.commit(each.key, each.commit)
        : await restore.entry(each.partition, each.entry);
    if (restored === 'differs') faults.push(`${nameOf(each)} is another one in the store`);
    else count[each.kind === 'commit' ? 'commits' : 'entries'][restored]++;
  };
  for await (const object of ports.objects()) {
    const facts = await factsOf(ports.segments, object, of.datasets, (fault) => faults.push(fault));
    count.objects++;
    count.facts += facts.length;
    const whole = facts.flatMap((fact) => gathered.add(fact));
    const found = whole.filter((each) => each.kind !== 'repeated');
    await mapBounded(found, putsInFlight, put);
    for (const each of whole) if (each.kind === 'repeated') repeated.push(each.fact);
    repeated = await contradicted(ports.commits, repeated, (fault) => faults.push(fault));
    tell(`${count.objects} raw objects read, ${count.commits.written} commits written`);
  }
  for (const { key, found } of gathered.streams)
    if (found.missing !== undefined)
      faults.push(`${key.stream}/${key.id} lacks position ${found.missing} of ${found.last}`);
  for (const { partition, found } of gathered.logs)
    if (found.missing !== undefined)
      faults.push(`log ${partition} lacks entry ${found.missing} of ${found.last}`);
  let snapshots = 0;
  for (const { key, found } of gathered.streams) {
    const stream = of.streams.find(({ name }) => name === key.stream);
    if (stream === undefined || found.missing !== undefined) continue;
    snapshots += await keepSnapshots(ports, stream, key, found.last);
  }
  const streams = gathered.streams.length;
  return { ...count, streams, snapshots, faults: faults.slice(0, maxFaults) };
}

const unnamed =
  'whoever sent its lines was not the store, so withdraw them; if the store was lost since, build it again with --lost';

/** Whether the log of the store names a commit, in the entry that its facts say; of an entry, whether it is in the log. */
async function isNamed(
  log: RebuildPorts['log'],
  each: Exclude<Gathered, { kind: 'repeated' }>,
): Promise<boolean> {
  const place =
    each.kind === 'commit'
      ? { partition: logPartitionOf(each.key), position: each.entry }
      : { partition: each.partition, position: each.entry.position };
  const [found] = await log.from(place.partition, place.position, 1);
  if (found?.position !== place.position) return false;
  if (each.kind === 'entry') return true; // and then is compared
  const { key, commit } = each;
  const recordedAt = new Date(commit.recordedMs).toISOString();
  const events = commit.events.map(({ name }) => name);
  return found.commits.some((named) =>
    isDeepStrictEqual(named, { ...key, position: commit.position, recordedAt, events }),
  );
}

/** Tells of repeated facts that say something else than the commit that is there. @returns those whose commit is not there yet */
async function contradicted(
  commits: RebuildPorts['commits'],
  facts: readonly Fact[],
  tell: (fault: string) => void,
): Promise<Fact[]> {
  const waiting: Fact[] = [];
  for (const fact of facts) {
    const commit = await commits.at(fact, fact.position);
    if (commit === undefined) waiting.push(fact);
    else if (!says(fact, commit))
      tell(`lines contradict each other about position ${fact.position} of ${fact.stream}/${fact.id}`);
  }
  return waiting;
}

/** Whether a fact is of the commit as it is. */
const says = (fact: Fact, { events, ...commit }: Commit): boolean =>
  Object.entries(commit).every(([name, value]) => fact[name as keyof typeof commit] === value) &&
  fact.count === events.length &&
  isDeepStrictEqual(fact.event, events[fact.number - 1]);

const nameOf = (each: Exclude<Gathered, { kind: 'repeated' }>): string =>
  each.kind === 'commit'
    ? `position ${each.commit.position} of ${each.key.stream}/${each.key.id}`
    : `entry ${each.entry.position} of log ${each.partition}`;

/** The facts of one object. */
async function factsOf(
  segments: SegmentOpener,
  object: RawObject,
  datasets: readonly Dataset[],
  tell: (fault: string) => void,
): Promise<Fact[]> {
  const { bytes, ...known } = await segments.open(object);
  const facts: Fact[] = [];
  await parseSegment(
    { source: { key: object.key, ...known }, datasets, bytes },
    {
      reading: (line, dataset, reading) => {
        const fact = factOf(dataset, reading);
        if (fact === 'unreadable') tell(`line ${line} of ${object.key} has data that is no JSON`);
        else if (fact !== undefined) facts.push(fact);
      },
      rejected: () => {}, // lines of others, which the datasets of streams don't know
    },
  );
  return facts;
}

/** Folds a stream again, and keeps what a handler of commands would have kept. @returns how many */
async function keepSnapshots(
  { commits, snapshots }: RebuildPorts,
  stream: Stream,
  key: StreamKey,
  last: number,
): Promise<number> {
  const { version, snapshotEvery } = stream;
  let folded = unfolded(stream);
  let kept = 0;
  while (folded.position + snapshotEvery <= last) {
    const page = await commits.after(key, folded.position, foldedAtOnce);
    if (page.length === 0) break;
    for (const commit of page) {
      folded = fold(stream, folded, commit);
      if (folded.position % snapshotEvery !== 0) continue;
      await snapshots.keep(key, version, folded);
      kept++;
    }
  }
  return kept;
}
