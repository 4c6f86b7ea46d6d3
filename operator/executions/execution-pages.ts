import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { formatCount, formatDuration } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import { type Column, renderTable } from '../../cli/table.ts';
import { counts, type ExecutionView } from '../../handlers/operations/execution-view.ts';
import type { MapRun, StateVisit } from '../../ports/executions.ts';
import { shortCause } from '../../ports/faults.ts';
import type { Segment } from '../../ports/keys.ts';
import type { FailedSegment } from '../../ports/queries.ts';

/** `arn:aws:states:region:account:stateMachine:caudal-ingest` → `caudal-ingest` */
const lastPart = (arn: string | undefined): string => arn?.split(':').at(-1) ?? '?';

const sinceMs = (start: Date | undefined, end: Date | undefined, now: Date): number =>
  Math.max(0, (end ?? now).getTime() - (start ?? now).getTime());

/** `2026-03-01 12:00:05` in UTC. */
const moment = (date: Date | undefined): string => date?.toISOString().slice(0, 19).replace('T', ' ') ?? '';

/**
 * The list of executions, newest first.
 * @param of.now what running ones are timed against
 * @param of.status the only one that was asked for
 */
export function executionsPage(
  executions: readonly ExecutionListItem[],
  { now, status }: { now: Date; status?: string | undefined },
): string {
  if (executions.length === 0 && status !== undefined) return `No execution is ${status}.`;
  if (executions.length === 0) return 'No executions yet. One starts when an object lands in the raw bucket.';
  const columns: Column[] = [
    { title: 'execution' },
    { title: 'machine' },
    { title: 'status' },
    { title: 'started (UTC)' },
    { title: 'took', align: 'right' },
  ];
  return renderTable(
    columns,
    executions.map((execution) => [
      execution.name ?? '?',
      lastPart(execution.stateMachineArn),
      execution.status ?? '?',
      moment(execution.startDate),
      formatDuration(sinceMs(execution.startDate, execution.stopDate, now)),
    ]),
  );
}

/**
 * One execution: its states with time spent, map progress, counts, what failed inside its maps, and the error and cause of a failure.
 * @param segments the first of its segments that failed
 */
export function executionPage(
  view: ExecutionView,
  segments: readonly (Segment & FailedSegment)[],
  now: Date,
): string {
  const { description, visits, mapRuns, failedChildren } = view;
  const took = formatDuration(sinceMs(description.startDate, description.stopDate, now));
  const lines = [
    `${description.name}  ${lastPart(description.stateMachineArn)}  ${description.status}  ${took}`,
    `started ${moment(description.startDate)} UTC${description.stopDate ? `, ended ${moment(description.stopDate)} UTC` : ''}`,
    '',
    statesTable(view, now),
  ];
  const found = Object.entries(counts(visits));
  if (found.length > 0)
    lines.push('', found.map(([name, count]) => `${name} ${formatCount(count)}`).join('   '));
  const retried = visits.flatMap((visit) => visit.faults.map((fault) => ({ visit, fault })));
  if (retried.length > 0) {
    lines.push('', 'faults on the way:');
    for (const { visit, fault } of retried)
      lines.push(`  ${visit.name}: ${fault.error}: ${firstLine(fault.cause)}`);
  }
  if (description.error !== undefined) {
    lines.push('', `error  ${description.error}`, `cause  ${description.cause ?? ''}`);
  }
  if (segments.length > 0) {
    lines.push('', 'objects that were not validated:');
    for (const { key, versionId, error, cause } of segments)
      lines.push(`  ${oneLine(key)} (version ${versionId})`, `    ${error}: ${shortCause(cause, 500)}`);
  }
  const failed = mapRuns.reduce((sum, { itemCounts }) => sum + itemCounts.failed + itemCounts.timedOut, 0);
  if (failed > 0) {
    lines.push('', 'items that failed:');
    for (const { map, error, cause, input } of failedChildren)
      lines.push(`  ${map}: ${error}: ${shortCause(cause, 500)}`, `    item ${input.slice(0, 500)}`);
    if (failed > failedChildren.length)
      lines.push(
        `  … and ${formatCount(failed - failedChildren.length)} more: the map run wrote FAILED_n.json beside its results`,
      );
  }
  return lines.join('\n');
}

function statesTable({ description, visits, mapRuns }: ExecutionView, now: Date): string {
  const unclaimed = [...mapRuns];
  const rows = visits.map((visit) => {
    const run = visit.type === 'Map' ? unclaimed.shift() : undefined;
    const end = visit.exitedAt ?? description.stopDate;
    return [
      visit.name,
      visit.type,
      stateOf(visit, description.stopDate !== undefined),
      formatDuration(sinceMs(visit.enteredAt, end, now)),
      run === undefined ? '' : progress(run),
    ];
  });
  const columns: Column[] = [
    { title: 'state' },
    { title: 'type' },
    { title: 'outcome' },
    { title: 'took', align: 'right' },
    { title: 'items' },
  ];
  return renderTable(columns, rows);
}

/** A Fail state is never left, and no other state is entered after one that failed without a catcher. */
function stateOf(visit: StateVisit, ended: boolean): string {
  if (visit.exitedAt !== undefined)
    return visit.faults.length > 0 ? `done, ${visit.faults.length} faults` : 'done';
  if (visit.type === 'Fail') return 'failed';
  return ended ? (visit.type === 'Succeed' ? 'done' : 'left by an error') : 'running';
}

function progress({ itemCounts: items }: MapRun): string {
  const failed = items.failed > 0 ? `, ${formatCount(items.failed)} failed` : '';
  const running = items.running > 0 ? `, ${formatCount(items.running)} running` : '';
  return `${formatCount(items.succeeded)} of ${formatCount(items.total)}${running}${failed}`;
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 160);
