import type { Dataset } from '../../../../core/dataset/dataset.ts';
import { shardOf } from '../../../../core/partition/partition.ts';
import { dayBoundsMs } from '../../../../core/time/calendar.ts';
import type { Clock } from '../../../../ports/clock.ts';
import { instant } from '../../answers/statistics-row.ts';
import type { AnswerOf } from '../../contract/routes.ts';
import { type SetPorts, takeRowsOfDays } from '../set/series-rows.ts';
import { type ArrivalPorts, type Arrivals, lookAtArrivals } from './arrivals.ts';
import { expectedOf, whyMissing } from './why-missing.ts';

export interface GapPorts extends SetPorts, ArrivalPorts {
  readonly clock: Pick<Clock, 'nowMs'>;
}

const mostExamples = 5;
const mostRefused = 10;
/** Of a line that is shown. */
const mostCharacters = 500;
/** Rows of one sensor and day; a reading each 10 ms has not more. */
const mostRows = 10_000_000;

/**
 * Why readings of a sensor are missing on a day. What is there is counted in the set; what came and is not there, in ledgers and rejected lines.
 * @throws {StoreUnavailable} a retry helps
 */
export async function explainGaps(
  ports: GapPorts,
  dataset: Dataset,
  { sensor: sensorId, day }: { readonly sensor: string; readonly day: string },
): Promise<AnswerOf<'explainGaps'>> {
  const nowMs = ports.clock.nowMs();
  const bounds = dayBoundsMs(dataset.timeZone, day);
  const [seen, arrived] = await Promise.all([
    readingsOf(ports, dataset, { sensorId, day }),
    lookAtArrivals(ports, { dataset, sensorId, ...bounds }, nowMs),
  ]);
  const expected = expectedOf(bounds, { everyMs: dataset.expectedEveryMs, nowMs });
  const { missing, mended } = whyMissing({
    ...{ expected, present: seen.present, withdrawn: seen.withdrawn },
    rejected: arrived.rejected.map(({ times }) => times),
  });
  const late = arrived.holding.map(({ arrivedMs }) => arrivedMs).filter((ms) => ms >= bounds.endMs);
  return {
    ...{ dataset: dataset.name, sensorId, day, timeZone: dataset.timeZone },
    expected: expected ?? null,
    readings: seen.present.size,
    missing: missing ?? null,
    withdrawn: seen.withdrawn.size,
    withoutValue: seen.withoutValue,
    rejected: {
      lines: arrived.rejected.length,
      byReason: countsOf(arrived.rejected.map(({ line }) => line.reason)),
      mended,
      examples: arrived.rejected
        .slice(0, mostExamples)
        .map(({ line: { key, line, reason, detail, text } }) => ({
          ...{
            key,
            line,
            reason,
            detail: detail.slice(0, mostCharacters),
            text: text.slice(0, mostCharacters),
          },
        })),
    },
    dropped: droppedOf(arrived, dataset),
    late:
      late.length === 0
        ? null
        : { objects: late.length, first: instant(Math.min(...late)), last: instant(Math.max(...late)) },
    refused: arrived.refused.slice(-mostRefused).map(({ key, arrivedMs, refusal: { reason, detail } }) => ({
      ...{ key, arrivedAt: instant(arrivedMs), reason, detail },
    })),
    waiting: arrived.waiting,
    looked: {
      objects: arrived.objects,
      from: instant(bounds.startMs),
      until: instant(nowMs),
      isAll: arrived.isAll,
    },
  };
}

/** The times of a day, and how many readings have no value of each measure. */
async function readingsOf(
  ports: GapPorts,
  dataset: Dataset,
  { sensorId, day }: { sensorId: string; day: string },
) {
  const present = new Set<number>();
  const withdrawn = new Set<number>();
  const withoutValue: Record<string, number> = {};
  const sensors = { ids: new Set([sensorId]), has: (id: string) => id === sensorId };
  const wanted = { days: [day], shards: [shardOf(sensorId, dataset.shards)], sensors, most: mostRows };
  await takeRowsOfDays(ports, dataset, wanted, (_, rows) => {
    for (let row = 0; row < rows.length; row++) {
      const time = rows.timestampMs[row] as number; // a row of them
      if (rows.withdrawn[row] === 1) {
        withdrawn.add(time);
        continue;
      }
      present.add(time);
      for (const [index, measure] of dataset.measureNames.entries())
        if (Number.isNaN(rows.values[index]?.[row])) withoutValue[measure] = (withoutValue[measure] ?? 0) + 1;
    }
  });
  return { present, withdrawn, withoutValue };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What was left out in the objects that hold readings of the day, by measure and reason. */
function droppedOf({ holding }: Arrivals, { name }: Dataset): Record<string, Record<string, number>> {
  const sums: Record<string, Record<string, number>> = {};
  for (const { entry } of holding)
    for (const [measure, reasons] of Object.entries(entry.dropped[name] ?? {})) {
      const sum = sums[measure] ?? {};
      sums[measure] = sum;
      for (const [reason, count] of Object.entries(reasons)) sum[reason] = (sum[reason] ?? 0) + count;
    }
  return sums;
}
