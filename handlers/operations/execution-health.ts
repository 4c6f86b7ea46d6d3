import type { ExecutionStatus } from '../../core/execution-status.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import type { ExecutionLister, ExecutionReader } from '../../ports/executions.ts';
import type { FailedSegmentQueries, LedgerReader } from '../../ports/queries.ts';

/** As long as Step Functions can redrive, and staging is kept. */
const failureDays = 14;
/** Newest executions of each status that are looked at. */
const perStatus = 100;
/** Failed segments that are looked up of one job. */
const maxSegments = 1_000;
const callsInFlight = 8;

type ExecutionPorts = ExecutionLister & Pick<ExecutionReader, 'describe'>;

/** A raw object that could not be validated, and is not fixed. */
interface FailedObject {
  readonly key: string;
  readonly error: string;
  readonly cause: string;
  /** The execution that said so last. */
  readonly execution: string;
}

export interface ExecutionHealth {
  readonly running: number;
  /** In the last 14 days, at most 100 of each kind. */
  readonly failed: number;
  /** Those that nothing has fixed. */
  readonly open: readonly ListedExecution[];
  readonly failedObjects: readonly FailedObject[];
  /** Those of which the version was deleted before it was validated: nothing of it counts, and no run can change that. */
  readonly goneObjects: readonly FailedObject[];
}

/** The executions of the ingest machine: what runs, what failed and is still open. */
export async function executionHealth(
  {
    executions,
    segments: queries,
    ledgers,
  }: {
    executions: ExecutionPorts;
    segments: FailedSegmentQueries;
    ledgers: LedgerReader;
  },
  { machine, nowMs }: { machine: string; nowMs: number },
): Promise<ExecutionHealth> {
  const sinceMs = nowMs - failureDays * 86_400_000;
  const list = async (statusFilter: ExecutionStatus): Promise<ListedExecution[]> => {
    const { executions: found } = await executions.list({
      ...{ stateMachineArn: machine, status: statusFilter },
      limit: perStatus,
    });
    return found
      .map(({ name, status, startDate }) => ({ name, status, startedMs: startDate.getTime() }))
      .filter(({ startedMs }) => startedMs >= sinceMs);
  };
  const [running, succeeded, ...ended] = await Promise.all([
    list('RUNNING'),
    list('SUCCEEDED'),
    list('FAILED'),
    list('TIMED_OUT'),
    list('ABORTED'),
  ]);
  const failed = ended.flat();
  const replays = await replaysOf(executions, machine, succeeded);
  const open: ListedExecution[] = [];
  const failedObjects = new Map<string, FailedObject>();
  const goneObjects = new Map<string, FailedObject>();
  await mapBounded(openFailures(failed, { succeeded, replays }), callsInFlight, async (execution) => {
    const segments = await queries.failed(execution.name, maxSegments);
    const entries = await ledgers.ledgers(segments);
    // A file that was refused has been validated too.
    const left = segments.filter((_, index) => (entries[index]?.state ?? 'Failed') === 'Failed');
    // Where single objects failed, it is over when they have ledgers; any other failure waits for a run that succeeds.
    const isGone = ({ error }: { error: string }) => error === 'SegmentMissing';
    if (segments.length === 0 || !left.every(isGone)) open.push(execution);
    for (const { key, versionId, error, cause } of left) {
      const found = isGone({ error }) ? goneObjects : failedObjects;
      found.set(`${key}\n${versionId}`, { key, error, cause, execution: execution.name });
    }
  });
  open.sort((a, b) => b.startedMs - a.startedMs);
  return {
    ...{ running: running.length, failed: failed.length, open },
    ...{ failedObjects: [...failedObjects.values()], goneObjects: [...goneObjects.values()] },
  };
}

interface ReplayInput {
  readonly from?: string;
  readonly to?: string;
  readonly by?: string;
  readonly dataset?: string;
}

/** The spans of the replays among these executions. */
async function replaysOf(
  executions: ExecutionPorts,
  machine: string,
  succeeded: readonly ListedExecution[],
): Promise<SucceededReplay[]> {
  const prefix = machine.replace(':stateMachine:', ':execution:');
  const named = succeeded.filter(({ name }) => name.startsWith('replay-'));
  const found = await mapBounded(named, callsInFlight, async ({ name, startedMs }) => {
    const { input = '{}' } = (await executions.describe(`${prefix}:${name}`)) ?? {};
    const { replay } = JSON.parse(input) as { replay?: ReplayInput };
    const { from, to, by, dataset } = replay ?? {};
    // One by readings, or of one dataset, need not have had the objects that failed on a day.
    const isOfDays = from !== undefined && to !== undefined && by !== 'readings' && dataset === undefined;
    return isOfDays ? [{ from, to, startedMs }] : [];
  });
  return found.flat();
}

/** An execution as the list of executions has it. */
export interface ListedExecution {
  readonly name: string;
  readonly status: string;
  readonly startedMs: number;
}

/** A replay that succeeded, with the UTC days that it took. */
export interface SucceededReplay {
  /** `YYYY-MM-DD`, or an instant. */
  readonly from: string;
  readonly to: string;
  readonly startedMs: number;
}

/** The name without what `redrive` adds to it. */
const baseOf = (name: string): string => name.replace(/-again-\d{8}T\d{6}Z$/, '').slice(0, 57);

/**
 * The failed executions that nothing has fixed since: no run of the same input (by the name that `redrive` gives) has
 * succeeded, and no replay of the day on which they started.
 */
export function openFailures<Failed extends ListedExecution>(
  failed: readonly Failed[],
  { succeeded, replays }: { succeeded: readonly ListedExecution[]; replays: readonly SucceededReplay[] },
): Failed[] {
  return failed.filter(({ name, startedMs }) => {
    // Of an input that failed again and again, the newest failure stands for all.
    const newer = failed.some((other) => baseOf(other.name) === baseOf(name) && other.startedMs > startedMs);
    if (newer) return false;
    const again = succeeded.some(
      (other) =>
        other.name.includes('-again-') && baseOf(other.name) === baseOf(name) && other.startedMs > startedMs,
    );
    const day = new Date(startedMs).toISOString().slice(0, 10);
    const replayed = replays.some(
      ({ from, to, startedMs: atMs }) =>
        atMs > startedMs && from.slice(0, 10) <= day && day <= to.slice(0, 10),
    );
    return !again && !replayed;
  });
}
