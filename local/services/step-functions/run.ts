import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionPlaces } from '../lambda/function.ts';
import type { AwsCaller } from './aws-clients.ts';
import { assertWithinDataLimit, type Json, StateError } from './definition.ts';
import { asFailure, type EngineEvent, runState, type Step, type TaskHandler } from './engine.ts';
import { historyLimit, type Recorder } from './history.ts';
import { type Integration, integrationOf } from './integrations.ts';
import { executionContextKey, type Prepared, timedInput, type Work } from './prepare.ts';
import { attemptTask } from './task.ts';
import type { TimeLimit } from './time-limit.ts';

/** How a run ended. */
export type Outcome =
  | { status: 'SUCCEEDED'; output: Json }
  | { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; error?: string | undefined; cause?: string | undefined };

/** Why a run was interrupted: the reason of its abort signal. */
export class Interruption extends Error {
  /** `closing` leaves the execution running, to go on at the next start. */
  readonly kind: 'stopped' | 'timed-out' | 'closing';
  readonly outcome: { error?: string | undefined; cause?: string | undefined };

  constructor(kind: Interruption['kind'], outcome: Interruption['outcome'] = {}) {
    super(kind);
    this.kind = kind;
    this.outcome = outcome;
  }
}

/** What the states of a run see as `$$.Execution`. */
export interface ExecutionContext {
  Id: string;
  Name: string;
  Input: Json;
  /** ISO 8601 */
  StartTime: string;
  RoleArn: string;
  RedriveCount: number;
}

/** A distributed map, ready to run. */
export interface MapCall {
  name: string;
  work: Work & { kind: 'map' };
  input: Json;
  context: Record<string, unknown>;
  recorder: Recorder;
  signal: AbortSignal;
  /** The map run to go on with. */
  mapRunArn: string | undefined;
}

export interface RunOptions {
  prepared: Prepared;
  from: { state: string; input: Json; enteredAtMs?: number | undefined; mapRunArn?: string | undefined };
  execution: ExecutionContext;
  machine: { Id: string; Name: string };
  recorder: Recorder;
  /** Aborted with an Interruption. */
  signal: AbortSignal;
  aws: AwsCaller;
  places: FunctionPlaces;
  /** Of a child workflow execution with a limit: it stands still while a function waits for a place to run. */
  childTime?: TimeLimit | undefined;
  /** Divides what Wait states wait. */
  timeScale: number;
  runMap(call: MapCall): Promise<Json>;
}

/** States that were rewritten as tasks: the history shows what the definition says. */
const declaredTypes: Record<string, string> = { wait: 'Wait', map: 'Map' };

/**
 * Runs a state machine from a state to its end, writing each state to the recorder before the next one starts.
 * Rejects with the Interruption when the signal is aborted.
 */
export async function runStates(options: RunOptions): Promise<Outcome> {
  const { prepared, recorder, signal } = options;
  let { state: name, input, enteredAtMs, mapRunArn } = options.from;
  for (;;) {
    signal.throwIfAborted();
    const state = prepared.definition.States[name];
    if (!state) return { status: 'FAILED', error: 'States.Runtime', cause: `There is no state ${name}.` };
    const type = declaredTypes[prepared.work.get(name)?.kind ?? ''] ?? state.Type;
    const resumed = enteredAtMs !== undefined;
    const entered = enteredAtMs ?? Date.now();
    if (!resumed) {
      recorder.add(
        `${type}StateEntered`,
        { stateEnteredEventDetails: { name, input: JSON.stringify(input) } },
        { top: true },
      );
    }
    const context = contextOf(options, name, entered);
    const step = await runState({
      name,
      state,
      input,
      context,
      handlers: handlersFor(options, { name, context, entered, mapRunArn }),
      signal,
      onEvent: (event) => recordNested(recorder, name, event),
    });
    const settled = withinLimits(step, name, recorder);
    if (settled.kind === 'failed') {
      return { status: 'FAILED', error: settled.error, cause: settled.cause };
    }
    recorder.add(
      `${type}StateExited`,
      { stateExitedEventDetails: { name, output: JSON.stringify(settled.output) } },
      { top: true, ...(settled.kind === 'next' ? { next: settled.state } : {}) },
    );
    if (settled.kind === 'end') return { status: 'SUCCEEDED', output: settled.output };
    ({ state: name, output: input } = settled);
    enteredAtMs = undefined;
    mapRunArn = undefined;
  }
}

