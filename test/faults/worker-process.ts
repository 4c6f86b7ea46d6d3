import { type ChildProcess, fork } from 'node:child_process';
import { root } from '../support/cloud-world.ts';
import type { Expectation } from './expectation.ts';
import type { SeedResult } from './seed-run.ts';
import type { Task } from './worker.ts';

/** Far above what a task takes on a busy machine; one that takes longer hangs. */
const taskTimeoutMs = 1_200_000;

/** A process with a cloud of its own that runs one task at a time. */
export class WorkerProcess {
  readonly #process: ChildProcess = fork(new URL('./worker.ts', import.meta.url), {
    cwd: root,
    // Maps, sets and buffers as they are.
    serialization: 'advanced',
  });

  /** What a fault-free run of the variant left. @throws when it hangs or is wrong */
  async expectation(variant: number): Promise<Expectation> {
    const answer = await this.#ask({ kind: 'expectation', variant });
    if (typeof answer === 'string') throw new Error(answer);
    return answer as Expectation;
  }

  /** Runs a seed. @throws when it hangs or the process ends */
  async run(seed: number, expected: Expectation): Promise<SeedResult> {
    return (await this.#ask({ kind: 'seed', seed, expected })) as SeedResult;
  }

  /** Closes the cloud and ends the process. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.send({ kind: 'end' } satisfies Task);
    await ended;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #ask(task: Task): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer for ${taskTimeoutMs / 1000} s`)),
        taskTimeoutMs,
      );
      const onExit = () => {
        clearTimeout(timer);
        reject(new Error('the worker ended'));
      };
      this.#process.once('exit', onExit);
      this.#process.once('message', (message) => {
        clearTimeout(timer);
        this.#process.off('exit', onExit);
        resolve(message);
      });
      this.#process.send(task);
    });
  }
}
