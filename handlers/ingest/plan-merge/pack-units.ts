import type { PartEntry } from '../../../core/partition/parts.ts';
import { monthOf } from '../../../core/time/calendar.ts';
import type { MergeUnit } from '../../../ports/inbox.ts';
import type { PartList } from '../state-inputs.ts';

/**
 * Four months of days. A partition of a few rows takes some 60 ms, nearly all of it round trips, four at a time: 124 take
 * about 2 s. Ten years of daily readings are then 30 invocations instead of 120.
 */
export const maxPartitionsPerChild = 124;

/** New readings, with which a child is busy long enough that a call more makes no difference. A unit of more is a child alone. */
export const maxRowsPerChild = 25_000;

/** A part of one segment for one partition, and the object that it is in. */
export type StagedPart = PartEntry & { key: string };

/** The parts of a job for one unit. */
export interface UnitParts {
  unit: MergeUnit;
  rows: number;
  days: PartList;
}

/**
 * The parts by unit (dataset, shard and month, in this order), the days of each in theirs. Deterministic for a set of parts.
 * @param storageNameOf of a dataset's name
 */
export function groupByUnit(
  parts: Iterable<StagedPart>,
  storageNameOf: (dataset: string) => string,
): UnitParts[] {
  const units = new Map<string, { unit: MergeUnit; rows: number; byDay: Map<string, PartList[number]> }>();
  for (const { dataset: name, day, shard, key, start, end, rows } of parts) {
    const unit = { dataset: storageNameOf(name), shard, month: monthOf(day) };
    const id = JSON.stringify([unit.dataset, shard, unit.month]);
    const found = units.get(id) ?? { unit, rows: 0, byDay: new Map() };
    const ofDay = found.byDay.get(day) ?? { day, parts: [] };
    ofDay.parts.push({ key, start, end, rows });
    found.byDay.set(day, ofDay);
    found.rows += rows;
    units.set(id, found);
  }
  return [...units.values()]
    .map(({ unit, rows, byDay }) => {
      const days = [...byDay.values()].sort((a, b) => compare(a.day, b.day));
      for (const day of days) day.parts.sort((a, b) => compare(a.key, b.key) || a.start - b.start);
      return { unit, rows, days };
    })
    .sort(
      (a, b) =>
        compare(a.unit.dataset, b.unit.dataset) ||
        a.unit.shard - b.unit.shard ||
        compare(a.unit.month, b.unit.month),
    );
}

/** Units for the children of the map: small ones share a child, in their order, since a call costs more than they do. */
export function packUnits(units: readonly UnitParts[]): MergeUnit[][] {
  const children: { rows: number; partitions: number; units: MergeUnit[] }[] = [];
  for (const { unit, rows, days } of units) {
    const last = children.at(-1);
    if (
      last !== undefined &&
      last.partitions + days.length <= maxPartitionsPerChild &&
      last.rows + rows <= maxRowsPerChild
    ) {
      last.rows += rows;
      last.partitions += days.length;
      last.units.push(unit);
    } else {
      children.push({ rows, partitions: days.length, units: [unit] });
    }
  }
  return children.map((child) => child.units);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
