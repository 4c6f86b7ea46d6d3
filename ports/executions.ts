import type { ExecutionStatus } from '../core/execution-status.ts';

/**
 * What looking after the state machines asks of Step Functions. `adapters/step-functions/` implements it. Every call throws
 * `StoreUnavailable` once the service throttles, answers 5xx or does not answer, and the SDK's own retries are spent. All but
 * {@link ExecutionStarting} only read; what they read is eventually consistent.
 */

export interface ExecutionSummary {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: Date;
  readonly stopDate?: Date | undefined;
  readonly redriveCount?: number | undefined;
}

export interface ExecutionDescription extends ExecutionSummary {
  readonly redriveDate?: Date | undefined;
  readonly redriveStatus?: string | undefined;
  readonly redriveStatusReason?: string | undefined;
  /** JSON. */
  readonly input?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

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

/** A distributed map that has started; its items by what became of them. */
export interface MapRun {
  readonly mapRunArn: string;
  readonly startDate: Date;
  readonly itemCounts: Readonly<
    Record<'total' | 'pending' | 'running' | 'succeeded' | 'failed' | 'timedOut' | 'aborted', number>
  >;
}

/** An item of a distributed map whose child execution did not succeed. */
export interface FailedChild {
  /** Name of the map's state, or its label. */
  readonly map: string;
  readonly executionArn: string;
  /** `FAILED` or `TIMED_OUT`. */
  readonly status: string;
  readonly error: string;
  readonly cause: string;
  /** JSON; empty where Step Functions no longer has it. */
  readonly input: string;
}

export interface ExecutionLister {
  /**
   * Executions of a machine, the newest first, at most `limit` (1 to 1,000).
   * @param query.token of the page before; Step Functions takes it for 24 hours
   * @returns `isRefused` where Step Functions does not take the token, or no longer
   * @throws {StoreUnavailable} a retry helps
   */
  list(query: {
    stateMachineArn: string;
    status?: ExecutionStatus | undefined;
    limit: number;
    token?: string | undefined;
  }): Promise<ExecutionPage>;
}

interface ExecutionPage {
  readonly executions: readonly ExecutionSummary[];
  /** Of the next page. */
  readonly token?: string | undefined;
  readonly isRefused?: boolean;
}

export interface ExecutionReader {
  /**
   * `undefined` where there is none.
   * @throws {StoreUnavailable} a retry helps
   */
  describe(executionArn: string): Promise<ExecutionDescription | undefined>;
  /**
   * The visits of states in the order in which they were entered, of the first `maxEvents` events of the history.
   * @throws {StoreUnavailable} a retry helps
   */
  visits(
    executionArn: string,
    maxEvents: number,
  ): Promise<{ readonly visits: readonly StateVisit[]; readonly more: boolean }>;
  /**
   * The state that was entered last, and its type.
   * @throws {StoreUnavailable} a retry helps
   */
  lastState(executionArn: string): Promise<Pick<StateVisit, 'name' | 'type'> | undefined>;
  /**
   * The distributed maps of an execution, the oldest first; of more than `limit` the newest.
   * @throws {StoreUnavailable} a retry helps
   */
  mapRuns(executionArn: string, limit: number): Promise<readonly MapRun[]>;
  /**
   * The first items of a map that did not succeed, at most `limit`.
   * @throws {StoreUnavailable} a retry helps
   */
  failedChildren(run: MapRun, limit: number): Promise<readonly FailedChild[]>;
}

export interface DefinitionReader {
  /**
   * The definition of a machine as it is now, in Amazon States Language.
   * @throws {StoreUnavailable} a retry helps
   */
  definition(stateMachineArn: string): Promise<string>;
}

export interface ExecutionStarting {
  /**
   * Starts an execution, or finds the one of this name and input that runs. `exists`: one of this name has ended, or has another input.
   * @throws {StoreUnavailable} it may have started all the same; a retry finds it
   */
  start(execution: { stateMachineArn: string; name: string; input: string }): Promise<'started' | 'exists'>;
  /**
   * Continues an execution in the state in which it was. `refused`: it runs already, or can't be continued any more.
   * @throws {StoreUnavailable} it may have been continued all the same
   */
  redrive(executionArn: string): Promise<'started' | 'refused'>;
}
