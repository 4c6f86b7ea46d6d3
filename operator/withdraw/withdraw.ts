import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-queries.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createSegmentOpener, createVersionLister } from '../../adapters/s3/segments.ts';
import { createPartitionLister } from '../../adapters/s3/stored-days.ts';
import { createUploads } from '../../adapters/s3/upload.ts';
import { duration, flag, instant, oneOf, sensorId, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { listRawObjects, versionsOf } from '../../handlers/operations/raw-objects.ts';
import type { DatasetChanges } from '../../handlers/operations/withdraw/changes.ts';
import { effectsOf } from '../../handlers/operations/withdraw/effects.ts';
import { NothingOfFile } from '../../handlers/operations/withdraw/file-readings.ts';
import {
  changesOf,
  filesOf,
  leftOf,
  uploadFiles,
  type Withdrawal,
} from '../../handlers/operations/withdraw/withdraw.ts';
import { newestExecutions } from '../shared/find-runs.ts';
import { runsOf, uploadTimeMs } from '../shared/landed-files.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { daySpan, daySpanOptions, jsonOption } from '../shared/options.ts';
import { effectsPage } from './withdraw-page.ts';

/** `caudal withdraw` */
export const withdraw = defineInstallationVerb({
  command: 'npm run caudal -- withdraw',
  summary: 'takes readings out of all statistics: one, a span of a series, or a file; and brings them back',
  about: [
    'Shows what would change by month, then uploads a file of withdrawn readings and waits until it is ingested. Withdrawn readings stay in the set and count nowhere: months, days, alerts and lists of sensors follow. Of a file (--key) each reading that no other object holds is withdrawn, and where another one holds it too, that version counts again. Nothing is deleted, so --undo brings back what was withdrawn, with its values.',
  ],
  options: {
    dataset: oneOf(datasets, { help: 'of a series' }),
    sensor: sensorId({ help: 'the series' }),
    at: instant({ help: 'only its reading at this time' }),
    ...daySpanOptions({ of: 'readings of the series taken', kind: 'local' }),
    key: text({ help: 'a file by its key, whether or not it was deleted', valueName: 'KEY' }),
    vanished: flag({ help: 'of the file only what its newest version no longer holds' }),
    undo: flag({ help: 'brings back what was withdrawn' }),
    'dry-run': flag({ help: 'shows what would change, and changes nothing' }),
    wait: duration({ help: 'gives up waiting for an execution after so long without any', default: '10m' }),
    ...jsonOption,
  },
  notes: [
    'It ranks as an upload of now: a file that is uploaded later, or a higher revision, counts again.',
    'Run it while nothing is being ingested: what arrives meanwhile is not looked at.',
    'A reading may always be withdrawn. It comes back only as its dataset takes it now: one that is out of the bounds of time, or of a measure, stays withdrawn, is named, and the exit code is 1.',
  ],
  examples: [
    'npm run caudal -- withdraw --dataset water-temperature --sensor pier-1 --from 2026-03-01 --to 2026-03-05 --dry-run',
    'npm run caudal -- withdraw --key landing/water-temperature/wrong-station.csv',
  ],
  async run({ dryRun, wait, json, ...chosen }) {
    checkChoice(chosen);
    const found = await openInstallation();
    const { installation, documents, stepFunctions } = found;
    const atMs = await uploadTimeMs(found.settings);
    const changes = await plannedChanges(found, chosen, atMs);
    const queries = createStatisticsQueries(documents, installation.statisticsTable);
    const effects = (await Promise.all(changes.map((of) => effectsOf(queries, of)))).flat();
    const plain = effects.map(({ dataset, ...effect }) => ({ dataset: dataset.name, ...effect }));
    const total = changes.reduce((sum, of) => sum + of.changes.length, 0);
    const rejected = changes.flatMap((of) => of.rejected);
    const told = { changes: total, effects: plain, rejected, ...leftOf(changes) };
    if (!json) print(effectsPage(changes, effects, chosen));
    if (dryRun || total === 0) {
      if (json) print(JSON.stringify({ ...told, files: [] }, null, 2));
      else if (dryRun && total > 0) print('\nNothing was changed. Without --dry-run it is done.');
      return rejected.length === 0 ? 0 : 1;
    }
    const before = await newestExecutions(stepFunctions, installation.ingestMachine);
    const files = await uploadFiles(
      { uploads: createUploads(found.s3), rawBucket: installation.rawBucket },
      filesOf(changes, atMs),
      atMs,
    );
    const printLines = (lines: readonly string[]) => json || print(lines.join('\n'));
    printLines(['', ...files.map(({ key }) => `uploaded     ${key}`)]);
    const { runs, byFile } = await runsOf(found, files, { before, patienceMs: wait, printLines });
    if (json) print(JSON.stringify({ ...told, files, runs }, null, 2));
    const isDone = byFile.size === files.length && runs.every(({ status }) => status === 'SUCCEEDED');
    if (!isDone && !json) print('\n✗ it is uploaded, and not ingested yet: npm run caudal -- status');
    if (isDone && !json && !chosen.undo)
      print('\nWithdrawn. The same command with --undo brings back what it took.');
    return isDone && rejected.length === 0 ? 0 : 1;
  },
});

interface Choice {
  readonly dataset?: (typeof datasets)[number] | undefined;
  readonly sensor?: string | undefined;
  /** UTC ms. */
  readonly at?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly key?: string | undefined;
  readonly vanished: boolean;
  readonly undo: boolean;
}

function checkChoice({ dataset, sensor, at, from, to, key, vanished }: Choice): void {
  const ofSeries = [dataset, sensor, at, from, to].some((given) => given !== undefined);
  if (key !== undefined && ofSeries)
    throw new UsageError('Choose a file by --key, or a series by --dataset and --sensor, not both.');
  if (key !== undefined) return;
  if (dataset === undefined || sensor === undefined)
    throw new UsageError('Choose what to withdraw: a file by --key, or a series by --dataset and --sensor.');
  if (vanished) throw new UsageError('--vanished is for a file: give its --key.');
  const hasSpan = from !== undefined || to !== undefined;
  if (at !== undefined && hasSpan)
    throw new UsageError('Choose one reading by --at, or a span by --from and --to.');
  if (at === undefined && (from === undefined || to === undefined))
    throw new UsageError('Choose one reading by --at, or a span by both --from and --to.');
}

async function plannedChanges(
  found: OpenInstallation,
  choice: Choice,
  uploadedMs: number,
): Promise<DatasetChanges[]> {
  const { s3, documents, installation } = found;
  const { rawBucket, curatedBucket } = installation;
  const lister = createVersionLister(s3);
  const ports = {
    curated: createObjects(s3),
    curatedBucket,
    partitions: createPartitionLister(s3, curatedBucket),
    objects: () => listRawObjects(lister, rawBucket),
    versionsOf: (of: string) => versionsOf(lister, rawBucket, of),
    segments: createSegmentOpener(s3),
    ledgers: createLedgers(documents, installation.jobsTable),
  };
  const progress = createProgress();
  try {
    const tell = (said: string) => progress.update(() => said);
    return await changesOf(ports, datasets, withdrawalOf(choice), { uploadedMs, tell });
  } catch (fault) {
    throw fault instanceof NothingOfFile ? new UsageError(fault.message) : fault;
  } finally {
    progress.stop();
  }
}

function withdrawalOf({ dataset, sensor, at, undo, key, vanished, ...days }: Choice): Withdrawal {
  if (dataset === undefined || sensor === undefined) return { kind: 'file', key: key ?? '', vanished, undo };
  const of = at === undefined ? daySpan(days) : { atMs: at };
  return { kind: 'series', dataset, sensorId: sensor, of, undo };
}
