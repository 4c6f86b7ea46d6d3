import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import {
  createCommitStore,
  createNotificationLog,
  createSnapshotStore,
  createStreamRestore,
} from '../../adapters/dynamodb/streams-table.ts';
import { createSegmentOpener, createVersionLister } from '../../adapters/s3/segments.ts';
import { countOf, formatCount } from '../../cli/format.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { endOfTimeMs } from '../../handlers/ingest/plan-ingest/input.ts';
import { listReplay } from '../../handlers/ingest/plan-ingest/replay.ts';
import { streams } from '../../streams/registry.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { type Rebuilt, rebuildStreams } from './rebuild-streams.ts';

interface Typed {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly dataset: { readonly name: string } | undefined;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly lost: boolean;
  readonly json: boolean;
}

/** `caudal replay --streams` @returns the exit code: 1 where the store is not what the raw log says */
export async function replayStreams({ json, lost, ...typed }: Typed): Promise<number> {
  const odd = Object.entries({ ...typed, dataset: typed.dataset?.name }).find(([, value]) => value);
  if (odd !== undefined)
    throw new UsageError(
      '--streams goes with --lost and --json alone: a store is built again from all that arrived.',
    );
  const { s3, documents, installation } = await openInstallation();
  const { streamsTable: table, jobsTable, rawBucket } = installation;
  if (table === undefined)
    throw new UsageError('This installation has no streams (caudal:streams is false).');
  const fed = datasets.filter(({ name }) => streams.some(({ facts }) => facts.dataset === name));
  const scope = { versions: createVersionLister(s3), ledgers: createLedgers(documents, jobsTable) };
  const line = createProgress();
  const rebuilt = await rebuildStreams(
    {
      // By arrival, and all of it: also objects that were not ingested.
      async *objects() {
        for (const { name } of fed)
          yield* listReplay(
            scope,
            { rawBucket, datasets },
            { by: 'arrival', fromMs: 0, toMs: endOfTimeMs, dataset: name },
          );
      },
      segments: createSegmentOpener(s3),
      restore: createStreamRestore(documents, table),
      commits: createCommitStore(documents, table),
      snapshots: createSnapshotStore(documents, table),
      log: createNotificationLog(documents, table),
    },
    { datasets: fed, streams, isLost: lost },
    (text) => line.update(() => text),
  ).finally(() => line.stop());
  print(json ? JSON.stringify(rebuilt, null, 2) : pageOf(rebuilt));
  return rebuilt.faults.length > 0 ? 1 : 0;
}

function pageOf({ objects, facts, streams: found, commits, entries, snapshots, faults }: Rebuilt): string {
  const counted = (of: { written: number; there: number }) =>
    `${formatCount(of.written)} written, ${formatCount(of.there)} were there`;
  return [
    `raw log      ${countOf(objects, 'object')}, ${countOf(facts, 'line')} of ${countOf(found, 'stream')}`,
    `commits      ${counted(commits)}`,
    `log entries  ${counted(entries)}`,
    `snapshots    ${formatCount(snapshots)} kept`,
    '',
    ...(faults.length === 0 ? ['✓ the store is what the raw log says'] : faults.map((fault) => `✗ ${fault}`)),
  ].join('\n');
}
