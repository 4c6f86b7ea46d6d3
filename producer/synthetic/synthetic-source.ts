import { setTimeout as sleep } from 'node:timers/promises';
import type { Source, SourceItem } from '../sources/source.ts';
import { type SyntheticOptions, syntheticReadings } from './synthetic.ts';

const chunkReadings = 64;

/**
 * Made-up readings as a source.
 * @param options.endMs event times stop before this
 * @param options.live hands each reading out at its event time instead of at once
 */
export async function* syntheticSource(
  options: SyntheticOptions & { endMs: number; live: boolean; signal: AbortSignal },
): Source {
  let chunk: SourceItem[] = [];
  for (const reading of syntheticReadings(options)) {
    if (reading.timestampMs >= options.endMs || options.signal.aborted) break;
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
