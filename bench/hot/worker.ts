import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** A process that answers tasks, one at a time. */
export interface Worker<Task, Answer> {
  ask(task: Task): Promise<Answer>;
  end(): void;
}

/** Starts `bench/hot/<name>.ts`. */
export function startWorker<Task extends object, Answer>(
  name: string,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Worker<Task, Answer> {
  const child: ChildProcess = fork(join(import.meta.dirname, `${name}.ts`), options.args ?? [], {
    env: { ...process.env, ...options.env },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'], // functions write their metrics and logs to it
  });
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`${name} ended with ${code}`));
        child.once('exit', ended);
        child.once('message', (message: { answer?: Answer; error?: string }) => {
          child.off('exit', ended);
          if (message.error === undefined) resolve(message.answer as Answer);
          else reject(new Error(`${name}: ${message.error}`));
        });
        child.send(task);
      }),
    end: () => child.kill(),
  };
}

/** The worker's side. */
export function answer<Task, Answer>(work: (task: Task) => Promise<Answer>): void {
  process.on('message', (task: Task) => {
    work(task).then(
      (done) => process.send?.({ answer: done }),
      (error: Error) => process.send?.({ error: error.stack ?? String(error) }),
    );
  });
}
