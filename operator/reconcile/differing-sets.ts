import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Columns } from '../../core/set/columns.ts';
import { sameState } from '../../core/set/conflict-rule.ts';
import { compareIdentity } from '../../core/set/identity.ts';

/** In which readings a stored set is unlike the one it should be. */
export interface DifferingSets {
  /** Identities that the stored set does not have. */
  readonly missing: number;
  /** Identities that only the stored set has. */
  readonly extra: number;
  /** Identities of which it has another version. */
  readonly other: number;
  /** The first of them, `sensor 2026-01-01T00:00:00.000Z`; empty when the sets are equal. */
  readonly example: string;
}

/** Walks both sets, which are sorted by identity, side by side. */
export function differingSets(
  { identityColumns }: Pick<Dataset, 'identityColumns'>,
  expected: Columns,
  stored: Columns,
): DifferingSets {
  const counts = { missing: 0, extra: 0, other: 0, example: '' };
  const note = (kind: 'missing' | 'extra' | 'other', columns: Columns, row: number) => {
    counts[kind] += 1;
    if (counts.example !== '') return;
    counts.example = `${sensorAt(columns, row)} ${new Date(columns.timestampMs[row] ?? 0).toISOString()}`;
  };
  let a = 0;
  let b = 0;
  while (a < expected.length || b < stored.length) {
    const order =
      a === expected.length
        ? 1
        : b === stored.length
          ? -1
          : comparePlaces(identityColumns, expected, a, stored, b);
    if (order < 0) note('missing', expected, a++);
    else if (order > 0) note('extra', stored, b++);
    else {
      if (!sameState(expected, a, stored, b)) note('other', stored, b);
      a++;
      b++;
    }
  }
  return counts;
}

const sensorAt = (columns: Columns, row: number): string => columns.sensors[columns.sensor[row] ?? -1] ?? '';

function comparePlaces(
  identity: Dataset['identityColumns'],
  a: Columns,
  rowA: number,
  b: Columns,
  rowB: number,
): number {
  const sensorA = sensorAt(a, rowA);
  const sensorB = sensorAt(b, rowB);
  if (sensorA !== sensorB) return sensorA < sensorB ? -1 : 1;
  const byTime = (a.timestampMs[rowA] ?? 0) - (b.timestampMs[rowB] ?? 0);
  return byTime || (identity === undefined ? 0 : compareIdentity(identity, a, rowA, b, rowB));
}
