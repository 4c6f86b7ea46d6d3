import { fork } from 'node:child_process';
import { synthesize } from '../../local/synth.ts';
import { root } from '../support/cloud-world.ts';
import { readArguments, usage } from './arguments.ts';
import type { SeedResult } from './seed-run.ts';

/** Far above what a seed takes; one that takes longer hangs. */
const seedTimeoutMs = 180_000;
/** Of each failing seed; the reproduction shows all. */
const shownDifferences = 5;

/** Runs the seeds in several processes. @returns the exit code. */
async function main(argv: string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(usage);
    return 0;
  }
  const { seeds, workers, verbose } = readArguments(argv);
  const startedAt = Date.now();
  // Once, before all need it.
  await synthesize(root);
  const waiting = [...seeds];
  const results: SeedResult[] = [];
  const failed: number[] = [];
  const take = (result: SeedResult) => {
    results.push(result);
    if (verbose) console.log(result.faults.map((fault) => `  ${fault}`).join('\n'));
    if (result.differences.length > 0) {
      failed.push(result.seed);
      const shown = verbose ? result.differences : result.differences.slice(0, shownDifferences);
      console.log(`seed ${result.seed} differs. Reproduce: npm run test:faults -- --seed ${result.seed}`);
      for (const difference of shown) console.log(`  ${difference}`);
    }
    if (results.length % 20 === 0) console.log(`${results.length} of ${seeds.length} seeds`);
  };
  await Promise.all(Array.from({ length: workers }, () => runWorker(waiting, take)));

  const sum = (of: (result: SeedResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  console.log(
    `${results.length} seeds in ${Math.round((Date.now() - startedAt) / 1000)} s: ${results.length - failed.length} as without faults, ` +
      `${failed.length} different.\n${sum(({ faults }) => faults.length)} faults; ` +
      `${sum(({ mended }) => mended.startedAgain)} failed executions started again, ` +
      `${sum(({ mended }) => mended.redriven)} stopped ones redriven, ` +
      `${sum(({ mended }) => mended.deadLetters)} dead letters sent back; ` +
      `${sum(({ repeatedPublications }) => repeatedPublications)} alerts published again under their key.\n` +
      byKind(results.flatMap(({ faults }) => faults)),
  );
  return failed.length === 0 ? 0 : 1;
}

/** How often each kind of fault came: `fail`, `kill`, … of calls, and what happened beside them under its own name. */
function byKind(faults: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const fault of faults) {
    const [, , kind = ''] = / s3:| dynamodb:| sns:| lambda:| events:| firehose:| states:/.test(fault)
      ? fault.split(' ')
      : ['', '', fault];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

/** One process at the seeds that wait, until there are none. */
async function runWorker(waiting: number[], take: (result: SeedResult) => void): Promise<void> {
  const worker = fork(new URL('./worker.ts', import.meta.url), { cwd: root });
  const answer = (timeoutMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer for ${timeoutMs / 1000} s`)), timeoutMs);
      const onExit = () => reject(new Error('the worker ended'));
      worker.once('exit', onExit);
      worker.once('message', (message) => {
        clearTimeout(timer);
        worker.off('exit', onExit);
        resolve(message);
      });
    });
  await answer(seedTimeoutMs);
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    worker.send(seed);
    try {
      take((await answer(seedTimeoutMs)) as SeedResult);
    } catch (error) {
      worker.kill('SIGKILL');
      const nothing = { faults: [], mended: { startedAgain: 0, redriven: 0, deadLetters: 0 } };
      take({
        seed,
        ...nothing,
        differences: [(error as Error).message],
        repeatedPublications: 0,
        ms: seedTimeoutMs,
      });
      return runWorker(waiting, take);
    }
  }
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.send('end');
  await ended;
}

process.exitCode = await main(process.argv.slice(2));
