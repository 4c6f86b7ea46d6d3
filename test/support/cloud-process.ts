import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');

/** Where a local cloud in a process of its own keeps its state and listens. The ports stay the same over restarts. */
export interface CloudPlace {
  readonly directory: string;
  readonly ports: readonly [endpoint: number, api: number, token: number];
}

export const freePorts = async (): Promise<CloudPlace['ports']> => {
  const servers = [0, 1, 2].map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as [number, number, number];
};

/** Lets `npm start` in a directory of its own find the assembly that the tests share, instead of making it again. */
export function shareAssemblies(directory: string): void {
  const own = join(directory, 'assemblies');
  mkdirSync(directory, { recursive: true });
  if (!existsSync(own)) symlinkSync(join(root, '.caudal', 'assemblies'), own);
}

/** `npm start -- --no-demo`, as a process that can be killed. Resolves when it is up. */
export async function startCloudProcess(place: CloudPlace): Promise<ChildProcess> {
  const [port, apiPort, tokenPort] = place.ports.map(String) as [string, string, string];
  const cloudFile = join(place.directory, 'cloud.json');
  shareAssemblies(place.directory);
  const child = spawn(
    process.execPath,
    [
      ...['demo/main.ts', '--no-demo', '--directory', place.directory],
      ...['--port', port, '--api-port', apiPort, '--token-port', tokenPort, '--console-port', '0'],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  }
  // A killed process leaves its file behind, so it is the process's own that counts.
  const isUp = () =>
    existsSync(cloudFile) && JSON.parse(readFileSync(cloudFile, 'utf8') || '{}').pid === child.pid;
  while (!isUp()) {
    if (child.exitCode !== null) throw new Error(`demo/main.ts ended with ${child.exitCode}:\n${printed}`);
    await sleep(50);
  }
  return child;
}

/** kill -9. Resolves when the process is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
