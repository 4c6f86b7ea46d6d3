import type { DefinitionReader, ExecutionReader, MapRun, StateVisit } from '../../../ports/executions.ts';
import { shortCause } from '../../../ports/faults.ts';
import type { FailedSegmentQueries } from '../../../ports/queries.ts';
import { counts, type ExecutionView, viewExecution } from '../../operations/execution-view.ts';
import { graphOf } from '../../operations/graph.ts';
import { executionArnOf, type MachineArns, type MachineName, machinesOf } from '../../operations/machines.ts';
import { redriving } from '../../operations/redrive.ts';
import type { AnswerOf } from '../contract/routes.ts';
import type { Problem } from '../http/problem.ts';
import { summaryOf } from './list-executions.ts';

/** What is read of an execution: five pages of its history, ten of its maps, five failed items of each. */
const bounds = { events: 5_000, mapRuns: 10, failedChildren: 5 };
const maxVisits = 200;
const maxFaults = 5;
const maxSegments = 20;
const maxInput = 500;
const maxCause = 1_000;

export interface ExecutionPorts {
  readonly executions: ExecutionReader & DefinitionReader;
  readonly segments: FailedSegmentQueries;
  readonly machines: MachineArns;
}

/** `GET /executions/{name}` */
export async function getExecution(
  ports: ExecutionPorts,
  { name, machine: only }: { name: string; machine?: MachineName | undefined },
): Promise<AnswerOf<'getExecution'> | Problem> {
  for (const machine of machinesOf(ports.machines, only)) {
    const view = await viewExecution(ports.executions, executionArnOf(machine, name), bounds);
    if (view === undefined) continue;
    const [definition, segments] = await Promise.all([
      ports.executions.definition(machine.arn),
      // An execution of the ingestion is its job. The other machine's jobs have no segments.
      machine.name === 'ingest' ? ports.segments.failed(name, maxSegments) : [],
    ]);
    const last = view.visits.at(-1);
    const { kind: way, why } = redriving({ description: view.description, last }, ports.machines.ingest);
    const { error, cause } = view.description;
    return {
      ...summaryOf(machine.name, view.description),
      ...(error === undefined ? {} : { error, cause: shortCause(cause, maxCause) }),
      redrive: { way, why },
      visits: visitsOf(view).slice(-maxVisits),
      earlierVisits: Math.max(0, view.visits.length - maxVisits),
      isWhole: !view.more,
      counts: counts(view.visits),
      failedItems: {
        count: view.mapRuns.reduce((sum, { itemCounts }) => sum + itemCounts.failed + itemCounts.timedOut, 0),
        first: view.failedChildren.map(({ map, error: of, cause: why, input }) => ({
          ...{ map, error: of, cause: shortCause(why, maxCause) },
          input: input.slice(0, maxInput).toWellFormed(),
        })),
      },
      failedSegments: segments.map((segment) => ({
        ...{ key: segment.key, versionId: segment.versionId, error: segment.error },
        cause: shortCause(segment.cause, maxCause),
      })),
      graph: graphOf(definition),
    };
  }
  return unknownExecution(name);
}

const unknownExecution = (name: string): Problem => ({
  problem: 'not-found',
  detail: `unknown execution ${JSON.stringify(name)}; GET /executions lists them, for 90 days`,
  parameter: 'name',
});

/** The visits with the maps that they started: these start in the order in which their states are entered. */
function visitsOf({ visits, mapRuns, description }: ExecutionView): AnswerOf<'getExecution'>['visits'] {
  const maps = visits.filter(({ type }) => type === 'Map');
  const runs = new Map<StateVisit, MapRun | undefined>(
    // Of many maps only the newest are known, and so are those of the last visits.
    maps.slice(-mapRuns.length).map((visit, index) => [visit, mapRuns[index]]),
  );
  const hasEnded = description.stopDate !== undefined;
  return visits.map((visit) => {
    const run = mapRuns.length === 0 ? undefined : runs.get(visit);
    return {
      ...{ state: visit.name, type: visit.type, enteredAt: visit.enteredAt.toISOString() },
      leftAt: visit.exitedAt?.toISOString() ?? null,
      outcome: outcomeOf(visit, hasEnded),
      faultCount: visit.faults.length,
      faults: visit.faults
        .slice(-maxFaults)
        .map(({ error, cause }) => ({ error, cause: shortCause(cause, maxCause) })),
      ...(run === undefined ? {} : { items: run.itemCounts }),
    };
  });
}

/** A Fail state is never left, and no other state is entered after one that failed without a catcher. */
function outcomeOf(visit: StateVisit, hasEnded: boolean): 'done' | 'failed' | 'running' | 'left' {
  if (visit.exitedAt !== undefined) return 'done';
  if (visit.type === 'Fail') return 'failed';
  if (visit.type === 'Succeed') return 'done';
  return hasEnded ? 'left' : 'running';
}
