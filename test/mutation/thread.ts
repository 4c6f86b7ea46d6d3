import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { startTests, type VitestRunner } from '@vitest/runner';
import fc from 'fast-check';
import type { Answer, Beginning, Order, TestRun } from './test-thread.ts';

/**
 * A thread that runs test files by vitest's own runner, again and again. For each run it evaluates the repository's modules anew, some
 * with another text, while those of `node_modules` stay: a few ms, where a run of vitest takes a second.
 */
const root = join(import.meta.dirname, '..', '..');
const ownModule = new RegExp(
  `^${RegExp.escape(`${pathToFileURL(root)}/`)}(?!node_modules/)[^?]*\\.ts(\\?|$)`,
);
/** The same for each run. */
const stripped = new Map<string, string>();
let current: Order;
let turn = 0;
let loadsGivenText = false;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    if (!ownModule.test(resolved.url)) return resolved;
    return { ...resolved, url: `${resolved.url.replace(/\?.*/, '')}?turn=${turn}` };
  },
  load(url, context, nextLoad) {
    if (!ownModule.test(url)) return nextLoad(url, context);
    const path = fileURLToPath(url);
    const given = current.texts[path];
    if (given !== undefined) loadsGivenText = true;
    let source = given === undefined ? stripped.get(path) : stripTypeScriptTypes(given);
    if (source === undefined) {
      source = stripTypeScriptTypes(String(nextLoad(url, context).source));
      stripped.set(path, source);
    }
    return { format: 'module', source, shortCircuit: true };
  },
});

// A counterexample need not be small, and the same ones are tried each time.
fc.configureGlobal({ endOnFailure: true, seed: 1 });

/** Counts by mutant: `static` without a current test, `perTest` with one. */
interface Counted {
  currentTestId?: string;
  mutantCoverage?: { static: object; perTest: Record<string, object> };
}

/** Runs the wanted tests until one fails, and none where nothing of the given texts is imported. */
async function run(order: Order): Promise<Answer> {
  current = order;
  turn++;
  loadsGivenText = false;
  const counted: Counted = {};
  // What vitest's `expect` asks for, and where counting texts count.
  Object.assign(globalThis, {
    __vitest_worker__: { filepath: order.testFile, config: { expect: {} } },
    __stryker__: counted,
  });
  const startMs = begin(undefined);
  let failure: string | undefined;
  let collectedMs: number | undefined;
  const begunMs = new Map<string, number>();
  const tests: TestRun[] = [];
  const [file] = await startTests([order.testFile], {
    config,
    async importFile(path) {
      await import(path);
    },
    onBeforeRunTask(test) {
      collectedMs ??= cpuMs();
      const wanted = order.testIds?.includes(test.id) ?? true;
      if (failure !== undefined || !loadsGivenText || !wanted) {
        test.mode = 'skip';
        return;
      }
      counted.currentTestId = test.id;
      begunMs.set(test.id, begin(test.id));
    },
    onAfterRunTask({ id, name, result }) {
      if (result?.state === 'fail') failure ??= `${name}: ${result.errors?.[0]?.message}`;
      const mutants = Object.keys(counted.mutantCoverage?.perTest[id] ?? {});
      tests.push({ id, cpuMs: cpuMs() - (begunMs.get(id) ?? 0), mutants });
    },
  });
  if (file?.result?.state === 'fail') failure ??= file.result.errors?.[0]?.message ?? 'a suite failed';
  const mutants = Object.keys(counted.mutantCoverage?.static ?? {});
  const endMs = cpuMs();
  return {
    failure,
    cpuMs: endMs - startMs,
    collection: { cpuMs: (collectedMs ?? endMs) - startMs, mutants },
    tests,
  };
}

/** Tells which test begins, and returns when, by the thread's CPU time. */
function begin(testId: string | undefined): number {
  const beginning: Beginning = { testId, cpuMs: cpuMs() };
  parentPort?.postMessage(beginning);
  return beginning.cpuMs;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const config: VitestRunner['config'] = {
  root,
  setupFiles: [],
  name: 'mutation',
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 240_000,
  hookTimeout: 240_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

parentPort?.on('message', async (order: Order) => {
  parentPort?.postMessage(await run(order));
});
