import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../producer/report.ts';
import { awsEnvironment } from './firehose-endpoint.ts';

const main = fileURLToPath(new URL('../../producer/main.ts', import.meta.url));

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

/** Starts the command line in a process of its own, against an endpoint. Variables set to `undefined` are taken out. */
export function startProducerProcess(
  args: readonly string[],
  options: { url: string; env?: Record<string, string | undefined>; cwd?: string; stdin?: 'pipe' },
): ProducerProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: { ...process.env, ...awsEnvironment(options.url), ...options.env },
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
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
