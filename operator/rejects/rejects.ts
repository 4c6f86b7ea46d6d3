import { readFileSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createRejectsReader } from '../../adapters/s3/rejects-files.ts';
import { createSegmentOpener, createVersionLister } from '../../adapters/s3/segments.ts';
import { countOf, formatCount } from '../../cli/format.ts';
import { choice, flag, oneOf, text, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { type RejectReason, rejectReasons } from '../../core/dataset/reading.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import {
  countedLines,
  isNamed,
  namedObjects,
  type RejectsFilter,
  rejectedLines,
} from '../../handlers/operations/rejected-lines.ts';
import { fixableLines, fixedKey } from '../../handlers/operations/rejects/fixable-lines.ts';
import { type RefusedFile, refusedFiles } from '../../handlers/operations/rejects/refused-files.ts';
import type { RejectedLine } from '../../ports/rejected-lines.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { daySpan, daySpanOptions, spanText } from '../shared/options.ts';
import { refusedText } from '../shared/refused-files.ts';
import { writeFixable } from './fix-files.ts';
import {
  countedPage,
  otherLines,
  RejectsSummary,
  rejectsPage,
  unvalidatedPage,
  writtenPage,
} from './rejects-page.ts';

/** Lines that `--out` holds in memory: with texts of 4 KiB at the most some gigabytes, usually far less. */
const maxOutLines = 500_000;

/** `caudal rejects` */
export const rejects = defineInstallationVerb({
  command: 'npm run caudal -- rejects',
  summary:
    'sums the rejected lines by file and reason and shows them, writes them to a file to be fixed, uploads fixed ones',
  usage: [
    '[--dataset NAME] [--from DAY] [--to DAY] [--file NAME] [--reason REASON] [--limit N] [--out FILE] [--json]',
    '--submit FILE [--into FOLDER] [--json]',
  ],
  options: {
    dataset: oneOf(datasets, { help: 'lines meant for this dataset; lines that name none are left out' }),
    ...daySpanOptions({ of: 'lines whose objects arrived', kind: 'UTC' }),
    file: text({ valueName: 'NAME', help: 'only of this file: its name, or its whole key' }),
    reason: choice(rejectReasons, { help: 'only this reason', valueName: 'REASON' }),
    limit: wholeNumber({ help: 'lines to show; the sums count all', min: 0, default: 20 }),
    out: text({
      valueName: 'FILE',
      help: 'writes the lines byte for byte as they were, to be fixed in an editor, and beside them why each was rejected, as file:line. CSV rows come under their header, in a separate file',
    }),
    submit: text({
      valueName: 'FILE',
      help: 'uploads a fixed file, if every line of it is valid now; otherwise says what is still wrong',
    }),
    into: text({
      valueName: 'FOLDER',
      help: 'where to, as --out says; landing/ is for lines that name their dataset',
      pattern: /^landing\/([^/]+\/)*$/,
      accepted: 'a folder such as landing/water-temperature/',
      default: 'landing/',
    }),
    json: flag({
      help: 'for machines: one rejected line a line, then one object a line whose other lines are only counted, then one refused file a line',
    }),
  },
  exclusive: [['out', 'submit']],
  notes: [
    'A fixed line is a new line. The rejected one stays in the raw bucket and in the counts, which is what keeps lines = rejected + distinct + repeated + superseded + contested.',
  ],
  examples: ['npm run caudal -- rejects --from 2026-01-01 --reason out-of-range --out fix.ndjson'],
  async run({ dataset, file, reason, limit, out, submit, into, json, ...given }) {
    if (submit !== undefined) return submitFixed(submit, into, json);
    const span = daySpan(given);
    const filter: RejectsFilter = {
      fromMs: span.from === undefined ? 0 : Date.parse(span.from),
      toMs: span.to === undefined ? Date.now() + 86_400_000 : Date.parse(span.to) + 86_400_000,
      dataset: dataset?.name,
      reason,
      file,
    };
    const found = await openInstallation();
    const lines = rejectedLines(portsOf(found), filter);
    const counted = await countedLines(portsOf(found), filter);
    if (out !== undefined) {
      const isEmpty = await writeOut(found, lines, { out, json });
      if (!json && counted.length > 0) print(`\n${countedPage(counted)}`);
      if (isEmpty && file !== undefined) await checkNamed(found, { ...filter, file }, spanText(span));
      return 0;
    }
    const summary = new RejectsSummary(limit);
    for await (const line of lines) {
      summary.add(line);
      if (json) print(JSON.stringify(line));
    }
    if (json) for (const of of counted) print(JSON.stringify(of));
    const refused: RefusedFile[] = [];
    if (reason === undefined)
      for await (const of of refusedFiles(portsOf(found), filter)) {
        if (file !== undefined && !isNamed(of.key, file)) continue;
        refused.push(of);
        if (json) print(JSON.stringify(of));
      }
    if (file !== undefined && summary.lines + refused.length === 0) {
      const unvalidated = await checkNamed(found, { ...filter, file }, spanText(span));
      if (unvalidated.length > 0) {
        if (!json) print(unvalidatedPage(unvalidated));
        return 1;
      }
    }
    if (!json)
      print(
        [
          ...refused.map((of) => `${refusedText(of).join('\n')}\n`),
          ...(refused.length > 0 && summary.lines === 0 ? [] : [rejectsPage(summary, spanText(span))]),
          ...(counted.length === 0 ? [] : ['', countedPage(counted)]),
        ].join('\n'),
      );
    return 0;
  },
});

