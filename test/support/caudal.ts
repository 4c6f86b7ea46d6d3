import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './cloud-world.ts';

/** What a verb printed and how it ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The output of `--json`. */
  json<Shape>(): Shape;
}

/** Runs `npm run caudal -- …` as a person would, against an endpoint. */
export const caudal = (endpointUrl: string, ...args: string[]): Promise<Ran> =>
  caudalIn(root, endpointUrl, ...args);

/** The same from another copy of the sources. */
export async function caudalIn(source: string, endpointUrl: string, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, ['operator/main.ts', ...args], {
    cwd: source,
    env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

/** One line of NDJSON of the dataset `water-temperature`. */
export const reading = (sensorId: string, timestamp: string, changes: object = {}): string =>
  JSON.stringify({
    dataset: 'water-temperature',
    sensorId,
    timestamp,
    temperature: 12.5,
    deviation: 0.1,
    ...changes,
  });
