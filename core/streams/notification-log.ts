import { shardOf } from '../partition/partition.ts';
import type { StreamKey } from './stream.ts';

/**
 * How many logs there are. A stream's commits are all in one, so that their order is kept; DynamoDB takes some 60 full entries a second of each.
 * Part of the layout: another number would scatter streams over two logs.
 */
export const logPartitions = 4;

/** The log that has the commits of a stream, from 0. */
export const logPartitionOf = ({ stream, id }: StreamKey): number =>
  shardOf(`${stream}/${id}`, logPartitions);

/** One commit of a stream. */
export interface CommitRef extends StreamKey {
  readonly position: number;
}

/** What the log says of a commit. */
export interface Notification extends CommitRef {
  readonly recordedAt: string;
  /** Names of its events. */
  readonly events: readonly string[];
}

/** One entry of a log, at a position from 1, without a gap; it never changes. */
export interface LogEntry {
  readonly position: number;
  /** 1 to {@link maxEntryCommits}; of a stream, in the order of their positions. */
  readonly commits: readonly Notification[];
}

/** Commits that one entry names at the most. */
export const maxEntryCommits = 100;
/** Characters of an entry's text: DynamoDB takes items of 400 KB. */
export const maxEntryLength = 300_000;
/** Entries of a full page. */
export const pageEntries = 100;
