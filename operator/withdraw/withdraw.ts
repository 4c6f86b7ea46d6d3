import { createHash } from 'node:crypto';
import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-queries.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createSegmentOpener } from '../../adapters/s3/segments.ts';
import { createUploads } from '../../adapters/s3/upload.ts';
import { duration, flag, instant, oneOf, sensorId, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { landingKey } from '../../core/lines/segment-origin.ts';
import { localDay } from '../../core/time/calendar.ts';
import type { Segment } from '../../ports/keys.ts';
import { createReconcilePorts } from '../reconcile/reconcile-ports.ts';
import { newestExecutions } from '../shared/find-runs.ts';
import { runsOf, uploadTimeMs } from '../shared/landed-files.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { daySpan, daySpanOptions, jsonOption } from '../shared/options.ts';
import { listDeletedFiles, listRawObjects, type RawObject } from '../shared/raw-objects.ts';
import { changesOfFile, changesOfSeries, type DatasetChanges, lineOf } from './changes.ts';
import { effectsOf } from './effects.ts';
import { NothingOfFile, ownFileName, readFile } from './file-readings.ts';
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
    const changes = await changesOf(found, chosen, atMs);
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
    const files = await uploadChanges(found, changes, atMs);
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

/** What is left as it is, and what other rules took, for machines. */
function leftOf(changes: readonly DatasetChanges[]) {
  const sum = (of: (each: DatasetChanges) => number) => changes.reduce((total, each) => total + of(each), 0);
  return {
    unchanged: sum(({ unchanged }) => unchanged),
    heldByOthers: sum(({ held = 0 }) => held),
    ofOlderRules: sum(({ older }) => older?.changes ?? 0),
    doubtful: Object.fromEntries(changes.flatMap(({ older }) => [...(older?.doubtful ?? [])])),
    untold: sum(({ older }) => older?.untold ?? 0),
  };
}

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

async function changesOf(
  found: OpenInstallation,
  choice: Choice,
  uploadedMs: number,
): Promise<DatasetChanges[]> {
  const { s3, documents, installation } = found;
  const { rawBucket, curatedBucket } = installation;
  const { partitions } = createReconcilePorts({ ...found, ...installation });
  const ports = { curated: createObjects(s3), curatedBucket, partitions };
  const { dataset, sensor, undo, key, vanished } = choice;
  if (dataset !== undefined && sensor !== undefined) {
    return [
      await changesOfSeries(ports, {
        dataset,
        sensorId: sensor,
        ...{ undo, uploadedMs },
        ...timesOf(dataset.timeZone, choice),
      }),
    ];
  }
  const progress = createProgress();
  const filePorts = {
    ...ports,
    objects: () => listRawObjects(s3, rawBucket),
    versionsOf: (of: string) => versionsOf(found, of),
    segments: createSegmentOpener(s3),
    ledgers: createLedgers(documents, installation.jobsTable),
  };
  try {
    const tell = (said: string) => progress.update(() => said);
    const files = await readFile(filePorts, { key: key ?? '', vanished, datasets, tell });
    return await Promise.all(files.map((file) => changesOfFile(ports, file, { undo, uploadedMs })));
  } catch (fault) {
    throw fault instanceof NothingOfFile ? new UsageError(fault.message) : fault;
  } finally {
    progress.stop();
  }
}

function timesOf(timeZone: string, { at, ...days }: Choice) {
  if (at === undefined) return { span: daySpan(days) };
  const day = localDay(timeZone, at);
  return { span: { from: day, to: day }, atMs: at };
}

async function* versionsOf({ s3, installation }: OpenInstallation, key: string): AsyncGenerator<RawObject> {
  let found = false;
  for await (const object of listRawObjects(s3, installation.rawBucket, key)) {
    if (object.key !== key) continue;
    found = true;
    yield object;
  }
  if (found) return;
  for await (const object of listDeletedFiles(s3, installation.rawBucket, key)) {
    if (object.key === key) yield object;
  }
}

/** A file a dataset. Its name follows from its lines: doing it again overwrites it. */
async function uploadChanges(
  { s3, installation }: OpenInstallation,
  all: readonly DatasetChanges[],
  atMs: number,
): Promise<Segment[]> {
  const files: Segment[] = [];
  for (const { dataset, changes } of all.filter((of) => of.changes.length > 0)) {
    const lines = changes.map((change) => `${lineOf(dataset, change, atMs)}\n`).join('');
    const digest = createHash('sha256').update(lines).digest('hex');
    const key = landingKey({ dataset, sensorId: undefined, file: ownFileName(digest) });
    const upload = createUploads(s3).upload({
      ...{ bucket: installation.rawBucket, key, contentType: 'application/x-ndjson' },
      metadata: { 'uploaded-at': new Date(atMs).toISOString() },
    });
    await upload.write(Buffer.from(lines));
    files.push({ bucket: installation.rawBucket, key, versionId: await upload.complete() });
  }
  return files;
}
