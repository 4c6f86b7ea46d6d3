import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The measurements besides the hot functions, in the order of `--all`, and whether they know `--quick`. */
export const others: readonly { readonly name: string; readonly quick: boolean }[] = [
  { name: 'end-to-end', quick: true },
  { name: 'backfill', quick: false },
  { name: 'latency', quick: false },
  { name: 'growth', quick: true },
  { name: 'api', quick: false },
  { name: 'producer', quick: false },
];

/** Runs all of them, each in a process of its own that prints for itself; one that fails does not keep the next from running. @returns the names of those that failed */
export async function runOthers(options: { quick: boolean }): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, quick } of others) {
    const script = join(import.meta.dirname, `${name}.ts`);
    const args = quick && options.quick ? ['--quick'] : [];
    console.log(`\n${['bench/', name, '.ts', ...args.map((arg) => ` ${arg}`)].join('')}\n`);
    const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) failed.push(name);
  }
  return failed;
}
