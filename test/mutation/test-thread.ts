import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A test file to run, absolute, and the texts, by absolute path, that modules have instead of theirs. */
export interface Order {
  readonly testFile: string;
  readonly texts: Readonly<Record<string, string>>;
  /** Of the tests to run; all without it. */
  readonly testIds?: readonly string[];
}

export interface Answer {
  /** Of the first test that failed, or of the collection. */
  readonly failure: string | undefined;
  /** The ids of mutants that counting texts counted before the first test: as modules were loaded, and suites computed their tests. */
  readonly loaded: readonly string[];
  /** Those that they counted in each test, by its id. */
  readonly reached: ReadonlyArray<readonly [testId: string, mutants: readonly string[]]>;
  /** The time of the thread's own work, which other work of the machine doesn't lengthen. */
  readonly cpuMs: number;
}

/** Modules of earlier runs stay in memory: a thread is replaced after so many runs. */
const runsOfThread = 150;

/** How often a running test is looked at, in ms. */
const lookEveryMs = 100;

/** Runs test files one after the other in a thread, and replaces the thread when a run doesn't end. */
export class TestThread {
  #worker: Worker | undefined;
  #runs = 0;

  /** @param limitMs CPU time, after which the run is stopped and has failed; ten times as much with the waiting */
  async run(order: Order, limitMs: number): Promise<Answer> {
    if (this.#runs++ >= runsOfThread) await this.close();
    this.#worker ??= new Worker(join(import.meta.dirname, 'thread.ts'), { stdout: true, stderr: true });
    const worker = this.#worker;
    const cpuBeforeMs = await cpuMs(worker);
    const startedAt = Date.now();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const stop = async (failure: string) => {
      await this.close();
      resolve({ failure, loaded: [], reached: [], cpuMs: limitMs });
    };
    const crashed = (error: Error) => stop(error.message);
    worker.once('message', resolve).once('error', crashed);
    const watch = setInterval(async () => {
      const late = Date.now() - startedAt > 10 * limitMs;
      if (late || (await cpuMs(worker)) - cpuBeforeMs > limitMs) await stop('too slow');
    }, lookEveryMs);
    worker.postMessage(order);
    const answer = await promise;
    clearInterval(watch);
    worker.off('message', resolve).off('error', crashed);
    return answer;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#runs = 0;
    await worker?.terminate();
  }
}

/** CPU time of the thread; 0 before it has begun and after it has ended. */
async function cpuMs(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return 0;
  }
}
