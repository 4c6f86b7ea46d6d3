import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { localDay } from '../../core/time/calendar.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import { syntheticEvents } from '../../producer/synthetic/synthetic-events.ts';

/** Events are in the order of slots: one of this many ms before the newest comes no more. */
const disorderMs = 86_400_000;

/**
 * The partition files of made-up bookings from the beginning of a year on, as the merge writes them, one day after the other.
 * @param of.count events
 */
export function* bookingPartitions(of: {
  readonly count: number;
  readonly salons: number;
  readonly startMs: number;
  readonly everyMs: number;
}): Generator<{ readonly key: string; readonly bytes: Uint8Array }> {
  const { count, salons: sensors, startMs, everyMs } = of;
  const days = new Map<string, ColumnsBuilder>();
  const options = { dataset: salonBookings, seed: 1, sensors, startMs, everyMs };
  let [dayFrom, dayUntil, day] = [0, 0, ''];
  let newestMs = startMs;
  for (const event of syntheticEvents(options).take(count)) {
    if (event.timestampMs < dayFrom || event.timestampMs >= dayUntil) {
      // Within a quarter of an hour the local day is one and the same.
      dayFrom = Math.floor(event.timestampMs / 900_000) * 900_000;
      dayUntil = dayFrom + 900_000;
      day = localDay(salonBookings.timeZone, event.timestampMs);
    }
    let builder = days.get(day);
    if (builder === undefined) {
      for (const [other, full] of days)
        if (other < localDay(salonBookings.timeZone, newestMs - disorderMs)) {
          yield* filesOf(full);
          days.delete(other);
        }
      builder = new ColumnsBuilder(salonBookings);
      days.set(day, builder);
    }
    builder.add(event);
    newestMs = Math.max(newestMs, event.timestampMs);
  }
  for (const rest of days.values()) yield* filesOf(rest);
}

function* filesOf(builder: ColumnsBuilder): Generator<{ key: string; bytes: Uint8Array }> {
  for (const { id, columns } of splitByPartition(salonBookings, builder.build()))
    yield { key: partitionKey(salonBookings, id), bytes: encodePartition(salonBookings, id, columns) };
}
