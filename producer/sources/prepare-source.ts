import { stat } from 'node:fs/promises';
import { UsageError } from '../../cli/usage-error.ts';
import { type Dataset, filledFault } from '../../core/dataset/dataset.ts';
import type { Options } from '../options.ts';
import type { PreparedSource } from './source.ts';
import { prepareSyntheticSource } from './synthetic-source.ts';

/**
 * Prepares the source that the options name. What reads it is loaded where it is used: parsers and MQTT take 30 MiB.
 * @throws {UsageError} for options that do not go together, or name no file
 */
export async function prepareSource(
  options: Options,
  context: {
    datasets: readonly Dataset[];
    dataset: Dataset | undefined;
    onTrouble: (reason: string) => void;
  },
): Promise<PreparedSource> {
  const { source } = options;
  const { datasets, dataset } = context;
  const filled = dataset && filledFault(dataset);
  if (filled !== undefined) throw new UsageError(`Nothing is sent: ${filled}`);
  const reading = { datasets, dataset, sensorId: options.sensorId };
  const named = {
    dataset: dataset?.name,
    sensorId: options.sensorId,
    count: options.count,
    seed: options.seed,
  };
  switch (source.kind) {
    case 'files': {
      const { checkFiles, fileSource, findFiles } = await import('./file-source.ts');
      const paths = await findFiles(source.patterns);
      if (dataset === undefined && paths.some((path) => /\.csv(\.gz)?$/i.test(path))) {
        throw new UsageError('CSV does not name its dataset: give --dataset.');
      }
      const arrivedMs = Date.now();
      await checkFiles(paths, { ...reading, arrivedMs, accepted: options.acceptUnreadable });
      const stats = await Promise.all(paths.map((path) => stat(path)));
      const files = paths.map((path, index) => [path, stats[index]?.size, stats[index]?.mtimeMs]);
      return {
        identity: { ...named, files, faults: options.faults },
        total: undefined,
        open: (_, signal) => fileSource(paths, { ...reading, arrivedMs, signal }),
      };
    }
    case 'stdin': {
      const { streamSource } = await import('./file-source.ts');
      if (dataset === undefined && source.format === 'csv') {
        throw new UsageError('CSV does not name its dataset: give --dataset.');
      }
      const open = (_: number, signal: AbortSignal) =>
        streamSource(stoppable(process.stdin, signal), {
          ...reading,
          arrivedMs: Number.POSITIVE_INFINITY, // it may go on for weeks
          signal,
          name: `stdin.${source.format}`,
        });
      return { identity: undefined, total: undefined, open };
    }
    case 'mqtt': {
      const { onTrouble } = context;
      const { mqttSource } = await import('./mqtt-source.ts');
      const open = (_: number, signal: AbortSignal) =>
        mqttSource({ ...source, datasets, dataset, onTrouble, signal });
      return { identity: undefined, total: undefined, open };
    }
    case 'synthetic': {
      if (dataset === undefined) throw new UsageError('Made-up readings need a dataset: give --dataset.');
      return prepareSyntheticSource(options, source, dataset);
    }
  }
}

/** Bytes of a stream until the signal; a read that waits is left. */
async function* stoppable(stream: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  try {
    for await (const chunk of stream) yield Buffer.from(chunk);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