function withinLimits(step: Step, name: string, recorder: Recorder): Step {
  if (step.kind === 'failed') return step;
  try {
    assertWithinDataLimit(step.output, `The output of the state '${name}'`);
  } catch (error) {
    return asFailure(error);
  }
  if (recorder.length < historyLimit) return step;
  return {
    kind: 'failed',
    error: undefined,
    cause: `The execution reached the maximum number of history events (${historyLimit}).`,
  };
}

function contextOf(options: RunOptions, name: string, enteredMs: number): Record<string, unknown> {
  return {
    [executionContextKey]: options.execution,
    StateMachine: options.machine,
    State: { Name: name, EnteredTime: new Date(enteredMs).toISOString(), RetryCount: 0 },
  };
}

function handlersFor(
  options: RunOptions,
  state: {
    name: string;
    context: Record<string, unknown>;
    entered: number;
    mapRunArn: string | undefined;
  },
): Record<string, TaskHandler> {
  let { mapRunArn } = state;
  return Object.fromEntries(
    [...options.prepared.work].map(([name, work]) => {
      const handler = async (input: Json): Promise<Json> => {
        options.signal.throwIfAborted();
        try {
          if (work.kind === 'wait') {
            // A Wait inside of a branch or an iteration starts now, not with the state around it.
            const entered = name === state.name ? state.entered : Date.now();
            return await wait(input, { ...options, entered });
          }
          if (work.kind === 'integration') {
            const integration = integrationOf(work.resource) as Integration;
            const { childTime } = options;
            return await attemptTask(integration, { ...options, childTime, ...timedInput(work, input) });
          }
          const call = { name, work, input, context: state.context, ...options, mapRunArn };
          // Only the first attempt goes on with the map run that was interrupted.
          mapRunArn = undefined;
          return await options.runMap(call);
        } catch (error) {
          const { State } = state.context as { State: { Name: string; RetryCount: number } };
          if (State.Name === name) State.RetryCount += 1;
          throw error;
        }
      };
      return [name, handler];
    }),
  );
}

/** Node's timers take 31 bits; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

async function wait(input: Json, options: { entered: number; signal: AbortSignal }): Promise<Json> {
  const {
    scale,
    seconds,
    timestamp,
    input: passed,
  } = input as { scale: number; seconds?: number; timestamp?: string; input: Json };
  const untilMs =
    seconds === undefined ? Date.parse(String(timestamp)) : options.entered + (seconds * 1000) / scale;
  if (Number.isNaN(untilMs)) {
    throw new StateError('States.Runtime', `${timestamp} is not a timestamp to wait for.`, {
      terminal: true,
    });
  }
  for (let leftMs = untilMs - Date.now(); leftMs > 0; leftMs = untilMs - Date.now()) {
    await sleep(Math.min(leftMs, longestTimerMs), undefined, { signal: options.signal });
  }
  return passed;
}

/** States inside of a Parallel or an inline Map, which the engine runs whole. */
function recordNested(recorder: Recorder, name: string, event: EngineEvent): void {
  const { state } = event;
  if (state && state.name !== name) {
    if (event.type === 'StateEntered') {
      const details = { name: state.name, input: JSON.stringify(state.input) };
      recorder.add(`${state.type}StateEntered`, { stateEnteredEventDetails: details });
    } else if (event.type === 'StateExited') {
      const details = { name: state.name, output: JSON.stringify(state.output) };
      recorder.add(`${state.type}StateExited`, { stateExitedEventDetails: details });
    }
  } else if (event.type.startsWith('MapIteration')) {
    const key = `mapIteration${event.type.slice('MapIteration'.length)}EventDetails`;
    recorder.add(event.type, { [key]: { name, index: event.index ?? 0 } });
  }
}
