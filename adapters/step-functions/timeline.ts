import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { StateVisit } from '../../ports/executions.ts';

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
