import { createReadStream } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { landingKey } from '../../core/lines/segment-origin.ts';
import type { Source, SourceItem } from './source.ts';

/** How the lines of files and of standard input are read. */
export interface FileOptions {
  readonly datasets: readonly Dataset[];
  /** The dataset of every line; without it each NDJSON line names its own, and CSV cannot be read. */
  readonly dataset: Dataset | undefined;
  /** The series of lines that name none. */
  readonly sensorId: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The files that paths and glob patterns name, each once, sorted within a pattern.
 * @throws {UsageError} naming the first pattern that matches none
 */
export async function findFiles(patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const matches: string[] = [];
    for await (const match of glob(pattern)) matches.push(match);
    if (matches.length === 0) throw new UsageError(`--file: no file matches ${pattern}.`);
    for (const match of matches.sort()) found.add(match);
  }
  return [...found];
}

/** Files one after the other: `.csv` by the dataset's mapping, all others NDJSON; gzip by name or content. */
export async function* fileSource(paths: readonly string[], options: FileOptions): Source {
  for (const path of paths) {
    yield* streamSource(createReadStream(path, { signal: options.signal }), { name: path, ...options });
  }
}

/**
 * A stream of bytes as a source, line by line, by the same parser as the pipeline's.
 * @param options.name its file name decides the format
 */
export async function* streamSource(
  bytes: AsyncIterable<Uint8Array>,
  options: FileOptions & { name: string },
): Source {
  const { dataset, sensorId, name, signal } = options;
  const file = basename(name).replace(/\.gz$/i, '.gz');
  const key = dataset === undefined ? `raw/${file}` : landingKey({ dataset, sensorId, file });
  let items: SourceItem[] = [];
  // The parser pushes and this generator pulls: between two chunks of bytes the parser waits until its items are taken.
  let taken = Promise.withResolvers<void>();
  let given = Promise.withResolvers<void>();
  const paced = async function* () {
    for await (const chunk of bytes) {
      yield chunk;
      if (items.length === 0) continue;
      taken = Promise.withResolvers<void>();
      given.resolve();
      await taken.promise;
    }
  };
  let ended = false;
  const parsing = parseSegment(
    { source: { key }, datasets: options.datasets, bytes: paced() },
    {
      reading: (_, of, reading, dropped) => items.push({ kind: 'reading', dataset: of, reading, dropped }),
      rejected: (line, reason, detail, text) =>
        items.push({ kind: 'rejected', reason, detail, text, where: `${name}:${line}` }),
    },
  ).finally(() => {
    ended = true;
    given.resolve();
  });
  parsing.catch(() => {});
  while (!ended) {
    await given.promise;
    given = Promise.withResolvers<void>();
    // Taken out before it is handed over: the parser may have read ahead and go on meanwhile.
    const batch = items;
    items = [];
    if (batch.length > 0) yield batch;
    taken.resolve();
    if (signal.aborted) return;
  }
  if (items.length > 0) yield items;
  await parsing;
}
