import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arn } from '../../../local/engine/calls.ts';
import type { FunctionConfiguration } from '../../../local/services/lambda/function.ts';

/** A function from source text of an ES module that exports `handler`. */
export function functionOf(
  directory: string,
  name: string,
  source: string,
  settings: Partial<FunctionConfiguration> = {},
): FunctionConfiguration {
  const folder = join(directory, 'assets', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), source);
  return {
    name,
    arn: arn('lambda', `function:${name}`),
    accessKeyId: `LKIA${name}`,
    role: 'role',
    directory: folder,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    environment: {},
    memoryMiB: 128,
    timeoutMs: 5_000,
    logGroup: `/aws/lambda/${name}`,
    ...settings,
  };
}
