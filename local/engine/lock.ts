import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another local cloud uses the directory. The message names its process and the ways out. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Takes a directory for this process: two clouds would write into each other's journals. A lock whose process is gone
 * (a kill -9) is taken over.
 * @returns what releases it
 * @throws {DirectoryInUse}
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(file, 'utf8'));
    if (isRunning(holder)) {
      throw new DirectoryInUse(
        `${directory} is in use by the local cloud of process ${holder}. Stop that one, or start this one in a ` +
          `directory of its own (--directory). If process ${holder} is no local cloud, remove ${file}.`,
      );
    }
    rmSync(file, { force: true });
  }
  throw new DirectoryInUse(`${directory} was taken by another process in this moment. Try again.`);
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Ended, but not yet collected by its parent: after a kill -9 that may take a while in a container. Linux only. */
function isZombie(pid: number): boolean {
  try {
    // The state follows the command's name, which is in parentheses and may hold any character.
    return /^.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
