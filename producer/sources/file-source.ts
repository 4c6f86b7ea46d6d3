import { createReadStream } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename } from 'node:path';
import { refusalText } from '../../cli/refusal-text.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { mayBeAccepted, type Refusal } from '../../core/lines/gate.ts';
import { parseSegment, refusalOf } from '../../core/lines/parse-segment.ts';
import { landingKey, type SegmentSource } from '../../core/lines/segment-origin.ts';
import type { Source, SourceItem } from './source.ts';

/** How the lines of files and of standard input are read. */
export interface FileOptions {
  readonly datasets: readonly Dataset[];
  /** The dataset of every line; without it each NDJSON line names its own, and CSV cannot be read. */
  readonly dataset: Dataset | undefined;
  /** The series of lines that name none. */
  readonly sensorId: string | undefined;
  /** UTC ms from which it is counted how far ahead a timestamp is; infinite where that is left to the pipeline. */
  readonly arrivedMs: number;
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
  const { name, signal } = options;
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
    // Whether the lines can be read was asked before; standard input can't be read twice.
    { source: { ...sourceOf(name, options), accepted: true }, datasets: options.datasets, bytes: paced() },
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
  const { refusal, unterminated } = await parsing;
  if (refusal !== undefined) throw new UsageError(refusedText(name, refusal));
  if (unterminated) yield [{ kind: 'unterminated', where: name }];
}

/**
 * Reads files to their end, as the pipeline would decide about them if they were uploaded.
 * @param options.accepted lines that can be read are taken, however many can't
 * @throws {UsageError} naming each file of which nothing would be taken, and why
 */
export async function checkFiles(
  paths: readonly string[],
  options: Omit<FileOptions, 'signal'> & { accepted: boolean },
): Promise<void> {
  const faults: string[] = [];
  for (const path of paths) {
    const source = { ...sourceOf(path, options), accepted: options.accepted };
    const bytes = createReadStream(path);
    const refusal = await refusalOf({ source, datasets: options.datasets, bytes });
    if (refusal !== undefined) faults.push(refusedText(path, refusal));
  }
  if (faults.length > 0) throw new UsageError(`Nothing was sent.\n${faults.join('\n')}`);
}

/** What a file would be if it landed now, but for that it doesn't: its lines are sent one by one. */
function sourceOf(
  name: string,
  { dataset, sensorId, arrivedMs }: Omit<FileOptions, 'signal'>,
): SegmentSource {
  const file = basename(name);
  const key = dataset === undefined ? `landing/${file}` : landingKey({ dataset, sensorId, file });
  return { key, arrivedMs, isStored: false };
}

function refusedText(name: string, refusal: Refusal): string {
  return [
    name,
    ...refusalText(refusal),
    ...(mayBeAccepted(refusal) ? ['  to send what can be read as it is: --accept-unreadable'] : []),
  ].join('\n');
}
