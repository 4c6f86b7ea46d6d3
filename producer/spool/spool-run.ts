import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A run that a restart with the same source continues. */
export interface SpoolRun {
  /** 16 hex digits. */
  readonly id: string;
  /** The time that stood for "now" when the run began: a continued run makes up the same event times. */
  readonly nowMs: number;
}

/**
 * Finds the run that a spool directory was begun with, when it is of the same source, or begins one.
 * @param source all that decides the source's lines
 */
export async function continueRun(directory: string, source: unknown, nowMs: number): Promise<SpoolRun> {
  const path = join(directory, 'run.json');
  const wanted = JSON.stringify(source);
  await mkdir(directory, { recursive: true });
  try {
    const known = JSON.parse(await readFile(path, 'utf8')) as { source: unknown; nowMs: number };
    if (JSON.stringify(known.source) === wanted)
      return { id: runId(wanted, known.nowMs), nowMs: known.nowMs };
  } catch {
    // None yet, or cut off by a crash before anything was spooled for it: begin one.
  }
  await writeFile(`${path}.new`, JSON.stringify({ source, nowMs }));
  await rename(`${path}.new`, path);
  return { id: runId(wanted, nowMs), nowMs };
}

/** The source came to its end and all is acknowledged: the next run begins at its start. */
export async function endRun(directory: string): Promise<void> {
  await rm(join(directory, 'run.json'), { force: true });
}

const runId = (source: string, nowMs: number): string =>
  createHash('sha256').update(`${source}\n${nowMs}`).digest('hex').slice(0, 16);
