import { Readable } from 'node:stream';
import { datasets } from '#datasets';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { pagedOf } from '../../core/projections/states.ts';
import { encodePage } from '../../core/statistics/page-bytes.ts';
import { seriesStatistics } from '../../core/statistics/statistics.ts';
import { factLines } from '../../core/streams/facts.ts';
import { logPartitionOf } from '../../core/streams/notification-log.ts';
import {
  type Commit,
  decodeCommit,
  type Folded,
  fold,
  type Stream,
  type StreamKey,
  unfolded,
} from '../../core/streams/stream.ts';
import reservations from '../../datasets/reservations.ts';
import { recount } from '../../operator/reconcile/recount.ts';
import { streams } from '../../streams/registry.ts';
import { calendarsOf, type Decisions } from './commands.ts';
import type { Kept } from './kept.ts';
import { nameOf, type StoredStreams } from './stored-streams.ts';

/** What the commands of a run wrote, apart from everything else, which is as without faults. */
const isOfDecisions = (key: string): boolean =>
  key.startsWith(`curated/dataset=${reservations.storageName}/`) ||
  pagedOf(reservations).some(({ storageName }) => key.startsWith(`${storageName}#`));

/** What is kept, without what follows from commands: who wins a race for a slot, and when, is another one in each run. */
export function withoutDecisions(kept: Kept): Kept {
  const others = <Value>(all: ReadonlyMap<string, Value>) =>
    new Map([...all].filter(([key]) => !isOfDecisions(key)));
  return { ...kept, files: others(kept.files), statistics: others(kept.statistics) };
}

/** The lines of all events of a run's commits, as the raw log has to have them. */
export function factsOf({ commits, logs }: StoredStreams, run: string): string[] {
  return calendarsOf(run).flatMap((key) => {
    const stream = streamOf(key);
    const entries = logs.get(logPartitionOf(key)) ?? [];
    return (commits.get(nameOf(key)) ?? []).flatMap(({ text, position }) => {
      const entry = entries.find(({ commits: named }) =>
        named.some((each) => nameOf(each) === nameOf(key) && each.position === position),
      );
      return entry === undefined ? [] : factLines(stream, key, decodeCommit(text), entry);
    });
  });
}

/**
 * What is wrong of the decisions of a run, in words: of what was answered, of the streams, of the logs, and of the files, days, months and projections that follow from
 * them. All of it is reckoned here from the commits, by core alone.
 */
export async function wrongDecisions(kept: Kept, decisions: Decisions): Promise<string[]> {
  const { run } = decisions;
  const wrong = [
    ...calendarsOf(run).flatMap((key) => wrongStream(kept.streams, key, decisions)),
    ...wrongLogs(kept.streams),
    ...(await wrongFacts(kept, factsOf(kept.streams, run))),
  ];
  return wrong.map((difference) => `decisions: ${difference}`);
}

