import {
  errorPayload,
  type FunctionConfiguration,
  type FunctionLog,
  type InvocationResult,
  type InvocationWaiter,
} from './function.ts';
import { type FunctionClock, FunctionProcess } from './function-process.ts';

export interface PoolOptions {
  endpointUrl: string;
  log: FunctionLog;
  compileCache?: string;
  localText?: ((text: string) => string) | undefined;
  clock?: FunctionClock | undefined;
  /** Invocations that run at a time, over all functions. */
  concurrency: number;
  /** Environments that may wait for work. Default: twice `concurrency`. */
  warm?: number | undefined;
}

interface Waiting {
  event: string;
  waiter: InvocationWaiter;
  resolve(result: InvocationResult): void;
}

/** Environments that wait for work this long are ended. */
const idleTimeoutMs = 5 * 60_000;

/**
 * Runs invocations in workers, reusing warm ones. Where more is asked for than may run at a time, functions take
 * turns, so that a wide map does not starve the API; Lambda would run them all, or throttle.
 */
export class FunctionPool {
  readonly #options: PoolOptions;
  readonly #idle: FunctionProcess[] = [];
  readonly #busy = new Set<FunctionProcess>();
  /** By function name; the first key is the next to be served. */
  readonly #waiting = new Map<string, { configuration: FunctionConfiguration; queue: Waiting[] }>();
  readonly #sweeper: NodeJS.Timeout;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.#endIdle(Date.now() - idleTimeoutMs), 30_000).unref();
  }

  /**
   * Runs the function with an event in JSON. Resolves with the function's failure too, and as failed when nobody waits
   * any more; never rejects.
   */
  invoke(
    configuration: FunctionConfiguration,
    event: string,
    waiter: InvocationWaiter = {},
  ): Promise<InvocationResult> {
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    if (waiter.signal?.aborted) return Promise.resolve(abandoned);
    const waiting = { event, waiter, resolve };
    const entry = this.#waiting.get(configuration.name) ?? { configuration, queue: [] };
    entry.queue.push(waiting);
    this.#waiting.set(configuration.name, entry);
    const takeOut = () => this.#takeOut(configuration.name, waiting);
    waiter.signal?.addEventListener('abort', takeOut, { once: true });
    this.#dispatch();
    return promise.finally(() => waiter.signal?.removeEventListener('abort', takeOut));
  }

  /** Kills the environment of that id in whatever it does, as a crash of its own would; false when there is none. */
  kill(id: string): boolean {
    const worker = this.#find(id);
    void worker?.terminate();
    return worker !== undefined;
  }

  /** Ends the environment of that id as the timeout of its invocation would; false when there is none. */
  timeOut(id: string): boolean {
    const worker = this.#find(id);
    worker?.timeOut();
    return worker !== undefined;
  }

  /** Ends every worker; what was running or waiting fails as a crash would. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper);
    for (const { queue } of this.#waiting.values()) {
      for (const { resolve } of queue) resolve({ kind: 'failed', payload: closing });
    }
    this.#waiting.clear();
    await Promise.all([...this.#idle, ...this.#busy].map((worker) => worker.terminate()));
  }

  #find(id: string): FunctionProcess | undefined {
    return [...this.#busy, ...this.#idle].find((each) => each.id === id);
  }

  /** What has begun already is stopped by `#run`. */
  #takeOut(name: string, waiting: Waiting): void {
    const queue = this.#waiting.get(name)?.queue ?? [];
    const index = queue.indexOf(waiting);
    if (index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#waiting.delete(name);
    waiting.resolve(abandoned);
  }

  #dispatch(): void {
    for (const [name, { configuration, queue }] of [...this.#waiting]) {
      if (this.#closed || this.#busy.size >= this.#options.concurrency) return;
      if (this.#runningOf(name) >= (configuration.reservedConcurrency ?? Number.POSITIVE_INFINITY)) continue;
      const next = queue.shift();
      // Taken out and put back at the end: the next free place is another function's.
      this.#waiting.delete(name);
      if (queue.length > 0) this.#waiting.set(name, { configuration, queue });
      if (next) void this.#run(configuration, next);
    }
    if (this.#waiting.size > 0 && this.#busy.size < this.#options.concurrency && this.#mayRunMore())
      this.#dispatch();
  }

  #mayRunMore(): boolean {
    return [...this.#waiting].some(
      ([name, { configuration }]) =>
        this.#runningOf(name) < (configuration.reservedConcurrency ?? Number.POSITIVE_INFINITY),
    );
  }

  #runningOf(name: string): number {
    let running = 0;
    for (const worker of this.#busy) if (worker.configuration.name === name) running += 1;
    return running;
  }

  async #run(configuration: FunctionConfiguration, { event, waiter, resolve }: Waiting): Promise<void> {
    const worker = this.#takeIdle(configuration) ?? new FunctionProcess({ ...this.#options, configuration });
    this.#busy.add(worker);
    const abandon = () => worker.abandon();
    waiter.signal?.addEventListener('abort', abandon, { once: true });
    const result = await worker.invoke(event, waiter.begins);
    waiter.signal?.removeEventListener('abort', abandon);
    this.#busy.delete(worker);
    if (worker.alive && !this.#closed) this.#keep(worker);
    resolve(result);
    this.#dispatch();
  }

  #takeIdle(configuration: FunctionConfiguration): FunctionProcess | undefined {
    // The most recently used: the others grow old and are ended. A function that was replaced has another configuration.
    const index = this.#idle.findLastIndex(
      (worker) => worker.alive && worker.configuration === configuration,
    );
    return index < 0 ? undefined : this.#idle.splice(index, 1)[0];
  }

  #keep(worker: FunctionProcess): void {
    this.#idle.push(worker);
    // Warm workers hold memory: no more of them than two rounds of what can run.
    while (this.#idle.length > (this.#options.warm ?? 2 * this.#options.concurrency))
      void this.#idle.shift()?.terminate();
  }

  #endIdle(before: number): void {
    for (const worker of this.#idle.filter(({ idleSince, alive }) => !alive || idleSince < before)) {
      this.#idle.splice(this.#idle.indexOf(worker), 1);
      void worker.terminate();
    }
  }
}

const abandoned: InvocationResult = {
  kind: 'failed',
  payload: errorPayload('Runtime.ExitError', 'Nobody waits for this invocation any more.'),
};
const closing = errorPayload('Runtime.ExitError', 'The local cloud is closing.');
