import { synthesize } from '../../demo/synthesize.ts';
import { root } from '../support/cloud-world.ts';
import { readArguments, usage } from './arguments.ts';
import type { Expectation } from './expectation.ts';
import { type SeedResult, variantOf } from './seed-run.ts';
import { nothingMended } from './settled.ts';
import { WorkerProcess } from './worker-process.ts';

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
  const processes = Array.from({ length: workers }, () => new WorkerProcess());
  const expected = await expectationsOf(new Set(seeds.map(variantOf)), processes);
  await Promise.all(processes.map((worker) => runSeeds(worker, { waiting, expected, take })));

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
    const [, , kind = ''] = / [a-z0-9]+:[A-Z]/.test(fault) ? fault.split(' ') : ['', '', fault];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

/** What the fault-free run of each variant comes to; the workers share them. */
async function expectationsOf(
  variants: ReadonlySet<number>,
  processes: readonly WorkerProcess[],
): Promise<Map<number, Expectation>> {
  const expected = new Map<number, Expectation>();
  const waiting = [...variants];
  await Promise.all(
    processes.map(async (worker) => {
      for (let variant = waiting.shift(); variant !== undefined; variant = waiting.shift()) {
        expected.set(variant, await worker.expectation(variant));
      }
    }),
  );
  return expected;
}

/** One process at the seeds that wait, until there are none. */
async function runSeeds(
  worker: WorkerProcess,
  seeds: {
    waiting: number[];
    expected: ReadonlyMap<number, Expectation>;
    take: (result: SeedResult) => void;
  },
): Promise<void> {
  const { waiting, expected, take } = seeds;
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    try {
      take(await worker.run(seed, expected.get(variantOf(seed)) as Expectation)); // of every seed's variant
    } catch (error) {
      worker.kill();
      const differences = [(error as Error).message];
      take({ seed, differences, faults: [], mended: nothingMended(), repeatedPublications: 0 });
      return runSeeds(new WorkerProcess(), seeds);
    }
  }
  await worker.end();
}

process.exitCode = await main(process.argv.slice(2));
