import { type ChildProcess, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../producer/report.ts';
import { awsEnvironment } from './firehose-endpoint.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface ProducerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProducerProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<ProducerExit>;
}

/**
 * Starts the command line in a process of its own, against an endpoint. Variables set to `undefined` are taken out.
 * @param options.root of the project, when it is a copy
 */
export function startProducerProcess(
  args: readonly string[],
  options: {
    url: string;
    root?: string;
    env?: Record<string, string | undefined>;
    cwd?: string;
    stdin?: 'pipe';
  },
): ProducerProcess {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(options.root ?? repository, 'producer/main.ts'), ...args],
    {
      env: { ...process.env, ...awsEnvironment(options.url), ...options.env },
      stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const exit = new Promise<ProducerExit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, exit };
}

/** Runs the command line to its end with `--json`. */
export async function runProducer(
  args: readonly string[],
  options: Parameters<typeof startProducerProcess>[1],
): Promise<ProducerExit & { report: Report }> {
  const exit = await startProducerProcess([...args, '--json'], options).exit;
  if (!exit.stdout.startsWith('{')) throw new Error(`no report: ${exit.stderr}`);
  return { ...exit, report: JSON.parse(exit.stdout) as Report };
}

/**
 * Starts the command line with a spool and kills it with SIGKILL so long after it has opened the spool.
 * @returns how it ended: `SIGKILL`, or its exit when it was done before
 */
export async function killWhileStreaming(
  args: readonly string[],
  options: Parameters<typeof startProducerProcess>[1] & { spool: string; delayMs: number },
): Promise<ProducerExit> {
  const segments = async () =>
    (await readdir(options.spool).catch(() => [])).filter((name) => name.endsWith('.spool')).sort();
  const before = (await segments()).at(-1);
  const { child, exit } = startProducerProcess(args, options);
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  // Each process begins a segment of its own.
  while (!ended && (await segments()).at(-1) === before) await sleep(5);
  await sleep(options.delayMs);
  child.kill('SIGKILL');
  return exit;
}
