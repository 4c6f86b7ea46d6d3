import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createProgress } from '../../cli/progress.ts';
import { countOf, formatCount, formatDuration } from '../../cli/table.ts';
import type { Reach } from './clients.ts';
import { describeExecution } from './execution-queries.ts';
import { followExecution } from './follow-execution.ts';
import { type IngestOutcome, ingestOutcome } from './ingest-outcome.ts';
import { shortCause } from './short-cause.ts';

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

/** `2026-11-21T07:05:12.345Z` as a part of an execution's name: `20261121T070512Z` */
export const nameStamp = (at: Date): string => `${at.toISOString().replace(/[-:]|\.\d+/g, '')}`;

/** Starts the ingest machine. @returns the execution's ARN */
export async function startIngest(
  { stepFunctions, installation }: Reach,
  { name, input }: { name: string; input: string },
): Promise<string> {
  const { executionArn = '' } = await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: installation.ingestMachine, name, input }),
  );
  return executionArn;
}

/** Waits for an execution; Ctrl-C leaves it running. */
export async function awaitRun({ stepFunctions, s3 }: Reach, executionArn: string): Promise<EndedRun> {
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
  if (error !== undefined) lines.push(`error        ${error}: ${shortCause(cause, 500)}`);
  if (totals !== undefined) {
    const failed = totals.failedSegments > 0 ? `, ${formatCount(totals.failedSegments)} of them failed` : '';
    lines.push(
      `validated    ${countOf(totals.segments, 'object')}${failed}: ${formatCount(totals.lines)} lines = ${formatCount(totals.rejected)} rejected + ${formatCount(totals.valid)} valid`,
    );
  }
  if (merged !== undefined) {
    lines.push(
      `merged       ${countOf(merged.added, 'reading')} added, ${formatCount(merged.replaced)} replaced, ${formatCount(merged.repeated)} repeated, in ${countOf(merged.partitions, 'partition')}; ${countOf(merged.alerts, 'new alert')}, ${formatCount(sent ?? 0)} sent`,
    );
  }
  if (status !== 'SUCCEEDED') lines.push('', `Look: npm run caudal -- executions ${name}`);
  return lines;
}
