import { stat } from 'node:fs/promises';
import { OptionError } from '../../cli/numbers.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Options } from '../options.ts';
import { syntheticSource } from '../synthetic/synthetic-source.ts';
import type { Source } from './source.ts';

/** A source that is ready to be opened. */
export interface ReadySource {
  /** All that decides its lines, when the same source can be read again from its start; else `undefined`. */
  readonly identity: unknown;
  /** How many readings to expect, where that is known. */
  readonly total: number | undefined;
  /** @param nowMs the time that stands for now */
  open(nowMs: number, signal: AbortSignal): Source;
}

/** A dataset without an expected interval, or one that is sent live, reports this often. */
const defaultEveryMs = 60_000;
const liveEveryMs = 1_000;

/**
 * Prepares the source that the options name. What reads it is loaded where it is used: parsers and MQTT take 30 MiB.
 * @throws {OptionError} for options that do not go together, or name no file
 */
export async function readySource(
  options: Options,
  context: {
    datasets: readonly Dataset[];
    dataset: Dataset | undefined;
    onTrouble: (reason: string) => void;
  },
): Promise<ReadySource> {
  const { source } = options;
  const { datasets, dataset } = context;
  const reading = { datasets, dataset, sensorId: options.sensorId };
  const named = {
    dataset: dataset?.name,
    sensorId: options.sensorId,
    count: options.count,
    seed: options.seed,
  };
  switch (source.kind) {
    case 'files': {
      const { fileSource, findFiles } = await import('./file-source.ts');
      const paths = await findFiles(source.patterns);
      if (dataset === undefined && paths.some((path) => /\.csv(\.gz)?$/i.test(path))) {
        throw new OptionError('CSV does not name its dataset: give --dataset');
      }
      const stats = await Promise.all(paths.map((path) => stat(path)));
      const files = paths.map((path, index) => [path, stats[index]?.size, stats[index]?.mtimeMs]);
      return {
        identity: { ...named, files, faults: options.faults },
        total: undefined,
        open: (_, signal) => fileSource(paths, { ...reading, signal }),
      };
    }
    case 'stdin': {
      const { streamSource } = await import('./file-source.ts');
      if (dataset === undefined && source.format === 'csv') {
        throw new OptionError('CSV does not name its dataset: give --dataset');
      }
      const open = (_: number, signal: AbortSignal) =>
        streamSource(stoppable(process.stdin, signal), {
          ...reading,
          signal,
          name: `stdin.${source.format}`,
        });
      return { identity: undefined, total: undefined, open };
    }
    case 'mqtt': {
      const { onTrouble } = context;
      const { mqttSource } = await import('./mqtt-source.ts');
      const open = (_: number, signal: AbortSignal) =>
        mqttSource({ ...reading, ...source, onTrouble, signal });
      return { identity: undefined, total: undefined, open };
    }
    case 'synthetic': {
      if (dataset === undefined) throw new OptionError('made-up readings need a --dataset');
      return readySynthetic(options, source, dataset);
    }
  }
}

function readySynthetic(
  options: Options,
  source: Options['source'] & { kind: 'synthetic' },
  dataset: Dataset,
): ReadySource {
  const { sensors, seed, live } = source;
  const paced = options.rate === undefined ? liveEveryMs : Math.round((sensors * 1_000) / options.rate);
  const everyMs = source.everyMs ?? (live ? paced : (dataset.expectedEveryMs ?? defaultEveryMs));
  if (everyMs < 1)
    throw new OptionError(
      'a sensor gives at most one reading a millisecond: raise --sensors or lower --rate',
    );
  const spanMs = source.backfillMs ?? options.durationMs ?? neededMs(options.count, sensors, everyMs);
  const total = Math.min(options.count, Math.floor(spanMs / everyMs) * sensors);
  const { count, faults, durationMs } = options;
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

/** A span that holds this many readings, with room for the steps in which sensors are silent. */
const neededMs = (count: number, sensors: number, everyMs: number): number =>
  (Math.ceil((count / sensors) * 1.04) + 24) * everyMs;

/** Bytes of a stream until the signal; a read that waits is left. */
async function* stoppable(stream: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  try {
    for await (const chunk of stream) yield Buffer.from(chunk);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
