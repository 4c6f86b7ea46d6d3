import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoTarget } from '../../demo/demo.ts';

export type CloudQuestion = 'used' | 'close';
export type CloudAnswer =
  | { kind: 'up'; target: DemoTarget }
  | { kind: 'used'; cpuSeconds: number; residentBytes: number };

/** A local cloud with empty stores, in a process of its own so that it shares no thread with what measures it. */
export interface CloudProcess {
  readonly target: DemoTarget;
  /** What its process has used so far, its functions' processes not counted. */
  cpuSeconds(): Promise<number>;
  /** What its process has in memory now, its functions' processes not counted. */
  residentBytes(): Promise<number>;
  close(): Promise<void>;
}

export const root = join(import.meta.dirname, '..', '..');

/** @throws when the cloud does not start; what it printed is on stderr */
export async function startCloudProcess(options: {
  assembly: string;
  directory: string;
  timeScale: number;
  /** Options of node, as a profiler's. */
  nodeOptions?: readonly string[];
}): Promise<CloudProcess> {
  const { assembly, directory, timeScale, nodeOptions = [] } = options;
  const child = fork(
    join(import.meta.dirname, 'cloud-process.ts'),
    [`--root=${root}`, `--assembly=${assembly}`, `--directory=${directory}`, `--time-scale=${timeScale}`],
    { execArgv: [...nodeOptions] },
  );
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the cloud ended with code ${code}`);
  });
  ended.catch(() => {}); // who waits for an answer hears of it
  const next = async (): Promise<CloudAnswer> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [CloudAnswer];
    return message;
  };
  const up = await next();
  if (up.kind !== 'up') throw new Error(`the cloud began with ${up.kind}`);
  const used = async () => {
    child.send('used' satisfies CloudQuestion);
    const answer = await next();
    if (answer.kind !== 'used') throw new Error(`the cloud answered with ${answer.kind}`);
    return answer;
  };
  return {
    target: up.target,
    cpuSeconds: async () => (await used()).cpuSeconds,
    residentBytes: async () => (await used()).residentBytes,
    async close() {
      if (!child.connected) return;
      const gone = once(child, 'exit');
      child.send('close' satisfies CloudQuestion);
      await gone;
    },
  };
}

/** The app with some values of its configuration changed, as `cdk synth -c` makes it. Resolves to `outputDirectory`. */
export async function synthesizeWith(
  chosen: Readonly<Record<`caudal:${string}`, number | string>>,
  outputDirectory: string,
): Promise<string> {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const variables = {
    CDK_OUTDIR: outputDirectory,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...chosen }),
  };
  const child = spawn(process.execPath, ['infra/app.ts'], {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`infra/app.ts ended with code ${code}`);
  return outputDirectory;
}
