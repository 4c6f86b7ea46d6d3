import type {
  ExecutionDescription,
  ExecutionReader,
  FailedChild,
  MapRun,
  StateVisit,
} from '../../ports/executions.ts';

/** One execution as Step Functions tells it. */
export interface ExecutionView {
  readonly description: ExecutionDescription;
  readonly visits: readonly StateVisit[];
  /** There are more visits, which were not read. */
  readonly more: boolean;
  /** One for each distributed map that has started, oldest first. */
  readonly mapRuns: readonly MapRun[];
  /** Of each map run the first that did not succeed. */
  readonly failedChildren: readonly FailedChild[];
}

/** What is read of one execution at the most; without it all of it. */
export interface ViewBounds {
  readonly events: number;
  readonly mapRuns: number;
  /** Of each map run. */
  readonly failedChildren: number;
}

const unbounded: ViewBounds = { events: 25_000, mapRuns: 1_000, failedChildren: 5 };

/** One execution with its states and map runs; `undefined` where there is none. */
export async function viewExecution(
  executions: ExecutionReader,
  executionArn: string,
  bounds: ViewBounds = unbounded,
): Promise<ExecutionView | undefined> {
  const description = await executions.describe(executionArn);
  if (description === undefined) return undefined;
  const [history, mapRuns] = await Promise.all([
    executions.visits(executionArn, bounds.events),
    executions.mapRuns(executionArn, bounds.mapRuns),
  ]);
  const failed = await Promise.all(
    mapRuns.map((run) => executions.failedChildren(run, bounds.failedChildren)),
  );
  return { description, ...history, mapRuns, failedChildren: failed.flat() };
}

/** The counts that the machines put in their states' outputs, the newest last word for each name. */
export function counts(visits: readonly StateVisit[]): Record<string, number> {
  const found: Record<string, number> = {};
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 3) return;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'number') found[name] = member;
      else collect(member, depth + 1);
    }
  };
  for (const visit of visits) collect(visit.output, 0);
  return found;
}
