import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCloud } from '../local/engine/cloud.ts';
import { synthesize } from './synthesize.ts';

/** Editors write a file in several steps. */
const settleMs = 300;

/**
 * Takes datasets in as their files are added, changed or removed while the cloud is up: the app is synthesized again, and the functions get
 * its code. What is wrong with a file is told, and the cloud goes on with the datasets that it has.
 * @param signal ends it
 */
export async function reloadDatasets({
  root,
  build,
  cloud,
  assembly,
  stage,
  options,
  tell,
  signal,
}: {
  root: string;
  /** Directory of what is built. */
  build: string;
  cloud: LocalCloud;
  /** The one that the cloud runs. */
  assembly: string;
  /** The stage that it was made for. */
  stage: string | undefined;
  /** The configuration that it was made with, by context key. */
  options: Readonly<Record<string, unknown>>;
  tell: (step: string) => void;
  signal: AbortSignal;
}): Promise<void> {
  const folder = join(root, 'datasets');
  let running = assembly;
  let changes = 0;
  let wake = Promise.withResolvers<void>();
  const changed = () => {
    changes += 1;
    wake.resolve();
  };
  signal.addEventListener('abort', changed, { once: true });
  watch(folder, { persistent: false, signal }, changed).on('error', () => {}); // aborted, or the folder is gone
  while (!signal.aborted) {
    await wake.promise;
    wake = Promise.withResolvers<void>();
    for (let seen = -1; seen !== changes; ) {
      seen = changes;
      await sleep(settleMs);
    }
    if (signal.aborted) return;
    try {
      // As they are now: what is added meanwhile may be too late for what is built, and comes with the next one.
      const names = datasetNames(folder);
      const next = await synthesize(root, build, {
        stage,
        options,
        making: () =>
          tell('datasets/ has changed: taking it in, which takes some seconds, on a busy machine minutes'),
      });
      if (next === running) continue;
      if (cloud.replaceCode(next)) {
        running = next;
        tell(`datasets now: ${names.join(', ')}`);
      } else tell('more than datasets and code has changed: stop the cloud and start it again to take it in');
    } catch (fault) {
      tell(
        `datasets/ is not taken in, and the cloud goes on without the change: ${(fault as Error).message}`,
      );
    }
  }
}

const datasetNames = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => /^[a-z][a-z0-9-]*\.ts$/.test(file) && file !== 'registry.ts')
    .map((file) => file.slice(0, -'.ts'.length));
