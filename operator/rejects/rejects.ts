import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { datasets } from '#datasets';
import { createSegmentOpener, createVersionLister } from '../../adapters/s3/segments.ts';
import { countOf, formatCount } from '../../cli/table.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { type RejectReason, rejectReasons } from '../../core/dataset/reading.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import type { RejectedLine } from '../../handlers/ingest/validate-segment/rejects-file.ts';
import { type Reach, reach } from '../shared/clients.ts';
import { createLedgers } from '../shared/ledgers.ts';
import { datasetOption, daySpan, spanText, wholeNumber } from '../shared/options.ts';
import type { Verb } from '../shared/verb.ts';
import { mendable, mendedKey } from './mendable.ts';
import { type RejectsFilter, rejectedLines } from './rejected-lines.ts';
import { writeMendable } from './rejects-files.ts';
import { otherLines, RejectsSummary, rejectsPage, writtenPage } from './rejects-page.ts';

/** Lines that `--out` holds in memory: with texts of 4 KiB at the most some gigabytes, usually far less. */
const maxOutLines = 500_000;

/** `caudal rejects [filters] [--out FILE] | --submit FILE` */
export const rejects: Verb = {
  name: 'rejects',
  summary: 'shows the lines that were rejected and why, writes them out for mending, submits mended ones',
  help: [
    'Usage: npm run caudal -- rejects [--dataset D] [--from DAY] [--to DAY] [--reason R] [--limit N] [--out FILE] [--json]',
    '       npm run caudal -- rejects --submit FILE [--into FOLDER] [--json]',
    '',
    '  --dataset D        lines meant for this dataset; lines that name none are left out',
    '  --from, --to DAY   when their objects arrived: UTC days, both included',
    `  --reason R         only this reason: ${rejectReasons.slice(0, 6).join(', ')}, …`,
    '  --limit N          lines to show (default 20); the sums count all',
    '  --out FILE         writes the lines as they were, to be mended in an editor, and beside them why each was rejected, as',
    '                     file:line. CSV rows come under their header, in a file of their own',
    '  --submit FILE      uploads a mended file, if every line of it is valid now; otherwise tells what is still wrong',
    '  --into FOLDER      where to, as --out tells it (default landing/, for lines that name their dataset)',
    '  --json             for machines: one rejected line a line',
    '',
    'A mended line is a new line. The rejected one stays in the raw bucket and in the counts, which is what keeps',
    'lines = rejected + distinct + repeated.',
    '',
    'Example: npm run caudal -- rejects --from 2026-01-01 --reason out-of-range --out mend.ndjson',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({
      args: argv,
      options: {
        dataset: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        reason: { type: 'string' },
        limit: { type: 'string', default: '20' },
        out: { type: 'string' },
        submit: { type: 'string' },
        into: { type: 'string', default: 'landing/' },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.submit !== undefined) {
      if (!/^landing\/([^/]+\/)*$/.test(values.into)) {
        throw new UsageError(
          `--into takes a folder such as landing/water-temperature/, not "${values.into}".`,
        );
      }
      return submit(values.submit, values.into, values.json);
    }
    const span = daySpan(values);
    const filter: RejectsFilter = {
      fromMs: span.from === undefined ? 0 : Date.parse(span.from),
      toMs: span.to === undefined ? Date.now() + 86_400_000 : Date.parse(span.to) + 86_400_000,
      dataset: values.dataset === undefined ? undefined : datasetOption(values.dataset, datasets).name,
      reason: reasonOption(values.reason),
    };
    const limit = wholeNumber('limit', values.limit, 0);
    const found = await reach();
    const lines = rejectedLines(portsOf(found), filter);
    if (values.out !== undefined) return writeOut(found, lines, { out: values.out, json: values.json });
    const summary = new RejectsSummary(limit);
    for await (const line of lines) {
      summary.add(line);
      if (values.json) console.log(JSON.stringify(line));
    }
    if (!values.json) console.log(rejectsPage(summary, spanText(span)));
    return 0;
  },
};

function portsOf({ s3, documents, installation }: Reach) {
  return {
    lister: createVersionLister(s3),
    ledgers: createLedgers(documents, installation.jobsTable),
    rawBucket: installation.rawBucket,
    async *lines(key: string): AsyncGenerator<string> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: installation.curatedBucket, Key: key }));
      yield* createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY }); // in Node a Readable
    },
  };
}

async function writeOut(
  { s3 }: Reach,
  lines: AsyncIterable<RejectedLine>,
  { out, json }: { out: string; json: boolean },
): Promise<number> {
  const rejected: RejectedLine[] = [];
  for await (const line of lines) {
    rejected.push(line);
    if (rejected.length > maxOutLines) {
      throw new UsageError(
        `There are more than ${formatCount(maxOutLines)} lines. Narrow them down by day, dataset or reason.`,
      );
    }
  }
  const { files, others } = await mendable(createSegmentOpener(s3), rejected, datasets);
  const result = files.length === 0 ? undefined : writeMendable(out, files);
  if (json) console.log(JSON.stringify({ ...result, others }, null, 2));
  else {
    console.log(result === undefined ? 'There is no line to mend.' : writtenPage(result));
    if (others.length > 0) console.log(`\n${otherLines(others)}`);
  }
  return 0;
}

async function submit(path: string, folder: string, json: boolean): Promise<number> {
  const bytes = readFileSync(path);
  const format = path.endsWith('.csv') ? 'csv' : 'ndjson';
  const key = mendedKey(folder, format, bytes);
  const wrong: { line: number; reason: RejectReason; detail: string }[] = [];
  async function* whole() {
    yield bytes;
  }
  const totals = await parseSegment(
    { source: { key }, datasets, bytes: whole() },
    { reading: () => {}, rejected: (line, reason, detail) => void wrong.push({ line, reason, detail }) },
  );
  if (wrong.length > 0) {
    if (json) console.log(JSON.stringify({ uploaded: false, wrong }, null, 2));
    else {
      for (const { line, reason, detail } of wrong.slice(0, 100))
        console.log(`${path}:${line}: ${reason}: ${detail}`);
      console.log(
        `\n${formatCount(wrong.length)} of ${countOf(totals.lines, 'line')} still wrong, so nothing was uploaded. Mend them, or take them out.`,
      );
    }
    return 1;
  }
  const { s3, installation } = await reach();
  await s3.send(new PutObjectCommand({ Bucket: installation.rawBucket, Key: key, Body: bytes }));
  if (json) console.log(JSON.stringify({ uploaded: true, key, lines: totals.lines }, null, 2));
  else {
    console.log(`Uploaded ${countOf(totals.lines, 'line')} to s3://${installation.rawBucket}/${key}`);
    console.log(
      'They are ingested with the next batch. Watch it with: npm run caudal -- executions --follow',
    );
  }
  return 0;
}

function reasonOption(text: string | undefined): RejectReason | undefined {
  if (text === undefined) return undefined;
  const reason = rejectReasons.find((candidate) => candidate === text);
  if (reason === undefined)
    throw new UsageError(`--reason takes one of ${rejectReasons.join(', ')}, not "${text}".`);
  return reason;
}
