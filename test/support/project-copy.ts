import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root } from './test-cloud.ts';

/** What the app, the command lines and the local cloud are made of. */
const sources = [
  'adapters',
  'cdk.json',
  'cli',
  'console',
  'core',
  'datasets',
  'demo',
  'formats',
  'handlers',
  'infra',
  'local',
  'operator',
  'package-lock.json',
  'package.json',
  'ports',
  'producer',
  'state-machines',
  'streams',
];

/** A copy of the project, for tests that change it. */
export interface ProjectCopy {
  readonly root: string;
  /** Adds a dataset as a user would: its file under `datasets/`. @param file one that imports `core/` from where it lies now */
  addDataset(file: string): void;
  remove(): void;
}

export function copyProject(): ProjectCopy {
  const copy = mkdtempSync(join(tmpdir(), 'caudal-project-'));
  for (const source of sources) cpSync(join(root, source), join(copy, source), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return {
    root: copy,
    addDataset(file) {
      const source = readFileSync(file, 'utf8').replaceAll(/'(?:\.\.\/)+(core|formats)\//g, "'../$1/");
      writeFileSync(join(copy, 'datasets', basename(file)), source);
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}
