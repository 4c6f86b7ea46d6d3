import { join } from 'node:path';
import { synthesize } from '../../demo/synthesize.ts';

/** Makes the assembly before the first test, so that tests that start a cloud find it instead of making it at the same time. */
export default async function setup(): Promise<void> {
  await synthesize(join(import.meta.dirname, '..', '..'));
}