/**
 * @returns the objects of the name of which nothing is known yet
 * @throws {UsageError} when none has the name
 */
async function checkNamed(
  found: OpenInstallation,
  filter: RejectsFilter & { file: string },
  span: string,
): Promise<readonly string[]> {
  const { keys, unvalidated, similar } = await namedObjects(portsOf(found), filter);
  if (keys.length > 0) return unvalidated;
  const others = similar.length === 0 ? '' : ` Names like it: ${similar.join(', ')}.`;
  throw new UsageError(
    `No raw object has the name ${filter.file} (arrived: ${span}). It is a file's name or its whole key, in the same case.${others}`,
  );
}

function portsOf({ s3, documents, installation }: OpenInstallation) {
  return {
    lister: createVersionLister(s3),
    ledgers: createLedgers(documents, installation.jobsTable),
    rawBucket: installation.rawBucket,
    lines: createRejectsReader(s3, installation.curatedBucket),
  };
}

/** @returns whether there was nothing to write */
async function writeOut(
  { s3 }: OpenInstallation,
  lines: AsyncIterable<RejectedLine>,
  { out, json }: { out: string; json: boolean },
): Promise<boolean> {
  const rejected: RejectedLine[] = [];
  for await (const line of lines) {
    rejected.push(line);
    if (rejected.length > maxOutLines) {
      throw new UsageError(
        `There are more than ${formatCount(maxOutLines)} lines. Narrow them down by day, dataset or reason.`,
      );
    }
  }
  const { files, others } = await fixableLines(createSegmentOpener(s3), rejected, datasets);
  const result = files.length === 0 ? undefined : writeFixable(out, files);
  if (json) print(JSON.stringify({ ...result, others }, null, 2));
  else {
    print(result === undefined ? 'There is no line to fix.' : writtenPage(result));
    if (others.length > 0) print(`\n${otherLines(others)}`);
  }
  return rejected.length === 0;
}

async function submitFixed(path: string, folder: string, json: boolean): Promise<number> {
  const bytes = readFileSync(path);
  const format = path.endsWith('.csv') ? 'csv' : 'ndjson';
  const key = fixedKey(folder, format, bytes);
  const wrong: { line: number; reason: RejectReason; detail: string }[] = [];
  async function* whole() {
    yield bytes;
  }
  const totals = await parseSegment(
    { source: { key, arrivedMs: Date.now(), accepted: true }, datasets, bytes: whole() },
    { reading: () => {}, rejected: (line, reason, detail) => void wrong.push({ line, reason, detail }) },
  );
  if (totals.refusal !== undefined) {
    const { detail, cause } = totals.refusal;
    if (json) print(JSON.stringify({ uploaded: false, refusal: totals.refusal }, null, 2));
    else print(`${path}: ${detail}${cause === undefined ? '' : `; likely: ${cause}`}. Nothing was uploaded.`);
    return 1;
  }
  if (wrong.length > 0) {
    if (json) print(JSON.stringify({ uploaded: false, wrong }, null, 2));
    else {
      for (const { line, reason, detail } of wrong.slice(0, 100))
        print(`${path}:${line}: ${reason}: ${detail}`);
      print(
        `\n${formatCount(wrong.length)} of ${countOf(totals.lines, 'line')} still wrong, so nothing was uploaded. Fix them, or take them out.`,
      );
    }
    return 1;
  }
  const { s3, installation } = await openInstallation();
  await s3.send(new PutObjectCommand({ Bucket: installation.rawBucket, Key: key, Body: bytes }));
  if (json) print(JSON.stringify({ uploaded: true, key, lines: totals.lines }, null, 2));
  else {
    print(`Uploaded ${countOf(totals.lines, 'line')} to s3://${installation.rawBucket}/${key}`);
    print('They are ingested with the next batch. Watch it with: npm run caudal -- executions --follow');
  }
  return 0;
}
