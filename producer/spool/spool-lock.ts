import { readFileSync } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Another producer works on this spool. */
export class SpoolInUse extends Error {
  override readonly name = 'SpoolInUse';
}

/**
 * Takes a spool directory for this process. A lock that a killed process left behind is taken over.
 * @returns the function that lets go
 * @throws {SpoolInUse} when its process is alive
 */
export async function lockSpool(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  for (let attempt = 1; ; attempt += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(holder(process.pid));
      await file.close();
      return () => unlink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 3) throw error;
    }
    const text = await readFile(path, 'utf8').catch(() => '');
    const pid = Number(text.split(' ')[0]);
    if (isAlive(pid) && holder(pid) === text) {
      throw new SpoolInUse(
        `${directory} is in use by process ${pid}. Give each producer a spool of its own.`,
      );
    }
    await unlink(path).catch(() => {});
  }
}

/** The process and, where /proc tells it, its start: a number alone is soon given to another process. */
function holder(pid: number): string {
  let started = '';
  try {
    // Field 22 of stat, counted behind the command name, which is in parentheses and may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    started = stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
  } catch {}
  return `${pid} ${started}`;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
