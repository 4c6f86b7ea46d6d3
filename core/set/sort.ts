/** Rows by number, with the timestamps of the rows beside them: all that follows reads these in sequence. */
export interface RowOrder {
  readonly rows: Uint32Array;
  readonly timestampMs: Float64Array;
  /** By sensor, where its rows begin; one more, the end. */
  readonly starts: Uint32Array;
}

/**
 * Row numbers, below `length`, sorted by the rank of the sensor, then timestamp, then row. A counting sort by sensor; within a sensor nothing when the
 * timestamps already ascend, as most segments' do, and a merge of the few that don't.
 */
export function sortedOrder(
  { sensor, timestampMs, length }: { sensor: Uint32Array; timestampMs: Float64Array; length: number },
  ranks: Uint32Array,
): RowOrder {
  const sensors = ranks.length;
  const starts = new Uint32Array(sensors + 1);
  for (let row = 0; row < length; row++) {
    const next = (ranks[sensor[row] as number] as number) + 1; // row is within the array
    starts[next] = (starts[next] as number) + 1; // ranks are below their number
  }
  for (let index = 0; index < sensors; index++) {
    starts[index + 1] = (starts[index + 1] as number) + (starts[index] as number); // as above
  }
  const order: RowOrder = { rows: new Uint32Array(length), timestampMs: new Float64Array(length), starts };
  const next = starts.slice();
  for (let row = 0; row < length; row++) {
    const index = ranks[sensor[row] as number] as number; // as above
    const position = next[index] as number; // as above
    order.rows[position] = row;
    order.timestampMs[position] = timestampMs[row] as number; // as above
    next[index] = position + 1;
  }
  for (let index = 0; index < sensors; index++) {
    const [start, end] = [starts[index], starts[index + 1]];
    sortByTime(order.rows.subarray(start, end), order.timestampMs.subarray(start, end));
  }
  return order;
}

/** Sorts row numbers, which ascend, by timestamp, stably. */
function sortByTime(rows: Uint32Array, times: Float64Array): void {
  let latest = Number.NEGATIVE_INFINITY;
  let late = 0;
  for (let position = 0; position < times.length; position++) {
    const time = times[position] as number; // position is within the array
    if (time < latest) late++;
    else latest = time;
  }
  if (late === 0) return;
  if (late > times.length / 4) sortAll(rows, times);
  else mergeLate(rows, times, late);
}

/** Takes out the rows that came after a later one, sorts them, and merges them with the others, which ascend. */
function mergeLate(rows: Uint32Array, times: Float64Array, late: number): void {
  const lateRows = new Uint32Array(late);
  const lateTimes = new Float64Array(late);
  let latest = Number.NEGATIVE_INFINITY;
  let taken = 0;
  let kept = 0;
  for (let position = 0; position < times.length; position++) {
    const time = times[position] as number; // position is within the array
    const row = rows[position] as number; // as above
    if (time < latest) {
      lateRows[taken] = row;
      lateTimes[taken++] = time;
    } else {
      latest = time;
      rows[kept] = row;
      times[kept++] = time;
    }
  }
  sortAll(lateRows, lateTimes);
  // From the back, where there is room.
  for (let to = times.length - 1; taken > 0; to--) {
    const lateTime = lateTimes[taken - 1] as number; // taken is at least 1
    const lateRow = lateRows[taken - 1] as number; // as above
    const time = kept > 0 ? (times[kept - 1] as number) : Number.NEGATIVE_INFINITY; // kept is at least 1
    if (time > lateTime || (time === lateTime && (rows[kept - 1] as number) > lateRow)) {
      times[to] = time;
      rows[to] = rows[--kept] as number; // as above
    } else {
      times[to] = lateTime;
      rows[to] = lateRow;
      taken--;
    }
  }
}

function sortAll(rows: Uint32Array, times: Float64Array): void {
  const count = rows.length;
  const min = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const max = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  const rowsBefore = rows.slice();
  const timesBefore = times.slice();
  let sorted: ArrayLike<number>;
  if ((max - min + 1) * count > Number.MAX_SAFE_INTEGER) {
    const time = (position: number) => timesBefore[position] as number; // a position of the array
    sorted = Uint32Array.from(rows.keys()).sort((a, b) => time(a) - time(b) || a - b);
  } else {
    // Time and position in one exact integer: the numeric sort of a Float64Array needs no comparator calls.
    const keys = new Float64Array(count);
    for (let position = 0; position < count; position++) {
      keys[position] = ((timesBefore[position] as number) - min) * count + position; // as above
    }
    keys.sort();
    sorted = keys.map((key) => key % count);
  }
  for (let position = 0; position < count; position++) {
    const from = sorted[position] as number; // as above
    rows[position] = rowsBefore[from] as number; // as above
    times[position] = timesBefore[from] as number; // as above
  }
}
