import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createObjects } from '../../adapters/s3/objects.ts';
import { countOf, formatCount, formatDuration } from '../../cli/format.ts';
import { createProgress } from '../../cli/progress.ts';
import type { MapResults } from '../../handlers/ingest/map-results.ts';
import type { StateVisit } from '../../ports/executions.ts';
import { shortCause } from '../../ports/faults.ts';
import type { ObjectReader } from '../../ports/objects.ts';
import type { JobTotals } from '../../ports/records.ts';
import { describeExecution, followExecution } from './execution-queries.ts';
import type { OpenInstallation } from './open-installation.ts';

/** An execution that a verb started and saw to its end. */
export interface EndedRun {
  readonly name: string;
  readonly executionArn: string;
  readonly status: string;
  readonly tookMs: number;
  readonly error?: string;
  readonly cause?: string;
  readonly outcome: IngestOutcome;
}

/** Starts the ingest machine. @returns the execution's ARN */
export async function startIngest(
  { stepFunctions, installation }: OpenInstallation,
  { name, input }: { name: string; input: string },
): Promise<string> {
  const { executionArn = '' } = await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: installation.ingestMachine, name, input }),
  );
  return executionArn;
}

/** Waits for an execution; Ctrl-C leaves it running. */
export async function awaitRun(
  { stepFunctions, s3 }: OpenInstallation,
  executionArn: string,
): Promise<EndedRun> {
  const line = createProgress();
  try {
    const ended = await followExecution(stepFunctions, executionArn, (text) => line.update(() => text));
    const view = await describeExecution(stepFunctions, executionArn);
    const began = ended.redriveDate ?? ended.startDate;
    return {
      name: ended.name ?? '',
      executionArn,
      status: ended.status ?? '?',
      tookMs: (ended.stopDate?.getTime() ?? 0) - (began?.getTime() ?? 0),
      ...(ended.error === undefined ? {} : { error: ended.error }),
      ...(ended.cause === undefined ? {} : { cause: ended.cause }),
      outcome: await ingestOutcome(createObjects(s3), view?.visits ?? []),
    };
  } finally {
    line.stop();
  }
}

/** How an execution ended, and what it merged, one thing a line. */
export function runLines({ name, status, tookMs, error, cause, outcome }: EndedRun): string[] {
  const { totals, merged, sent } = outcome;
  const lines = [`ended        ${status} after ${formatDuration(tookMs)}`];
  if (error !== undefined) lines.push(`error        ${error}: ${shortCause(cause, 1_500)}`);
  if (totals !== undefined) {
    const failed = totals.failedSegments > 0 ? `, ${formatCount(totals.failedSegments)} of them failed` : '';
    const refused = totals.refused > 0 ? `, nothing taken of ${countOf(totals.refused, 'refused file')}` : '';
    const dropped = totals.dropped > 0 ? `, ${countOf(totals.dropped, 'value')} dropped` : '';
    const cut =
      totals.unterminated > 0
        ? `, the last row of ${countOf(totals.unterminated, 'file')} not ended by a newline`
        : '';
    const counted =
      totals.withoutText === undefined
        ? ''
        : ` (the text of ${countOf(totals.withoutText, 'line')} was not kept)`;
    lines.push(
      `validated    ${countOf(totals.segments, 'object')}${failed}: ${countOf(totals.lines, 'line')} = ${formatCount(totals.rejected)} rejected${counted} + ${formatCount(totals.valid)} valid${dropped}${cut}${refused}`,
    );
  }
  if (merged !== undefined) {
    lines.push(
      `merged       ${countOf(merged.added, 'reading')} added, ${formatCount(merged.replaced)} replaced, ${formatCount(merged.repeated)} repeated, ${formatCount(merged.superseded)} superseded, ${formatCount(merged.contested)} contested, in ${countOf(merged.partitions, 'partition')}; ${countOf(merged.alerts, 'new alert')}, ${formatCount(sent ?? 0)} sent`,
    );
    if (merged.ofOthers > 0) {
      lines.push(
        `             ${formatCount(merged.ofOthers)} of these readings came with other executions, at the same time`,
      );
    }
    if (merged.mergedByOthers > 0) {
      lines.push(
        `             other executions merged ${countOf(merged.mergedByOthers, 'month')} of this one's readings, with theirs`,
      );
    }
  }
  if (merged !== undefined && merged.contestedNow > 0)
    lines.push(
      `contested    ${countOf(merged.contestedNow, 'reading')}: others of the same rank say something else. Which, and what to do: npm run caudal -- status`,
    );
  if (status !== 'SUCCEEDED') lines.push('', `Look: npm run caudal -- executions ${name}`);
  return lines;
}

