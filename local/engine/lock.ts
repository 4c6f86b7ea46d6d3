import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another local cloud uses the directory. The message names its process and the way out. */
class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/** SQLite's code for a lock that somebody else holds (SQLITE_BUSY). */
const busy = 5;
/** Two that begin at once may find each other's first step; the one that waits this long gets the lock or the refusal. */
const patienceMs = 100;

/**
 * Takes a directory for this process: two clouds would write into each other's journals. It is SQLite's exclusive lock
 * on an empty file: a lock of the operating system, which ends with the process, however it ends. The file stays:
 * removing it could leave two processes with a lock each.
 * @returns what releases it
 * @throws {DirectoryInUse}, or SQLite's error where the file cannot be opened or locked
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const holder = join(directory, 'lock.pid');
  const lock = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: patienceMs });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(holder, String(process.pid));
    return () => lock.close();
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== busy) throw error;
    throw new DirectoryInUse(
      `${directory} is in use by the local cloud of process ${pidIn(holder)}. Stop that one, or start ` +
        'this one in a separate directory (--directory).',
    );
  }
}

/** Unknown in the moment between the lock and the writing of the file. */
function pidIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '(unknown)';
  }
}
