import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from './columns.ts';
import { compareContent, compareRank, sameContent } from './conflict-rule.ts';
import { compareIdentity } from './identity.ts';

/**
 * What uniting `b` with `a` did. Each row of `b` is one of added, replaced, repeated, superseded and contested, as it is beside the
 * row of its identity in `a`.
 */
export interface Union {
  readonly columns: Columns;
  /** Identities that `a` did not have. */
  readonly added: number;
  /** Of a higher rank and another content: they won over what `a` had. */
  readonly replaced: number;
  /** Of the content that `a` had already, at whatever rank. */
  readonly repeated: number;
  /** Of a lower rank and another content. */
  readonly superseded: number;
  /** Of the same rank and another content: the greater one won. */
  readonly contested: number;
}

/**
 * The union of two sets of one dataset by the conflict rule: commutative, associative and idempotent in `columns`. At the same rank
 * and different contents the reading is contested; a higher rank ends that. Returns `a` itself when `b` changes nothing.
 */
export function union(dataset: Dataset, a: Columns, b: Columns): Union {
  const sensors = unite(a.sensors, b.sensors);
  const position = new Map(sensors.map((id, index) => [id, index]));
  const rankA = Uint32Array.from(a.sensors, (id) => position.get(id) as number); // all are in it
  const inserts: Inserts = {
    rows: new Uint32Array(b.length),
    before: new Uint32Array(b.length),
    replaces: new Uint8Array(b.length),
    length: 0,
  };
  const contestedRows: number[] = [];
  const identity = dataset.identityColumns;
  const counts = { added: 0, replaced: 0, repeated: 0, superseded: 0, contested: 0 };
  let rowA = 0;
  let rowB = 0;
  while (rowB < b.length) {
    const sensorB = b.sensor[rowB] as number; // rowB is a row of b
    const id = b.sensors[sensorB] as string; // as above
    const rank = position.get(id) as number; // all are in it
    const endA = firstRow(a, rankA, rank + 1, rowA);
    rowA = firstRow(a, rankA, rank, rowA);
    for (; rowB < b.length && b.sensor[rowB] === sensorB; rowB++) {
      const time = b.timestampMs[rowB] as number; // as above
      while (rowA < endA && (a.timestampMs[rowA] as number) < time) rowA++; // rowA is a row of a
      let isKnown = rowA < endA && a.timestampMs[rowA] === time;
      if (isKnown && identity !== undefined) {
        const compare = () => compareIdentity(identity, a, rowA, b, rowB);
        const isOfTime = () => rowA < endA && a.timestampMs[rowA] === time;
        while (isOfTime() && compare() < 0) rowA++;
        isKnown = isOfTime() && compare() === 0;
      }
      let wins = true;
      if (isKnown) {
        const byRank = compareRank(b, rowB, a, rowA);
        const isSame = sameContent(b, rowB, a, rowA);
        const isContested = byRank === 0 && (!isSame || b.contested[rowB] === 1);
        wins = byRank > 0 || (byRank === 0 && !isSame && compareContent(dataset, b, rowB, a, rowA) > 0);
        counts[relationOf(byRank, isSame)]++;
        if (isContested && (wins || a.contested[rowA] === 0)) contestedRows.push(rowA + counts.added);
      }
      if (!wins) continue;
      inserts.rows[inserts.length] = rowB;
      inserts.before[inserts.length] = rowA;
      inserts.replaces[inserts.length++] = isKnown ? 1 : 0;
      if (isKnown) rowA++;
      else counts.added++;
    }
  }
  if (inserts.length === 0 && contestedRows.length === 0) return { columns: a, ...counts };
  const columns = insert(a, b, { sensors, position, inserts, length: a.length + counts.added });
  for (const row of contestedRows) columns.contested[row] = 1;
  return { columns, ...counts };
}

/** What a row is beside the one of its identity that was there. */
function relationOf(byRank: number, isSame: boolean): 'repeated' | 'replaced' | 'superseded' | 'contested' {
  if (isSame) return 'repeated';
  if (byRank === 0) return 'contested';
  return byRank > 0 ? 'replaced' : 'superseded';
}

/** Rows of `b` that go into `a`, in order: each before one row of `a`, which it may replace. */
interface Inserts {
  readonly rows: Uint32Array;
  readonly before: Uint32Array;
  readonly replaces: Uint8Array;
  length: number;
}