/** What an execution of `caudal-ingest` did, by what its states answered. */
interface IngestOutcome {
  /** Absent when it did not come as far as PlanMerge. */
  readonly totals?: JobTotals;
  /** Absent when nothing was merged, or the results have expired. */
  readonly merged?: MergeTotals;
  /** Alerts that were published. */
  readonly sent?: number;
}

/** Readings by what became of them, over all children of the map. */
interface MergeTotals {
  partitions: number;
  added: number;
  replaced: number;
  repeated: number;
  superseded: number;
  contested: number;
  /** Readings of what was merged that are contested now, whoever contradicts them. */
  contestedNow: number;
  /** New ones. */
  alerts: number;
  /** Readings of other executions that this one merged with its own. */
  ofOthers: number;
  /** Months of a shard that another execution merged, with its own. */
  mergedByOthers: number;
}

/** Reads the outcome from an execution's states and from the results that its merge left in staging. */
export async function ingestOutcome(
  objects: ObjectReader,
  visits: readonly StateVisit[],
): Promise<IngestOutcome> {
  const output = (name: string) => visits.findLast((visit) => visit.name === name)?.output;
  const planned = (output('PlanMerge') ?? output('NothingToIngest')) as
    | { merge?: { totals?: JobTotals } }
    | undefined;
  const rounds = visits
    .filter((visit) => visit.name === 'MergePartitions')
    .flatMap(
      ({ output: at }) => (at as { merge?: { results?: MapResults } } | undefined)?.merge?.results ?? [],
    );
  const finished = (output('FinishIngest') as { merge?: { sent?: number } } | undefined)?.merge;
  const merged = rounds.length === 0 ? undefined : await sumOfResults(objects, rounds);
  return {
    ...(planned?.merge?.totals === undefined ? {} : { totals: planned.merge.totals }),
    ...(merged === undefined ? {} : { merged }),
    ...(finished?.sent === undefined ? {} : { sent: finished.sent }),
  };
}

/** The files of a Distributed Map's ResultWriter, for each round of it: arrays of child executions, whose output is JSON in a string. */
async function sumOfResults(
  objects: ObjectReader,
  rounds: readonly MapResults[],
): Promise<MergeTotals | undefined> {
  const sum: MergeTotals = {
    ...{ partitions: 0, added: 0, replaced: 0, repeated: 0, superseded: 0, contested: 0 },
    contestedNow: 0,
    ...{ alerts: 0, ofOthers: 0, mergedByOthers: 0 },
  };
  for (const { Bucket: bucket, Key: key } of rounds) {
    const manifest = await readJson<{ ResultFiles: { SUCCEEDED?: { Key: string }[] } }>(objects, {
      bucket,
      key,
    });
    if (manifest === undefined) return undefined;
    for (const file of manifest.ResultFiles.SUCCEEDED ?? []) {
      const children = (await readJson<{ Output?: string }[]>(objects, { bucket, key: file.Key })) ?? [];
      for (const child of children) {
        const result = JSON.parse(child.Output ?? '{}') as Partial<MergeTotals>;
        for (const name of Object.keys(sum) as (keyof MergeTotals)[]) sum[name] += result[name] ?? 0;
      }
    }
  }
  return sum;
}

async function readJson<Shape>(
  objects: ObjectReader,
  location: { bucket: string; key: string },
): Promise<Shape | undefined> {
  const stored = await objects.read(location);
  return stored && (JSON.parse(Buffer.from(stored.bytes).toString('utf8')) as Shape); // Step Functions wrote it
}
