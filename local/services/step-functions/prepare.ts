import { type Definition, type Json, type State, StateError } from './definition.ts';
import { assertSupported } from './supported.ts';

/** What runs in place of a state that the ASL engine leaves to us, by the state's name. */
export type Work =
  | { kind: 'integration'; resource: string; timeout: TaskTimeout }
  | { kind: 'wait' }
  | { kind: 'map'; state: State; processor: Prepared };

/** Of one attempt. From a path, it comes with the input: `{timeoutSeconds, input}`, and is multiplied by `factor`. */
type TaskTimeout = { from: 'definition'; seconds: number } | { from: 'input'; factor: number };

/** A definition that the engine can run, and the work of its tasks, those of branches and inline maps included. */
export interface Prepared {
  definition: Definition;
  work: ReadonlyMap<string, Work>;
}

/**
 * The engine's default of 60 s for a task is not AWS's (99,999,999 s). This is the longest that a timer of Node
 * takes, 24 days.
 */
const noTimeoutSeconds = 2_147_483;

/** The context object's `Execution` under a name that the engine does not overwrite with its own. */
export const executionContextKey = 'CaudalExecution';

/** What intervals are divided by, and timeouts of tasks multiplied by. */
export interface TimeScales {
  timeScale: number;
  /** The pace of the functions' clocks. Default 1. */
  functionTimeScale?: number | undefined;
  /** Of the functions' timeouts, which a task that waits for one must outlast. Default 1. */
  timeoutFactor?: number | undefined;
}

/**
 * Rewrites a definition for the engine, keeping its meaning:
 * - a Wait becomes a task, so that it follows a time scale and wakes at its hour after a restart;
 * - a distributed map becomes a task, because the engine has no map runs;
 * - a task's timeout is left to the task, because the time stands still while its function waits for a place to run;
 * - intervals of Retry are divided by the time scale, timeouts of tasks multiplied by the timeout factor;
 * - `IsPresent: false` and its like become `Not`, because the engine reads them as never true;
 * - `$$.Execution` is ours, because the engine would put the state's input in place of the execution's.
 * Throws with the state's name for what the local cloud does not run.
 */
export function prepare(definition: Definition, options: TimeScales): Prepared {
  assertSupported(definition);
  const work = new Map<string, Work>();
  const rewritten = rewriteDefinition(renameContext(definition) as Definition, work, options);
  return { definition: rewritten, work };
}

function rewriteDefinition(definition: Definition, work: Map<string, Work>, options: TimeScales): Definition {
  const states = Object.entries(definition.States).map(([name, state]) => {
    if (work.has(name)) throw new Error(`two states are named ${name}`);
    return [name, rewriteState(name, state, work, options)] as const;
  });
  return { ...definition, States: Object.fromEntries(states) };
}

function rewriteState(name: string, original: State, work: Map<string, Work>, options: TimeScales): State {
  const state: State = {
    ...original,
    ...(original.Retry && { Retry: original.Retry.map((retry) => scaleRetry(retry, options)) }),
  };
  // The whole is what these mean anyway, and the engine's path to it finds nothing in null or 0.
  for (const field of ['InputPath', 'OutputPath']) if (state[field] === '$') delete state[field];
  switch (state.Type) {
    case 'Task':
      work.set(name, {
        kind: 'integration',
        resource: String(state.Resource),
        timeout: timeoutOf(state, options),
      });
      return withoutTimeout(state);
    case 'Wait':
      work.set(name, { kind: 'wait' });
      return waitAsTask(state, options);
    case 'Choice':
      return { ...state, Choices: (state.Choices ?? []).map(rewriteRule) as { Next: string }[] };
    case 'Parallel':
      return {
        ...state,
        Branches: (state.Branches ?? []).map((branch) => rewriteDefinition(branch, work, options)),
      };
    case 'Map': {
      const inside = (state.ItemProcessor ?? state.Iterator) as Definition;
      if (inside.ProcessorConfig?.Mode !== 'DISTRIBUTED') {
        const { Iterator: _, ...rest } = state;
        return { ...rest, ItemProcessor: rewriteDefinition(inside, work, options) } as State;
      }
      work.set(name, { kind: 'map', state: original, processor: prepareInside(inside, options) });
      return mapAsTask(state);
    }
    default:
      return state;
  }
}

function timeoutOf(
  { TimeoutSeconds, TimeoutSecondsPath }: State,
  { timeoutFactor = 1 }: TimeScales,
): TaskTimeout {
  if (TimeoutSecondsPath !== undefined) return { from: 'input', factor: timeoutFactor };
  const seconds = TimeoutSeconds === undefined ? noTimeoutSeconds : Number(TimeoutSeconds) * timeoutFactor;
  return { from: 'definition', seconds: Math.min(seconds, noTimeoutSeconds) };
}

