import { existsSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksASecond = 100;

/**
 * CPU seconds of the child processes that have ended, theirs included; NaN where there is no /proc. On a machine with
 * other work it tells more than the clock does.
 */
export function childrenCpuSeconds(): number {
  if (!existsSync('/proc/self/stat')) return Number.NaN;
  // The name of the program, in parentheses, may hold blanks: the fields are counted behind it.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user, system] = [fields[13], fields[14]];
  return (Number(user) + Number(system)) / ticksASecond;
}
