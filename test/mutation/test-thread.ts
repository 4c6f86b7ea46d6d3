import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A test file to run, absolute, and the texts, by absolute path, that modules have instead of theirs. */
export interface Order {
  readonly testFile: string;
  readonly texts: Readonly<Record<string, string>>;
  /** Of the tests to run; all without it. */
  readonly testIds?: readonly string[];
}

/** CPU times are those of the thread, which other work of the machine doesn't lengthen. Mutants are told by their ids. */
export interface Answer {
  /** Of the first test that failed, or of the collection. */
  readonly failure: string | undefined;
  readonly cpuMs: number;
  /** Until the first test: loading modules, and what suites compute for their tests. Mutants are those that counting texts counted. */
  readonly collection: { readonly cpuMs: number; readonly mutants: readonly string[] };
  readonly tests: readonly TestRun[];
}

export interface TestRun {
  readonly id: string;
  readonly cpuMs: number;
  readonly mutants: readonly string[];
}

/** What a thread tells as it begins to collect, and with each test: the CPU time that it has had. */
export interface Beginning {
  readonly testId: string | undefined;
  readonly cpuMs: number;
}

/** Modules of earlier runs stay in memory: a thread is replaced after so many runs. */
const runsOfThread = 150;

/** How often a running test is looked at, in ms, and how many looks without any progress end it: it waits for what never comes. */
const lookEveryMs = 100;
const looksWithoutProgress = 300;

/** Runs test files one after the other in a thread, and replaces the thread when a run doesn't end. */
export class TestThread {
  #worker: Worker | undefined;
  #runs = 0;

  /** @param limitMs CPU time of a test, of the collection without an id, after which it is stopped and has failed */
  async run(order: Order, limitMs: (testId: string | undefined) => number): Promise<Answer> {
    if (this.#runs++ >= runsOfThread) await this.close();
    this.#worker ??= new Worker(join(import.meta.dirname, 'thread.ts'), { stdout: true, stderr: true });
    const worker = this.#worker;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    let begun: Beginning | undefined;
    const told = (message: Beginning | Answer) => {
      if ('testId' in message) begun = message;
      else resolve(message);
    };
    const stop = async (failure: string) => {
      await this.close();
      resolve({ failure, cpuMs: limitMs(begun?.testId), collection: { cpuMs: 0, mutants: [] }, tests: [] });
    };
    const crashed = (error: Error) => stop(error.message);
    worker.on('message', told).once('error', crashed);
    let lastMs = 0;
    let looks = 0;
    const watch = setInterval(async () => {
      const nowMs = await cpuMs(worker);
      looks = nowMs > lastMs ? 0 : looks + 1;
      lastMs = nowMs;
      if (looks > looksWithoutProgress) await stop('waits without end');
      if (begun && nowMs - begun.cpuMs > limitMs(begun.testId)) await stop('too slow');
    }, lookEveryMs);
    worker.postMessage(order);
    const answer = await promise;
    clearInterval(watch);
    worker.off('message', told).off('error', crashed);
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
