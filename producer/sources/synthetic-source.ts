import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { latestMs } from '../../core/lines/time-bounds.ts';
import type { Options } from '../options.ts';
import type { SyntheticOptions } from '../synthetic/synthetic-options.ts';
import { syntheticReadings } from '../synthetic/synthetic-readings.ts';
import type { PreparedSource, Source, SourceItem } from './source.ts';

/** A dataset without an expected interval, or one that is sent live, reports this often. */
const defaultEveryMs = 60_000;
const liveEveryMs = 1_000;
const chunkReadings = 64;
/** Made-up events of an entity in a slot, at least, over a week. */
const eventsPerSlot = 0.4;

/**
 * Prepares made-up readings: which event times they have, how many there are, and whether they can be made up again.
 * @throws {UsageError} for more readings a second than the sensors can give, and for times that the dataset doesn't accept
 */
export function prepareSyntheticSource(
  options: Options,
  source: Options['source'] & { kind: 'synthetic' },
  dataset: Dataset,
): PreparedSource {
  const { sensors, seed, live } = source;
  const paced = options.rate === undefined ? liveEveryMs : Math.round((sensors * 1_000) / options.rate);
  const everyMs = source.everyMs ?? (live ? paced : (dataset.expectedEveryMs ?? defaultEveryMs));
  if (everyMs < 1)
    throw new UsageError(
      'A sensor gives at most one reading a millisecond: raise --sensors or lower --rate.',
    );
  // Of events an entity has none in most slots.
  const slots = dataset.kind === 'events' ? options.count / eventsPerSlot : options.count;
  const spanMs = source.backfillMs ?? options.durationMs ?? neededMs(slots, sensors, everyMs);
  const total = Math.min(options.count, Math.floor(spanMs / everyMs) * sensors);
  const { count, faults, durationMs } = options;
  if (source.startMs !== undefined) {
    const lastMs = source.startMs + (Math.ceil(total / sensors) - 1) * everyMs;
    checkTimes(dataset, { firstMs: source.startMs, lastMs: live ? source.startMs : lastMs });
  }
  return {
    // Live readings are of their moment: there is nothing to read again.
    identity: live ? undefined : { ...source, dataset, everyMs, count, durationMs, faults },
    total: Number.isFinite(total) ? total : undefined,
    open: (nowMs, signal) => {
      const startMs = source.startMs ?? (live ? nowMs : Math.floor((nowMs - spanMs) / 1_000) * 1_000);
      const bounded =
        live || source.startMs !== undefined ? (options.durationMs ?? source.backfillMs) : spanMs;
      const endMs = startMs + (bounded ?? Number.POSITIVE_INFINITY);
      return syntheticSource({ dataset, seed, sensors, startMs, everyMs, endMs, live, signal });
    },
  };
}

/** Event times that the pipeline would reject, reading by reading, are not made up. */
function checkTimes(dataset: Dataset, { firstMs, lastMs }: { firstMs: number; lastMs: number }): void {
  const shown = (ms: number) => new Date(ms).toISOString();
  if (firstMs < dataset.earliestMs)
    throw new UsageError(
      `--start ${shown(firstMs)} is before ${dataset.earliest}, the first date of ${dataset.name}: readings would be rejected as too-early.`,
    );
  if (Number.isFinite(lastMs) && lastMs > latestMs(dataset, Date.now()))
    throw new UsageError(
      `The last reading would be of ${shown(lastMs)}, more than ${dataset.maxAhead} ahead of now: it would be rejected as in-the-future. Give an earlier --start, a lower --count, more --sensors or a shorter --every.`,
    );
}

/** A span that holds this many readings, with room for the steps in which sensors are silent. */
const neededMs = (count: number, sensors: number, everyMs: number): number =>
  (Math.ceil((count / sensors) * 1.04) + 24) * everyMs;

/**
 * Made-up readings as a source.
 * @param options.endMs event times stop before this
 * @param options.live hands each reading out at its event time instead of at once
 */
async function* syntheticSource(
  options: SyntheticOptions & { endMs: number; live: boolean; signal: AbortSignal },
): Source {
  let chunk: SourceItem[] = [];
  for (const reading of syntheticReadings(options)) {
    if (reading.timestampMs >= options.endMs) break;
    if (chunk.length === 0 && options.signal.aborted) break; // once a chunk: it is asked of several signals
    if (options.live) {
      const aheadMs = reading.timestampMs - Date.now();
      if (aheadMs > 0) {
        if (chunk.length > 0) yield chunk;
        chunk = [];
        await sleep(aheadMs, undefined, { signal: options.signal }).catch(() => {});
        if (options.signal.aborted) break;
      }
    }
    chunk.push({ kind: 'reading', dataset: options.dataset, reading });
    if (chunk.length === chunkReadings) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
