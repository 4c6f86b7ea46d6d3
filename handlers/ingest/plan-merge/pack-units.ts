import type { PartEntry } from '../../../core/partition/parts.ts';
import { monthOf } from '../../../core/time/calendar.ts';
import type { MergeUnit, UnitPartition } from '../state-inputs.ts';

/**
 * Four months of days. A partition of a few rows takes some 60 ms, nearly all of it round trips, four at a time: 124 take
 * about 2 s, and within the function's 40 s each of them may hold 100,000 readings already. Ten years of daily readings are
 * then 30 invocations instead of 3,650.
 */
export const maxPartitionsPerUnit = 124;

/**
 * New readings. Each may be its series' only one, and a series takes three calls of DynamoDB, at some 0.4 ms of CPU each: 25,000 are
 * 30 s at the worst, within the function's 40 s. Mostly they are of few series, and a unit is done in a second; a batch of more
 * readings is more units, that run side by side. One partition may be larger; it is then alone.
 */
export const maxRowsPerUnit = 25_000;

/** A part of one segment for one partition, and the object that it is in. */
export type StagedPart = PartEntry & { key: string };

interface Group {
  dataset: string;
  rows: number;
  partitions: (UnitPartition & { rows: number })[];
}

/**
 * Units of work for the merge. The days of one month and shard stay together as long as they fit, so that each month item is
 * computed once; groups that are small share a unit with the next ones of their dataset. Deterministic for a set of parts.
 */
export function packUnits(parts: Iterable<StagedPart>): MergeUnit[] {
  const units: Group[] = [];
  for (const group of groupByMonth(parts).flatMap(splitGroup)) {
    const last = units.at(-1);
    if (last !== undefined && last.dataset === group.dataset && fits(last, group)) {
      last.rows += group.rows;
      last.partitions.push(...group.partitions);
    } else {
      units.push(group);
    }
  }
  return units.map(({ dataset, partitions }) => ({
    dataset,
    partitions: partitions.map(({ day, shard, parts: ranges }) => ({ day, shard, parts: ranges })),
  }));
}

const fits = (unit: Group, more: Group): boolean =>
  unit.partitions.length + more.partitions.length <= maxPartitionsPerUnit &&
  unit.rows + more.rows <= maxRowsPerUnit;

/** The parts by dataset, shard and month, in this order; the days of a group in theirs. */
function groupByMonth(parts: Iterable<StagedPart>): Group[] {
  const byPartition = new Map<string, { dataset: string; partition: UnitPartition & { rows: number } }>();
  for (const { dataset, day, shard, key, start, end, rows } of parts) {
    const id = JSON.stringify([dataset, shard, day]);
    const found = byPartition.get(id) ?? { dataset, partition: { day, shard, parts: [], rows: 0 } };
    found.partition.parts.push({ key, start, end, rows });
    found.partition.rows += rows;
    byPartition.set(id, found);
  }
  const ordered = [...byPartition.values()].sort(
    (a, b) =>
      compare(a.dataset, b.dataset) ||
      a.partition.shard - b.partition.shard ||
      compare(a.partition.day, b.partition.day),
  );
  const groups = new Map<string, Group>();
  for (const { dataset, partition } of ordered) {
    partition.parts.sort((a, b) => compare(a.key, b.key) || a.start - b.start);
    const id = JSON.stringify([dataset, partition.shard, monthOf(partition.day)]);
    const group = groups.get(id) ?? { dataset, rows: 0, partitions: [] };
    group.partitions.push(partition);
    group.rows += partition.rows;
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** A group that is too large for one unit, in pieces; their months are then computed more than once, and converge. */
function splitGroup(group: Group): Group[] {
  const pieces: Group[] = [];
  for (const partition of group.partitions) {
    const piece = { dataset: group.dataset, rows: partition.rows, partitions: [partition] };
    const last = pieces.at(-1);
    if (last !== undefined && fits(last, piece)) {
      last.rows += piece.rows;
      last.partitions.push(partition);
    } else {
      pieces.push(piece);
    }
  }
  return pieces;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
