import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../demo/synthesize.ts';
import { type CloudOptions, type LocalCloud, startCloud } from '../../local/engine/cloud.ts';

export const root = join(import.meta.dirname, '..', '..');

/**
 * A local cloud of the synthesized app, in this process, on free ports.
 * It has the users of `npm start`.
 * @param options.directory kept when given, otherwise a temporary one that is removed at the end
 */
export async function startTestCloud(
  options: Partial<CloudOptions> = {},
): Promise<{ cloud: LocalCloud; close(): Promise<void> }> {
  const assembly = await synthesize(root);
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'caudal-')));
  const cloud = await startCloud({
    assembly,
    directory,
    ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
    timeScale: 300,
    alarmsByThemselves: false,
    users: ['operator', 'viewer'].map((name) => ({ name, groups: [name] })),
    ...options,
  });
  return {
    cloud,
    async close() {
      await cloud.close();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}