function streamOf({ stream: name }: StreamKey): Stream {
  const found = streams.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no kind of streams is ${name}`);
  return found;
}

/** Positions without a gap, each command once, each commit what its command came to there, and nobody answered otherwise. */
function wrongStream({ commits }: StoredStreams, key: StreamKey, decisions: Decisions): string[] {
  const stream = streamOf(key);
  const name = nameOf(key);
  const wrong: string[] = [];
  const answered = decisions.answered.filter((each) => nameOf(each.key) === name);
  const given = new Map(decisions.given.map(({ command }) => [command.commandId, command]));
  const states: Folded[] = [unfolded(stream)];
  const decided: Commit[] = [];
  for (const { position, text, isPending } of commits.get(name) ?? []) {
    const commit = decodeCommit(text);
    const before = states.at(-1) as Folded; // the first is before all commits
    if (position !== before.position + 1 || commit.position !== position)
      return [...wrong, `${name}: ${commit.position} at ${position} follows ${before.position}`];
    if (isPending) wrong.push(`${name}: ${position} waits for its log`);
    if (decided.some(({ commandId }) => commandId === commit.commandId))
      wrong.push(`${name}: ${commit.commandId} is committed twice, the second time at ${position}`);
    const command = given.get(commit.commandId);
    const decision = command && stream.decide(command, before.state, commit);
    if (decision?.kind !== 'events' || JSON.stringify(decision.events) !== JSON.stringify(commit.events))
      wrong.push(`${name}: ${position} is not what ${commit.commandId} comes to there`);
    decided.push(commit);
    states.push(fold(stream, before, commit));
  }
  for (const { command, position, reason } of answered) {
    const at = states[position];
    const commandId = decided[position - 1]?.commandId;
    if (reason === undefined && commandId !== command.commandId)
      wrong.push(`${name}: lost ${command.commandId}, acknowledged at ${position}, where ${commandId} is`);
    if (reason === undefined) continue;
    const moment = { recordedMs: at?.recordedMs ?? 0, occurredMs: command.occurredMs ?? 0 };
    const decision = at && stream.decide(command, at.state, moment);
    if (decision?.kind !== 'refused' || decision.reason !== reason)
      wrong.push(`${name}: ${command.commandId} was refused at ${position} as ${reason}, and is not`);
  }
  return wrong;
}

/** Positions without a gap; every commit of every stream once, in the order of its stream, as it is. */
function wrongLogs({ commits, logs }: StoredStreams): string[] {
  const wrong: string[] = [];
  const told = new Map<string, number>();
  for (const [partition, entries] of logs) {
    for (const [index, { position, commits: named }] of entries.entries()) {
      if (position !== index + 1) wrong.push(`log ${partition}: ${position} is entry ${index + 1}`);
      for (const notification of named) {
        const name = nameOf(notification);
        const last = told.get(name) ?? 0;
        if (notification.position !== last + 1 || logPartitionOf(notification) !== partition)
          wrong.push(`log ${partition}: ${name}/${notification.position} is told of after ${last}`);
        told.set(name, notification.position);
        const stored = commits.get(name)?.[notification.position - 1];
        const { recordedMs, events } = decodeCommit(stored?.text ?? '{"events":[]}');
        const right = [stored && new Date(recordedMs).toISOString(), ...events.map((each) => each.name)];
        if (JSON.stringify([notification.recordedAt, ...notification.events]) !== JSON.stringify(right))
          wrong.push(`log ${partition}: says of ${name}/${notification.position} what it is not`);
      }
    }
  }
  for (const [name, { length }] of commits)
    if ((told.get(name) ?? 0) !== length)
      wrong.push(`${name}: ${told.get(name) ?? 0} of ${length} commits are told of`);
  return wrong;
}

/** Files and pages of the dataset that the store fills, byte for byte; what its months are, `months.ts` looks at. */
async function wrongFacts({ files, statistics }: Kept, lines: readonly string[]): Promise<string[]> {
  const body = lines.map((line) => `${line}\n`).join('');
  const source = { key: 'raw/facts', arrivedMs: Date.now(), bytes: Readable.from([Buffer.from(body)]) };
  const set = (await recount(Readable.from([source]), datasets)).sets.get(reservations.name);
  const rightFiles = new Map<string, Uint8Array>();
  const rightPages = new Map<string, Uint8Array>();
  for (const { id, columns } of set === undefined ? [] : splitByPartition(reservations, set)) {
    rightFiles.set(partitionKey(reservations, id), encodePartition(reservations, id, columns));
    for (const paged of pagedOf(reservations)) {
      const page = encodePage(new Map(seriesStatistics(paged, columns)));
      rightPages.set(`${paged.storageName}#${id.shard}#0 day-page#${id.day}`, page);
    }
  }
  const found = {
    file: new Map([...files].filter(([key]) => isOfDecisions(key) && key.endsWith('.parquet'))),
    statistics: new Map(
      [...statistics]
        .filter(([key]) => isOfDecisions(key) && key.includes(' day-page#'))
        .map(([key, { bytes }]) => [key, bytes]),
    ),
  };
  return [
    ...differentBytes('file', rightFiles, found.file),
    ...differentBytes('statistics', rightPages, found.statistics),
    ...missingMonths(reservations, rightPages, statistics),
  ];
}

function differentBytes(
  what: string,
  right: ReadonlyMap<string, Uint8Array>,
  found: ReadonlyMap<string, Uint8Array>,
): string[] {
  return [...new Set([...right.keys(), ...found.keys()])].sort().flatMap((key) => {
    const [a, b] = [right.get(key), found.get(key)];
    if (a === undefined) return [`${what} ${key}: should not be there`];
    if (b === undefined) return [`${what} ${key}: missing`];
    return Buffer.from(a).equals(b) ? [] : [`${what} ${key}: is not what the commits come to`];
  });
}

function missingMonths(
  dataset: Dataset,
  days: ReadonlyMap<string, Uint8Array>,
  found: ReadonlyMap<string, unknown>,
): string[] {
  const months = [...days.keys()].map((key) => key.replace('day-page', 'month-page').replace(/-\d\d$/, ''));
  return [...new Set(months)]
    .filter((key) => !found.has(key))
    .map((key) => `statistics ${key}: missing, of ${dataset.name}`);
}
