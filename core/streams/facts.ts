import type { Dataset } from '../dataset/dataset.ts';
import type { Attribute } from '../dataset/definition.ts';
import type { Reading } from '../dataset/reading.ts';
import type { CommitRef, LogEntry } from './notification-log.ts';
import type { Commit, Named, Stream, StreamKey } from './stream.ts';

/*
 * Events of streams as lines of a dataset. Each event is one line, which says of its commit, and of the place of that in the notification log,
 * all that the store has: so events are counted and queried as others are, and the store can be built again from the raw log.
 */

/** Characters of an event's data as JSON: what an attribute of text takes. */
export const maxEventDataLength = 4_096;

/** Attributes that a dataset of the events of streams has beside its own, and beside `event`, the list of their names. */
export const factAttributes = {
  stream: { maxLength: 40 },
  position: { type: 'integer', min: 1 },
  event_number: { type: 'integer', min: 1 }, // in its commit
  event_count: { type: 'integer', min: 1 }, // of its commit
  recorded_at: { type: 'time' },
  command_id: { maxLength: 40 },
  digest: { maxLength: 22 },
  data: { maxLength: maxEventDataLength }, // as JSON
  log_entry: { type: 'integer', min: 1 },
  log_place: { type: 'integer', min: 1 }, // in the entry
  log_count: { type: 'integer', min: 1 }, // of the entry's commits
} as const satisfies Readonly<Record<string, Attribute>>;

/** What tells events of one stream and time apart. */
export const factIdentity: readonly string[] = ['stream', 'position', 'event_number'];

/** Where a commit is in its log. */
interface LogPlace {
  readonly entry: number;
  /** From 1 to `count`. */
  readonly place: number;
  /** Commits of the entry. */
  readonly count: number;
}

/** @throws {RangeError} when the entry does not name the commit: the relay handed on another one */
function placeIn({ position: entry, commits }: LogEntry, ref: CommitRef): LogPlace {
  const index = commits.findIndex(
    ({ stream, id, position }) => stream === ref.stream && id === ref.id && position === ref.position,
  );
  if (index === -1) throw new RangeError(`entry ${entry} has no ${ref.stream}/${ref.id}/${ref.position}`);
  return { entry, place: index + 1, count: commits.length };
}

/** The lines of a commit that an entry names, one an event. Equal commits and entries, equal lines: sent again, they are repeated ones. */
export function factLines(
  { facts }: Pick<Stream, 'facts'>,
  { stream, id }: StreamKey,
  { position, commandId, digest, occurredMs, recordedMs, events }: Commit,
  entry: LogEntry,
): string[] {
  const { entry: log_entry, place: log_place, count: log_count } = placeIn(entry, { stream, id, position });
  return events.map((event, index) =>
    JSON.stringify({
      ...{ dataset: facts.dataset, sensorId: id, timestamp: new Date(occurredMs).toISOString() },
      ...{ event: event.name, ...facts.fields(event) },
      ...{ stream, position, event_number: index + 1, event_count: events.length },
      ...{ recorded_at: new Date(recordedMs).toISOString(), command_id: commandId, digest },
      ...{ data: JSON.stringify(event.data), log_entry, log_place, log_count },
    }),
  );
}

/** The first event whose data no line takes; `undefined` where all have room. */
export const eventTooLong = (events: readonly Named[]): Named | undefined =>
  events.find(({ data }) => JSON.stringify(data).length > maxEventDataLength);

/** What a line says of its event, its commit, and the place of that. */
export interface Fact extends StreamKey, Omit<Commit, 'events'> {
  readonly event: Named;
  readonly number: number;
  readonly count: number;
  readonly at: LogPlace;
}

/**
 * The fact of a reading of a dataset that has {@link factAttributes}. A withdrawn one is none: what was decided stays decided.
 * `unreadable`: its data is no JSON, so that no relay wrote it.
 */
export function factOf(dataset: Dataset, reading: Reading): Fact | 'unreadable' | undefined {
  if (reading.withdrawn) return undefined;
  const number = (name: string): number => Number(reading.values[dataset.measureNames.indexOf(name)]);
  const text = (name: string): string => String(reading.attributes[dataset.attributeNames.indexOf(name)]);
  const data = dataOf(text('data'));
  if (data === undefined) return 'unreadable';
  return {
    ...{ stream: text('stream'), id: reading.sensorId, position: number('position') },
    ...{ commandId: text('command_id'), digest: text('digest') },
    ...{ occurredMs: reading.timestampMs, recordedMs: number('recorded_at') },
    event: { name: text('event'), data },
    ...{ number: number('event_number'), count: number('event_count') },
    at: { entry: number('log_entry'), place: number('log_place'), count: number('log_count') },
  };
}

function dataOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
