import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { synthesize } from '../../demo/synthesize.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import type { RejectedLine } from '../../ports/rejected-lines.ts';
import { caudalIn } from './caudal.ts';
import { root, startCloudWorld } from './cloud-world.ts';
import { copyProject } from './project-copy.ts';

export const fixtures = join(root, 'test', 'fixtures', 'real-files');
export const fixture = (name: string) => readFileSync(join(fixtures, name));

export interface Month {
  count: number;
  measures: Record<string, { count: number; mean: number; min: number; max: number }>;
}

export type RealFiles = Awaited<ReturnType<typeof startRealFiles>>;

/** A local cloud with the datasets of the real files, and what tests ask it. */
export async function startRealFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'caudal-real-files-'));
  const project = copyProject();
  const datasets = join(fixtures, 'datasets');
  for (const file of readdirSync(datasets)) project.addDataset(join(datasets, file));
  const world = await startCloudWorld({ assembly: await synthesize(project.root) });
  /** Lines that were sent so far. */
  let lines = 0;

  /** A month's statistics of one series. */
  async function monthOf(dataset: string, sensor: string, month: string): Promise<Month | undefined> {
    const query = new URLSearchParams({ period: 'month', from: month, to: month, sensor });
    const { statistics } = await world.get<{ statistics: Month[] }>(
      `/datasets/${dataset}/statistics?${query}`,
    );
    return statistics[0];
  }

  async function sensorsOf(dataset: string, month: string): Promise<string[]> {
    const { sensors } = await world.get<{ sensors: { sensorId: string }[] }>(
      `/datasets/${dataset}/sensors?month=${month}&limit=1000`,
    );
    return sensors.map(({ sensorId }) => sensorId);
  }

  /** Line number and reason of each rejected line of a raw object. */
  async function rejectsOf(key: string): Promise<[line: number, reason: string][]> {
    for await (const object of world.ports.objects()) {
      if (object.key !== key) continue;
      const { Body } = await world.s3.send(
        new GetObjectCommand({
          Bucket: world.target.curatedBucket,
          Key: `rejects/${segmentIdOf(object)}.ndjson`,
        }),
      );
      const text = (await Body?.transformToString()) ?? '';
      return text
        .trimEnd()
        .split('\n')
        .map((line) => {
          const { line: number, reason } = JSON.parse(line) as RejectedLine;
          return [number, reason];
        });
    }
    throw new Error(`there is no object ${key}`);
  }

  /** The newest version of a raw object, and what is recorded of it. */
  async function ledgerOf(key: string) {
    for await (const object of world.ports.objects())
      if (object.key === key) return [object, (await world.ports.ledgers.ledgers([object]))[0]] as const;
    throw new Error(`there is no object ${key}`);
  }

  return {
    /** For files that are to be sent. */
    folder,
    project,
    world,
    ...{ monthOf, sensorsOf, rejectsOf, ledgerOf },
    /** So many more lines were sent, and are ingested: a verb has waited for it. */
    sent(more: number): void {
      lines += more;
    },
    /** Waits until so many more lines are ingested. */
    async settled(more: number): Promise<void> {
      lines += more;
      await world.settled(lines);
    },
    verb: (...args: string[]) => caudalIn(project.root, world.cloud.endpointUrl, ...args),
    /** For a producer that sends there. */
    producing: () => ({ root: project.root, url: world.cloud.endpointUrl }),
    async close(): Promise<void> {
      await world.close();
      project.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
