import { createHash } from 'node:crypto';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { failed, type Outcome, type ToonRecord } from '../../../core/toons/record.ts';
import { maxToonBytes, type PlannedToon } from '../../../core/toons/toon.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ObjectWriter } from '../../../ports/objects.ts';
import type { ToonReader, ToonRecorder } from '../../../ports/toons.ts';
import { detect, mismatch } from './detect.ts';
import { processImage } from './image.ts';
import { processMedia } from './media.ts';
import { processMessage } from './message.ts';
import { processTelemetry } from './telemetry.ts';

export interface ProcessToonPorts {
  readonly toons: ToonReader;
  readonly thumbnails: ObjectWriter;
  readonly records: ToonRecorder;
  readonly datasets: readonly Dataset[];
  readonly clock: Pick<Clock, 'nowMs' | 'pause'>;
  /**
   * Called when the time of a toon is over and its work is not: it may go on in a thread that nobody can stop, so that this process must
   * not take another toon.
   */
  readonly onStuck: () => void;
}

/** Time for a toon, in ms: the function has 30 s, and some of them must be left to record that it took too long. */
export const maxToonMs = 22_000;

/** What the state machine keeps of a toon: everything else is in its record. */
export interface ProcessedToon {
  readonly toonId: string;
  readonly state: ToonRecord['state'];
}

/**
 * Processes one toon and writes its record. What is wrong with a toon is a failed record, not an error; only what a
 * retry mends is thrown (`StoreUnavailable`). Running it again writes the same thumbnail, and no second record.
 */
export function createProcessToon(ports: ProcessToonPorts): (toon: PlannedToon) => Promise<ProcessedToon> {
  return async (toon) => {
    const startedMs = ports.clock.nowMs();
    const read = await ports.toons.read(toon.source, { maxBytes: maxToonBytes });
    const bytes = read.kind === 'bytes' ? read.bytes : undefined;
    const outcome = read.kind === 'bytes' ? await withinTime(toon, read.bytes, ports) : read;
    const nowMs = ports.clock.nowMs();
    const record: ToonRecord = {
      toonId: toon.toonId,
      type: toon.type,
      ...(outcome.kind === 'completed'
        ? { state: 'Completed', result: outcome.result }
        : { state: 'Failed', reason: outcome.reason, detail: outcome.detail }),
      ...(bytes === undefined
        ? {}
        : { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }),
      durationMs: nowMs - startedMs,
      processedAt: new Date(nowMs).toISOString(),
      ...(toon.metadata === undefined ? {} : { metadata: toon.metadata }),
    };
    return { toonId: toon.toonId, state: await ports.records.record(toon, record) };
  };
}

/** The key of a toon's thumbnail, in the bucket of the toons. */
export function thumbnailKey({ jobId, toonId }: Pick<PlannedToon, 'jobId' | 'toonId'>): string {
  return `thumbnails/${jobId}/${toonId}.webp`;
}

/** What decoders of others do with bytes of anybody ends in time, or is `too-slow`. */
async function withinTime(toon: PlannedToon, bytes: Uint8Array, ports: ProcessToonPorts): Promise<Outcome> {
  const ended = new AbortController();
  const late = async (): Promise<Outcome> => {
    await ports.clock.pause(maxToonMs, ended.signal);
    if (ended.signal.aborted) return failed('too-slow', 'unused');
    ports.onStuck();
    return failed('too-slow', `not processed within ${maxToonMs / 1_000} s`);
  };
  try {
    return await Promise.race([process(toon, bytes, ports), late()]);
  } finally {
    ended.abort();
  }
}

async function process(toon: PlannedToon, bytes: Uint8Array, ports: ProcessToonPorts): Promise<Outcome> {
  if (bytes.length === 0) return failed('empty', 'the toon has no bytes');
  const detected = await detect(bytes);
  const contradiction = mismatch(toon.type, detected);
  if (contradiction !== undefined) return failed('type-mismatch', contradiction);
  switch (toon.type) {
    case 'image':
      return image(toon, bytes, ports);
    case 'audio':
    case 'video':
      return processMedia(toon.type, detected.mime, bytes);
    case 'telemetry':
      return processTelemetry({
        bytes,
        datasets: ports.datasets,
        dataset: toon.dataset,
        nowMs: ports.clock.nowMs(),
      });
    case 'message':
      return processMessage(bytes);
    case 'binary':
      return {
        kind: 'completed',
        result: {
          detectedType: detected.mime,
          ...(detected.extension === undefined ? {} : { extension: detected.extension }),
        },
      };
  }
}

async function image(toon: PlannedToon, bytes: Uint8Array, ports: ProcessToonPorts): Promise<Outcome> {
  const found = await processImage(bytes);
  if (found.kind === 'failed') return found;
  const { format, width, height, thumbnail } = found;
  const key = thumbnailKey(toon);
  await ports.thumbnails.write({
    bucket: toon.source.bucket,
    key,
    bytes: thumbnail.bytes,
    contentType: 'image/webp',
  });
  return {
    kind: 'completed',
    result: {
      format,
      width,
      height,
      thumbnail: { key, width: thumbnail.width, height: thumbnail.height, bytes: thumbnail.bytes.length },
    },
  };
}