/** The task with no timeout that the engine would end it at; the value of a path goes into the input. */
function withoutTimeout(state: State): State {
  const { TimeoutSecondsPath, ...rest } = state;
  if (TimeoutSecondsPath === undefined) return { ...rest, TimeoutSeconds: noTimeoutSeconds };
  const input = 'Parameters' in state ? { input: state.Parameters } : { 'input.$': '$' };
  return {
    ...rest,
    TimeoutSeconds: noTimeoutSeconds,
    Parameters: { 'timeoutSeconds.$': TimeoutSecondsPath, ...input },
  } as State;
}

/**
 * A task's input, and how long an attempt may take.
 * Throws States.Runtime for a path to what is no whole number of seconds from 1 on.
 */
export function timedInput(
  { timeout }: Work & { kind: 'integration' },
  given: Json,
): { input: Json; timeoutMs: number } {
  if (timeout.from === 'definition') return { input: given, timeoutMs: timeout.seconds * 1000 };
  const { timeoutSeconds, input } = given as { timeoutSeconds: Json; input: Json };
  if (!Number.isInteger(timeoutSeconds) || Number(timeoutSeconds) < 1) {
    const cause = `TimeoutSecondsPath leads to ${JSON.stringify(timeoutSeconds)}; it must be a whole number from 1 on.`;
    throw new StateError('States.Runtime', cause, { terminal: true });
  }
  return { input, timeoutMs: Math.min(Number(timeoutSeconds) * timeout.factor, noTimeoutSeconds) * 1000 };
}

/** A child workflow has state names and work of its own. */
function prepareInside(definition: Definition, options: TimeScales): Prepared {
  const work = new Map<string, Work>();
  return { definition: rewriteDefinition(definition, work, options), work };
}

/**
 * What a Wait says, as the parameters of a task that gives its input back. Seconds that come with the input were reckoned by a function,
 * and pass by the functions' clock.
 */
function waitAsTask(state: State, { timeScale, functionTimeScale = 1 }: TimeScales): State {
  const { Seconds, SecondsPath, Timestamp, TimestampPath, ...rest } = state;
  return {
    ...rest,
    Type: 'Task',
    Resource: 'caudal:wait',
    TimeoutSeconds: noTimeoutSeconds,
    Parameters: {
      'input.$': '$',
      scale: SecondsPath === undefined ? timeScale : functionTimeScale,
      ...(Seconds === undefined ? {} : { seconds: Seconds }),
      ...(SecondsPath === undefined ? {} : { 'seconds.$': SecondsPath }),
      ...(Timestamp === undefined ? {} : { timestamp: Timestamp }),
      ...(TimestampPath === undefined ? {} : { 'timestamp.$': TimestampPath }),
    },
  };
}

/** The fields that the engine applies itself: paths, retries and what follows. The rest is the map run's. */
function mapAsTask(state: State): State {
  const kept = ['InputPath', 'ResultSelector', 'ResultPath', 'OutputPath', 'Retry', 'Catch', 'Next', 'End'];
  return {
    ...Object.fromEntries(kept.filter((key) => key in state).map((key) => [key, state[key]])),
    Type: 'Task',
    Resource: 'caudal:map',
    TimeoutSeconds: noTimeoutSeconds,
  };
}

/** Errors that tell of a lock: that of a run that died lapses by the functions' clock. */
const locks = ['IdempotencyAlreadyInProgressError', 'AlertsPending'];

function scaleRetry(
  retry: NonNullable<State['Retry']>[number],
  { timeScale, functionTimeScale = 1 }: TimeScales,
): typeof retry {
  const isLock = retry.ErrorEquals.some((error) => locks.includes(error));
  const scale = isLock ? functionTimeScale : timeScale;
  return {
    ...retry,
    IntervalSeconds: (retry.IntervalSeconds ?? 1) / scale,
    ...(retry.MaxDelaySeconds === undefined ? {} : { MaxDelaySeconds: retry.MaxDelaySeconds / scale }),
  };
}

const typeTests = ['IsPresent', 'IsNull', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'];

function rewriteRule(rule: object): object {
  const { Next, ...test } = rule as Record<string, unknown>;
  const next = Next === undefined ? {} : { Next };
  for (const operator of ['And', 'Or'] as const) {
    const rules = test[operator];
    if (Array.isArray(rules)) return { [operator]: rules.map(rewriteRule), ...next };
  }
  if (test.Not) return { Not: rewriteRule(test.Not as object), ...next };
  const negated = typeTests.find((name) => test[name] === false);
  return negated ? { Not: { ...test, [negated]: true }, ...next } : rule;
}

/** Paths and intrinsic functions are in keys that end in `.$` or `Path`, and in a rule's Variable. */
function renameContext(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    const isPath = key.endsWith('.$') || key.endsWith('Path') || key === 'Variable';
    return isPath ? value.replace(/\$\$\.Execution\b/g, `$$$$.${executionContextKey}`) : value;
  }
  if (Array.isArray(value)) return value.map((item) => renameContext(item, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, renameContext(item, name)]),
  ) as Json;
}