/** Both lists, which are sorted and unique, as one that is: `a` itself when it has all. */
function unite(a: readonly string[], b: readonly string[]): readonly string[] {
  const all = new Set([...a, ...b]);
  return all.size === a.length ? a : [...all].sort();
}

/** The first row from `from` on of a sensor that is at or after `rank` in the united order; by bisection. */
function firstRow(columns: Columns, ranks: Uint32Array, rank: number, from: number): number {
  let low = from;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranks[columns.sensor[middle] as number] as number) < rank)
      low = middle + 1; // middle is a row
    else high = middle;
  }
  return low;
}

function insert(
  a: Columns,
  b: Columns,
  {
    sensors,
    position,
    inserts,
    length,
  }: { sensors: readonly string[]; position: Map<string, number>; inserts: Inserts; length: number },
): Columns {
  const ranked = (columns: Columns) => {
    if (columns.sensors.every((id, index) => id === sensors[index])) return columns.sensor;
    const ranks = Uint32Array.from(columns.sensors, (id) => position.get(id) as number); // all are in it
    return columns.sensor.map((sensor) => ranks[sensor] as number); // a sensor of the columns
  };
  return {
    sensors,
    sensor: weave(ranked(a), ranked(b), inserts, new Uint32Array(length)),
    timestampMs: weave(a.timestampMs, b.timestampMs, inserts, new Float64Array(length)),
    revision: weave(a.revision, b.revision, inserts, new Int32Array(length)),
    uploadedMs: weave(a.uploadedMs, b.uploadedMs, inserts, new Float64Array(length)),
    contested: weave(a.contested, b.contested, inserts, new Uint8Array(length)),
    withdrawn: weave(a.withdrawn, b.withdrawn, inserts, new Uint8Array(length)),
    values: a.values.map((column, measure) =>
      weave(column, b.values[measure] as Float64Array, inserts, new Float64Array(length)),
    ), // a column a measure
    attributes: a.attributes.map((column, attribute) =>
      weaveTexts(column, b.attributes[attribute] ?? [], inserts, length),
    ),
    length,
  };
}

/** From this many rows on a block copy is faster than a loop. */
const blockRows = 48;

type Numbers = Uint8Array | Uint32Array | Int32Array | Float64Array;

/** @param to of the length of both, all 0 */
function weave<T extends Numbers>(a: T, b: T, inserts: Inserts, to: T): T {
  // In words, so that there is one kind of array to compile for: with four, each row takes ten times as long.
  const [wordsA, wordsB, words] = [wordsOf(a), wordsOf(b), wordsOf(to)];
  // As most sets have no revision, upload, contested or withdrawn reading.
  if (areZero(wordsA) && areZero(wordsB)) return to;
  const perRow = words.length / Math.max(1, to.length);
  let from = 0;
  let at = 0;
  for (let insert = 0; insert <= inserts.length; insert++) {
    const end = (insert < inserts.length ? (inserts.before[insert] as number) : a.length) * perRow; // within the inserts
    if (end - from >= blockRows * perRow) {
      words.set(wordsA.subarray(from, end), at);
      at += end - from;
      from = end;
    } else while (from < end) words[at++] = wordsA[from++] as number; // before the end
    if (insert === inserts.length) break;
    const start = (inserts.rows[insert] as number) * perRow; // as above
    for (let word = start; word < start + perRow; word++) words[at++] = wordsB[word] as number; // a row of b
    from += (inserts.replaces[insert] as number) * perRow; // as above
  }
  return to;
}

/** The same memory: of bytes as it is, of others by 32 bits. */
function wordsOf(column: Numbers): Uint8Array | Uint32Array {
  if (column instanceof Uint8Array) return column;
  return new Uint32Array(column.buffer, column.byteOffset, column.byteLength / 4);
}

function areZero(words: Uint8Array | Uint32Array): boolean {
  let at = 0;
  while (at < words.length && words[at] === 0) at++;
  return at === words.length;
}

type Texts = readonly (string | null)[];

function weaveTexts(a: Texts, b: Texts, inserts: Inserts, length: number): Texts {
  const to = new Array<string | null>(length);
  let from = 0;
  let row = 0;
  for (let at = 0; at < inserts.length; at++) {
    const before = inserts.before[at] as number; // at is within the inserts
    while (from < before) to[row++] = a[from++] ?? null;
    to[row++] = b[inserts.rows[at] as number] ?? null; // as above
    from += inserts.replaces[at] as number; // as above
  }
  while (from < a.length) to[row++] = a[from++] ?? null;
  return to;
}
