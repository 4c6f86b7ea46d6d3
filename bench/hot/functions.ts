import { fork } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleDirectory, handlerFolders } from '../../infra/bundle/bundle.ts';
import { median } from './times.ts';

export interface FunctionCost {
  readonly handler: string;
  readonly bundleKb: number;
  /** Of a fresh process: median. */
  readonly importMs: number;
}

/** The bundle of each function, and how long a fresh process takes to import it. */
export async function costOfFunctions(root: string, turns: number): Promise<FunctionCost[]> {
  const costs: FunctionCost[] = [];
  for (const handler of handlerFolders(root)) {
    const { directory } = bundleDirectory({ root, handler });
    const times: number[] = [];
    for (let turn = 0; turn < turns; turn++) times.push(await importMsOf(root, handler, directory));
    const { size } = statSync(join(directory, 'index.mjs'));
    costs.push({ handler, bundleKb: size / 1_024, importMs: median(times) });
  }
  return costs;
}

/** Handlers refuse to load without their variables: each gets a value for all that it names. */
function importMsOf(root: string, handler: string, directory: string): Promise<number> {
  const source = readFileSync(join(root, 'handlers', handler, 'handler.ts'), 'utf8');
  const names = [...source.matchAll(/'([A-Z][A-Z_]+)'/g)].map(([, name]) => name);
  const env = {
    ...process.env,
    ...Object.fromEntries(names.map((name) => [name, 'arn:aws:states:us-east-1:000000000000:bench'])),
    AWS_REGION: 'us-east-1',
  };
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'import-process.ts'), [directory], { env, execArgv: [] });
    child.once('message', (ms) => resolve(ms as number));
    child.once('exit', (code) => code !== 0 && reject(new Error(`${handler} does not load`)));
  });
}
