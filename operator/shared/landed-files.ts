import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientSettings } from '../../cli/connection.ts';
import { formatDuration } from '../../cli/format.ts';
import { printError } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import type { Segment } from '../../ports/keys.ts';
import { findRuns } from './find-runs.ts';
import { awaitRun, type EndedRun, runLines } from './ingest-run.ts';
import type { OpenInstallation } from './open-installation.ts';
import { clockAheadMs, misleadingMs, watchClock } from './service-clock.ts';

/**
 * The time of this upload, UTC ms. It decides between this upload and others for ever, so it is the service's where the clock of this
 * machine is wrong.
 */
export async function uploadTimeMs(settings: ClientSettings): Promise<number> {
  const client = new STSClient(settings);
  const serviceMs = watchClock(client);
  await client.send(new GetCallerIdentityCommand({}));
  const nowMs = Date.now();
  const atMs = serviceMs();
  if (atMs === undefined || Math.abs(clockAheadMs(atMs, nowMs)) < misleadingMs) return nowMs;
  printError(
    `The clock of this machine is ${formatDuration(Math.abs(clockAheadMs(atMs, nowMs)))} off, so the time of the upload is the service's.`,
  );
  return atMs;
}

/** The executions that took the files, seen to their ends, one after the other. */
export async function runsOf(
  found: OpenInstallation,
  segments: readonly Segment[],
  {
    before,
    patienceMs,
    printLines,
  }: {
    before: readonly string[];
    patienceMs: number;
    printLines: (lines: readonly string[]) => void;
  },
): Promise<{ runs: EndedRun[]; byFile: ReadonlyMap<string, string> }> {
  const line = createProgress();
  const byFile = await findRuns(found.stepFunctions, found.installation.ingestMachine, {
    ...{ segments, before, patienceMs },
    tell: (text) => line.update(() => text),
  }).finally(() => line.stop());
  const runs: EndedRun[] = [];
  for (const executionArn of new Set(byFile.values())) {
    printLines([`execution    ${executionArn.split(':').at(-1)}`]);
    const run = await awaitRun(found, executionArn);
    printLines(runLines(run));
    runs.push(run);
  }
  return { runs, byFile };
}
