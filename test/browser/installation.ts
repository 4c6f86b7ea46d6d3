import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { shareAssemblies } from '../support/cloud-process.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `npm start` has the console. */
    readonly consoleUrl: string;
    /** Where it has the services of AWS. */
    readonly endpointUrl: string;
  }
}

const root = join(import.meta.dirname, '..', '..');
/** Printed by `npm start` when the demonstration is done and the installation stays up. */
const settled = 'Caudal stays up until Ctrl-C.';

/**
 * `npm start` on free ports, once for all tests of the browser: the console as people have it, over the demonstration's data. The tests
 * only read, or write what no other one looks at.
 */
export default async function startInstallation(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'caudal-browser-'));
  shareAssemblies(directory);
  const ports = ['--port', '--api-port', '--token-port', '--console-port'].flatMap((name) => [name, '0']);
  const child = spawn(
    process.execPath,
    ['demo/main.ts', '--directory', directory, '--timeout-factor', '4', ...ports],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    await printed(child);
    const { consoleUrl, endpointUrl } = addressesOf(join(directory, 'cloud.json'));
    project.provide('consoleUrl', consoleUrl);
    project.provide('endpointUrl', endpointUrl);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return async () => {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(directory, { recursive: true, force: true });
  };
}

async function printed(child: ChildProcess): Promise<void> {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  while (!text.includes(settled)) {
    if (child.exitCode !== null) throw new Error(`demo/main.ts ended with ${child.exitCode}:\n${text}`);
    await sleep(100);
  }
}

function addressesOf(file: string): { consoleUrl: string; endpointUrl: string } {
  const { consoleUrl, endpointUrl } = JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}') as {
    consoleUrl?: string;
    endpointUrl?: string;
  };
  if (consoleUrl === undefined || endpointUrl === undefined)
    throw new Error('npm start does not say where the console and the services are.');
  return { consoleUrl, endpointUrl };
}
