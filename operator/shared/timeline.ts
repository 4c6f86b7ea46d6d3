import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** One visit of a state, as an execution's history tells it. */
export interface StateVisit {
  readonly name: string;
  /** ASL's type: `Task`, `Map`, `Choice`, `Pass`, `Fail`, `Succeed`, … */
  readonly type: string;
  readonly enteredAt: Date;
  /** Absent while the state runs, and for the state in which the execution failed. */
  readonly exitedAt?: Date;
  readonly output?: unknown;
  /** Errors inside the visit, the retried ones included, in the order in which they came. */
  readonly faults: readonly { readonly error: string; readonly cause: string }[];
}

interface OpenVisit {
  name: string;
  type: string;
  enteredAt: Date;
  exitedAt?: Date;
  output?: unknown;
  faults: { error: string; cause: string }[];
}

/**
 * The visits of states in an execution's history, in the order in which they were entered.
 * Children of a distributed map have histories of their own and do not appear.
 * @param events oldest first, as GetExecutionHistory gives them
 */
export function timeline(events: readonly HistoryEvent[]): StateVisit[] {
  const visits: OpenVisit[] = [];
  for (const event of events) {
    const at = event.timestamp ?? new Date(0);
    if (event.type?.endsWith('StateEntered')) {
      const name = event.stateEnteredEventDetails?.name ?? '?';
      visits.push({ name, type: event.type.replace('StateEntered', ''), enteredAt: at, faults: [] });
    } else if (event.type?.endsWith('StateExited')) {
      const visit = visits.findLast(
        (candidate) =>
          candidate.name === event.stateExitedEventDetails?.name && candidate.exitedAt === undefined,
      );
      if (visit !== undefined) {
        visit.exitedAt = at;
        visit.output = parsed(event.stateExitedEventDetails?.output);
      }
    } else {
      const fault = faultOf(event);
      if (fault !== undefined) visits.at(-1)?.faults.push(fault);
    }
  }
  return visits;
}

/** The error and cause that an event of a failed attempt carries; they sit in another field for each kind of event. */
function faultOf(event: HistoryEvent): { error: string; cause: string } | undefined {
  const details =
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.mapRunFailedEventDetails;
  return details === undefined ? undefined : { error: details.error ?? '', cause: details.cause ?? '' };
}

/** State output is JSON; GetExecutionHistory may leave it out or cut it when it is large. */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
