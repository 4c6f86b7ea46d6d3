import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { copyProject } from '../support/project-copy.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `npm start` has the console. */
    readonly consoleUrl: string;
    /** Where it has the services of AWS. */
    readonly endpointUrl: string;
  }
}

/** Printed by `npm start` when the demonstration is done and the installation stays up. */
const settled = 'Caudal stays up until Ctrl-C.';

/** Places for some of the demonstration's sensors, along the coast; some have a name. */
const stations = [
  'sensorId,name,latitude,longitude,tags',
  'sensor-0001,Roses,42.26,3.18,north',
  'sensor-0002,,41.38,2.19,north',
  'sensor-0003,,40.81,0.52,',
  'sensor-0004,Sagunto,39.67,-0.21,',
  'sensor-0005,,38.34,-0.48,south',
  'sensor-0006,,36.72,-4.41,south',
].join('\n');

/**
 * `npm start` on free ports, once for all tests of the browser: the console as people have it, over the demonstration's data, with places for
 * some sensors, which a user would add as a file. The tests
 * only read, or write what no other one looks at.
 */
export default async function startInstallation(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'caudal-browser-'));
  const copy = copyProject();
  writeFileSync(join(copy.root, 'datasets', 'water-temperature.stations.csv'), stations);
  // The demonstration uploads one of them.
  cpSync(join(import.meta.dirname, '..', 'fixtures'), join(copy.root, 'test', 'fixtures'), {
    recursive: true,
  });
  const ports = ['--port', '--api-port', '--token-port', '--console-port'].flatMap((name) => [name, '0']);
  const child = spawn(
    process.execPath,
    ['demo/main.ts', '--directory', directory, '--timeout-factor', '4', ...ports],
    { cwd: copy.root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    await printed(child);
    const { consoleUrl, endpointUrl } = addressesOf(join(directory, 'cloud.json'));
    project.provide('consoleUrl', consoleUrl);
    project.provide('endpointUrl', endpointUrl);
  } catch (error) {
    child.kill('SIGKILL');
    copy.remove();
    throw error;
  }
  return async () => {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
    copy.remove();
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
