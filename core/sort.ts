/**
 * Row numbers sorted by sensor, then timestamp, then row. A counting sort by sensor; within a sensor nothing when the
 * timestamps already ascend, as most segments' do.
 */
export function sortedOrder(sensor: Uint32Array, timestampMs: Float64Array, sensors: number): Uint32Array {
  const starts = new Uint32Array(sensors + 1);
  for (let row = 0; row < sensor.length; row++) {
    const next = (sensor[row] as number) + 1; // row is within the array
    starts[next] = (starts[next] as number) + 1; // sensor numbers are below `sensors`
  }
  for (let index = 0; index < sensors; index++) {
    starts[index + 1] = (starts[index + 1] as number) + (starts[index] as number); // as above
  }
  const order = new Uint32Array(sensor.length);
  const next = starts.slice();
  for (let row = 0; row < sensor.length; row++) {
    const index = sensor[row] as number; // as above
    const position = next[index] as number; // as above
    order[position] = row;
    next[index] = position + 1;
  }
  for (let index = 0; index < sensors; index++) {
    sortByTime(order.subarray(starts[index], starts[index + 1]), timestampMs);
  }
  return order;
}

/** Sorts row numbers, which ascend, by timestamp, stably. */
function sortByTime(rows: Uint32Array, timestampMs: Float64Array): void {
  const time = (row: number) => timestampMs[row] as number; // rows are rows of the columns
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let ascending = true;
  for (const row of rows) {
    const at = time(row);
    if (at < max) ascending = false;
    else max = at;
    if (at < min) min = at;
  }
  if (ascending) return;
  const count = rows.length;
  if ((max - min + 1) * count > Number.MAX_SAFE_INTEGER) {
    rows.sort((a, b) => time(a) - time(b) || a - b);
    return;
  }
  // Time and position in one exact integer: the numeric sort of a Float64Array needs no comparator calls.
  const keys = new Float64Array(count);
  for (let position = 0; position < count; position++) {
    keys[position] = (time(rows[position] as number) - min) * count + position; // position is within the array
  }
  keys.sort();
  const source = rows.slice();
  for (let position = 0; position < count; position++) {
    rows[position] = source[(keys[position] as number) % count] as number; // as above
  }
}
