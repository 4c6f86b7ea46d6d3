import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another producer uses this spool. The message names its process and the way out. */
export class SpoolInUse extends Error {
  override readonly name = 'SpoolInUse';
}

/** SQLite's code for a lock that somebody else holds (SQLITE_BUSY). */
const busy = 5;
/** Two that begin at once may find each other's first step; the one that waits this long gets the lock or the refusal. */
const patienceMs = 100;

/**
 * Takes a spool directory for this process, by SQLite's exclusive lock on an empty file: a lock of the operating
 * system, which ends with the process, however it ends (docs/adr/directory-locks.md).
 * @returns what releases it
 * @throws {SpoolInUse}, or SQLite's error where the file cannot be opened or locked
 */
export async function lockSpool(directory: string): Promise<() => void> {
  const [path, holder] = [join(directory, 'lock.sqlite'), join(directory, 'lock.pid')];
  for (;;) {
    const before = identityOf(path);
    const lock = new DatabaseSync(path, { timeout: patienceMs });
    try {
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      if ((error as { errcode?: number }).errcode === busy) {
        const pid = await readFile(holder, 'utf8').catch(() => '(unknown)');
        throw new SpoolInUse(
          `${directory} is in use by process ${pid}. Give each producer a separate --spool directory.`,
        );
      }
      if (before === identityOf(path)) throw error;
      continue;
    }
    // Whoever had it may have removed the file after it was opened here: a lock on a file without a name holds nobody
    // off. A file that was not there before is taken in the next round.
    if (before === undefined || before !== identityOf(path)) {
      lock.close();
      continue;
    }
    await writeFile(holder, String(process.pid));
    return () => {
      for (const file of [holder, path]) removeIfAllowed(file);
      lock.close();
    };
  }
}

/** Tells a file from every other that has had or will have its name. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.birthtimeNs}`;
}

/** Windows keeps a file that is open: the next producer finds it there, without a lock. */
function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}

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
