import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { body, datasets, request } from '../../../test/support/api-world.ts';
import { createDescribeApi } from './describe-api.ts';

const { resolve } = createRequire(import.meta.url);

/**
 * openapi-typescript makes syntax trees with TypeScript's own library, which TypeScript 7 does not have any more. It gets the one
 * that ts-morph carries; package.json tells npm that any TypeScript will do for it.
 */
const earlierTypeScript = new URL('typescript.js', pathToFileURL(resolve('@ts-morph/common'))).href;
const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'typescript' && context.parentURL?.includes('/openapi-typescript/')
      ? { url: earlierTypeScript, shortCircuit: true }
      : next(specifier, context),
});

const directory = mkdtempSync(join(tmpdir(), 'caudal-openapi-types-'));
afterAll(() => {
  hooks.deregister();
  rmSync(directory, { recursive: true, force: true });
});

/** What a client in TypeScript writes, by the names of the document. */
const client = `import type { components, operations, paths } from './api.ts';

type Answer<Of extends keyof operations> = operations[Of] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
} ? Body : never;

export const means = ({ statistics }: Answer<'queryStatistics'>): (number | undefined)[] =>
  statistics.map(({ measures }) => measures.temperature?.mean);
export const query: paths['/datasets/{dataset}/statistics']['get']['parameters'] = {
  path: { dataset: 'water-temperature' },
  query: { from: '2024-01', to: '2024-02', limit: 10 },
};
export const states: Answer<'getJob'>['state'][] = ['Pending', 'Processing', 'Completed', 'Failed'];
export const told = ({ type, detail }: components['schemas']['Problem']): string => \`\${type}: \${detail}\`;
// @ts-expect-error: there is no such period
export const wrong: Answer<'queryStatistics'>['period'] = 'fortnight';
`;

test('a client in TypeScript compiles by the types that openapi-typescript makes of the document', async () => {
  const { astToString, default: typesOf } = await import('openapi-typescript');
  const answer = createDescribeApi({
    datasets,
    version: '1.2.3',
    tokenUrl: 'https://tokens.invalid/oauth2/token',
    onFault: (fault) => expect(fault).toBeUndefined(),
  });
  const document = body(await answer(request('GET', '/openapi.json')));
  writeFileSync(join(directory, 'api.ts'), astToString(await typesOf(document)));
  writeFileSync(join(directory, 'client.ts'), client);
  const compiler = join(resolve('typescript/package.json'), '..', 'bin', 'tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--allowImportingTsExtensions',
    '--types',
    '',
    '--module',
    'nodenext',
  ];
  const compiled = spawnSync(process.execPath, [compiler, ...options, join(directory, 'client.ts')], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(compiled.stdout + compiled.stderr).toBe('');
  expect(compiled.status).toBe(0);
});
