import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createUploads } from '../../adapters/s3/upload.ts';
import { countOf, formatBytes, formatDuration } from '../../cli/format.ts';
import { duration, flag, oneOf, sensorId, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import { newestExecutions } from '../shared/find-runs.ts';
import { runsOf, uploadTimeMs } from '../shared/landed-files.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { checkFiles, checkText, plainCheck, stoppedText, wouldGoWell } from './check-files.ts';
import { type LandingFile, landingFiles } from './landing-files.ts';
import { sendFile } from './send-file.ts';
import { outcomesPage, type UploadedFile, wentWell } from './upload-page.ts';

/** `caudal upload` */
export const upload = defineInstallationVerb({
  command: 'npm run caudal -- upload',
  summary: 'uploads files of readings, and shows what became of their lines',
  about: [
    'Lands files under landing/<dataset>/, waits for the execution that ingests them, and shows for each how many lines were accepted, and how many rejected for which reason. The files are read first by the code that will ingest them: a call that names a file which cannot be taken, or of which no line would be accepted, uploads nothing.',
  ],
  positionals: {
    file: text({
      help: 'CSV (.csv), JSON (.ndjson, .jsonl, .json), or what a format of the dataset takes, also compressed (.gz)',
      required: true,
      repeatable: true,
    }),
  },
  options: {
    dataset: oneOf(datasets, { help: 'what the lines are readings of', required: true }),
    sensor: sensorId({ help: 'the series of lines that name none' }),
    wait: duration({ help: 'gives up waiting for an execution after so long without any', default: '10m' }),
    'without-preview': flag({ help: 'sends the files without reading them first' }),
    detach: flag({ help: 'uploads, and waits for nothing' }),
    ...jsonOption,
  },
  notes: [
    'A file with the name of one that was uploaded before is a new version of it: its readings replace those of the version before at the same revision. Uploading the same bytes again changes no statistic. All files of a call have one time of upload.',
    'The readings of a file are in memory while it is read: two million of three measures take 400 MB. A file over 512 MiB, or 51 MiB compressed, is sent without.',
    'The exit code is 1 when a file could not be ingested, or no line of it was or would be accepted.',
  ],
  examples: [
    'npm run caudal -- upload 2025-*.csv --dataset water-temperature --sensor pier-1',
    'npm run caudal -- upload readings.ndjson.gz --dataset water-temperature',
  ],
  async run({ file: paths, dataset, sensor, wait, withoutPreview, detach, json }) {
    const files = landingFiles(paths, { dataset, sensorId: sensor });
    const printLines = (lines: readonly string[]) => json || print(lines.join('\n'));
    if (!withoutPreview) {
      const checked = await checkFiles(files, { dataset, nowMs: Date.now() });
      printLines(checked.flatMap(checkText));
      if (!checked.every(wouldGoWell)) {
        if (json) print(JSON.stringify({ uploadedAt: null, files: checked.map(plainCheck) }, null, 2));
        else print(`\n${stoppedText(checked, { dataset, sensorId: sensor }).join('\n')}`);
        return 1;
      }
    }
    const found = await openInstallation();
    const { stepFunctions, installation } = found;
    const before = await newestExecutions(stepFunctions, installation.ingestMachine);
    const beganMs = await uploadTimeMs(found.settings);
    const uploaded = await sendAll(found, files, beganMs);
    printLines(
      uploaded.map(
        ({ file, segment }) => `uploaded     ${file.path} (${formatBytes(file.size)}) to ${segment.key}`,
      ),
    );
    const uploadedAt = new Date(beganMs).toISOString();
    if (detach) {
      if (json) print(JSON.stringify({ uploadedAt, files: uploaded.map(plain) }, null, 2));
      else print('\nFollow them with: npm run caudal -- executions --follow');
      return 0;
    }
    const { runs, byFile } = await runsOf(
      found,
      uploaded.map(({ segment }) => segment),
      { before, patienceMs: wait, printLines },
    );
    const ledgers = await createLedgers(found.documents, installation.jobsTable).ledgers(
      uploaded.map(({ segment }) => segment),
    );
    const outcomes = uploaded.map((each, index) => ({
      ...each,
      execution: byFile.get(segmentIdOf(each.segment)),
      ledger: ledgers[index],
    }));
    const late = outcomes.filter(({ execution }) => execution === undefined).length;
    if (json) {
      const rows = outcomes.map(({ execution, ledger, ...each }) => ({ ...plain(each), execution, ledger }));
      print(JSON.stringify({ uploadedAt, files: rows, runs }, null, 2));
    } else {
      print(`\n${outcomesPage(outcomes)}`);
      if (late > 0) print(`\n✗ ${lateText(late, wait)}`);
    }
    return late === 0 && runs.every(({ status }) => status === 'SUCCEEDED') && outcomes.every(wentWell)
      ? 0
      : 1;
  },
});

const plain = ({ file: { path, size }, segment }: UploadedFile) => ({ path, bytes: size, ...segment });

const lateText = (files: number, wait: number): string =>
  `no execution has taken ${countOf(files, 'file')} within ${formatDuration(wait)}. They are uploaded, and are ingested with a later batch; why it waits: npm run caudal -- status`;

async function sendAll(
  { s3, installation }: OpenInstallation,
  files: readonly LandingFile[],
  beganMs: number,
): Promise<UploadedFile[]> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const bar = createProgress({ total });
  const uploads = createUploads(s3);
  const uploaded: UploadedFile[] = [];
  let done = 0;
  try {
    for (const file of files) {
      const segment = await sendFile(uploads, file, {
        bucket: installation.rawBucket,
        beganMs,
        sent(bytes) {
          done += bytes;
          bar.update(() => `${file.path}, ${formatBytes(done)} of ${formatBytes(total)}`, done);
        },
      });
      uploaded.push({ file, segment });
    }
  } catch (fault) {
    bar.stop();
    const there = uploaded.map(({ file: { path } }) => path).join(', ');
    const said = there === '' ? 'Nothing was uploaded' : `Uploaded were only: ${there}`;
    throw new Error(`${said}. ${(fault as Error).message} Repeating the call is safe.`, { cause: fault });
  } finally {
    bar.stop();
  }
  return uploaded;
}
