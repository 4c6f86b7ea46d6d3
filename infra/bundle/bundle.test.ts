import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleDirectory, handlerFolders } from './bundle.ts';
import { writeDatasetsIndex } from './datasets-index.ts';

const root = join(import.meta.dirname, '..', '..');
const handlers = handlerFolders(root);
const datasetNames = readdirSync(join(root, 'datasets'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('registry.'))
  .map((file) => file.slice(0, -'.ts'.length));

describe('a bundle', () => {
  beforeAll(() => writeDatasetsIndex(root));

  test.each(handlers)('of %s exports its handler and is small enough to start fast', (handler) => {
    const { directory } = bundleDirectory({ root, handler });
    const code = readFileSync(join(directory, 'index.mjs'), 'utf8');
    expect(code).toMatch(/export\{[^}]*\bas handler\b[^}]*\}/);
    // Lambda loads and parses all of it at each cold start.
    expect(code.length).toBeLessThan(1_500_000);
    expect(existsSync(join(directory, 'index.mjs.map'))).toBe(true);
  });

  test('is the same when it is made again', () => {
    const [first, second] = [1, 2].map(() => bundleDirectory({ root, handler: 'ingest/plan-ingest' }));
    expect(second).toEqual(first);
  });

  test('carries every dataset, and not the module that reads a directory', () => {
    const { directory } = bundleDirectory({ root, handler: 'ingest/validate-segment' });
    const code = readFileSync(join(directory, 'index.mjs'), 'utf8');
    for (const name of datasetNames) expect(code).toContain(`"${name}"`);
    const { sources } = JSON.parse(readFileSync(join(directory, 'index.mjs.map'), 'utf8')) as {
      sources: string[];
    };
    expect(sources.some((source) => source.endsWith('datasets.generated.ts'))).toBe(true);
    expect(sources.some((source) => source.endsWith('datasets/registry.ts'))).toBe(false);
  });

  test('of a handler that does not exist says so', () => {
    expect(() => bundleDirectory({ root, handler: 'no-such-handler' })).toThrow(/no-such-handler/);
  });
});
