import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { type Definition, type Json, type State, StateError } from './definition.ts';

/** A task's work: its effective input to its result. Rejects with a StateError, or an error named as ASL knows it. */
export type TaskHandler = (input: Json) => Promise<Json>;

/** What the engine reports while it runs a state. */
export interface EngineEvent {
  type: string;
  timestamp: number;
  index?: number;
  state?: { name: string; type: string; input: Json; output?: Json };
  parentState?: { name: string };
  Error?: string;
  Cause?: unknown;
}

/** Where a state leads. */
export type Step =
  | { kind: 'next'; state: string; output: Json }
  | { kind: 'end'; output: Json }
  | { kind: 'failed'; error: string | undefined; cause: string | undefined };

const marker = '→';

/**
 * Runs one state of a prepared definition in the ASL engine (aws-local-stepfunctions), input and output processing,
 * retries and catchers included. One state at a time, so that what it came to is on disk before the next one starts,
 * and each has a context object of its own.
 * Rejects only when `signal` is aborted.
 */
export async function runState(options: {
  name: string;
  state: State;
  input: Json;
  context: Record<string, unknown>;
  handlers: Record<string, TaskHandler>;
  signal: AbortSignal;
  onEvent(event: EngineEvent): void;
}): Promise<Step> {
  const { name, state, input, context } = options;
  if (state.Type === 'Fail') return fail(state, input, context);
  const machine = new StateMachine(alone(name, bound(state, input)) as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  const run = machine.run(input, {
    context,
    overrides: {
      taskResourceLocalHandlers: options.handlers as never,
    },
  });
  const abort = () => run.abort();
  options.signal.addEventListener('abort', abort, { once: true });
  let next: string | undefined;
  const events = (async () => {
    for await (const event of run.eventLogs as AsyncIterable<EngineEvent>) {
      if (event.type === 'StateEntered' && event.state?.name.startsWith(marker)) {
        next = event.state.name.slice(marker.length);
      } else if (event.state?.name !== undefined && !event.state.name.startsWith(marker)) {
        options.onEvent(event);
      } else if (event.parentState) {
        options.onEvent(event);
      }
    }
  })();
  try {
    const output = (await run.result) as Json;
    await events;
    return next === undefined ? { kind: 'end', output } : { kind: 'next', state: next, output };
  } catch (error) {
    options.signal.throwIfAborted();
    await events;
    return asFailure((error as Error).cause ?? error);
  } finally {
    options.signal.removeEventListener('abort', abort);
  }
}

/** The engine's own error of a timeout, which `States.TaskFailed` does not match. It exports no class, so one is provoked. */
const engineTimeout = await new StateMachine(
  {
    StartAt: 'T',
    States: { T: { Type: 'Task', Resource: 'arn', TimeoutSeconds: 0.001, End: true } },
  } as unknown as StateMachineDefinition,
  { validationOptions: { noValidate: true } },
)
  .run({}, { overrides: { taskResourceLocalHandlers: { T: () => new Promise(() => {}) } } })
  .result.catch((error: Error) => error.cause);

/** A task's `States.Timeout`. */
export function timeoutError(): Error {
  const EngineTimeout = (engineTimeout as Error).constructor as new () => Error;
  return new EngineTimeout();
}

/** Evaluates a payload template (`Parameters`, `ItemSelector`): keys in `.$` are paths or intrinsic functions. */
export async function evaluate(template: Json, input: Json, context: Record<string, unknown>): Promise<Json> {
  const definition = {
    StartAt: 'E',
    States: { E: { Type: 'Pass', Parameters: bindRoot(template, input), End: true } },
  };
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  try {
    return (await machine.run(input, { context }).result) as Json;
  } catch (error) {
    throw (error as Error).cause ?? error;
  }
}

/** The value at one path. */
export async function evaluatePath(
  path: string,
  input: Json,
  context: Record<string, unknown>,
): Promise<Json> {
  return ((await evaluate({ 'value.$': path }, input, context)) as { value: Json }).value;
}

/** The engine's paths find nothing in an input that is null, false, 0 or '': for these `$` is put in beforehand. */
function bound(state: State, input: Json): State {
  if (input || !('Parameters' in state)) return state;
  return { ...state, Parameters: bindRoot(state.Parameters as Json, input) };
}

function bindRoot(template: Json, input: Json): Json {
  if (input || typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) return template.map((item) => bindRoot(item, input));
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$') && value === '$' ? [key.slice(0, -2), input] : [key, bindRoot(value, input)],
    ),
  );
}

/** The state with an end behind each place that it can lead to, named after the place. */
function alone(name: string, state: State): Definition {
  const mark = (target: string): string => {
    ends[`${marker}${target}`] = { Type: 'Succeed' };
    return `${marker}${target}`;
  };
  const ends: Record<string, State> = {};
  const only: State = {
    ...state,
    ...(state.Next === undefined ? {} : { Next: mark(state.Next) }),
    ...(state.Default === undefined ? {} : { Default: mark(state.Default) }),
    ...(state.Catch && { Catch: state.Catch.map((item) => ({ ...item, Next: mark(item.Next) })) }),
    ...(state.Choices && { Choices: state.Choices.map((item) => ({ ...item, Next: mark(item.Next) })) }),
  };
  return { StartAt: name, States: { [name]: only, ...ends } };
}

/** A Fail state, whose paths may be intrinsic functions, which the engine takes for plain paths only. */
async function fail(state: State, input: Json, context: Record<string, unknown>): Promise<Step> {
  const template = {
    ...(state.Error === undefined ? {} : { error: state.Error }),
    ...(state.Cause === undefined ? {} : { cause: state.Cause }),
    ...(state.ErrorPath === undefined ? {} : { 'error.$': state.ErrorPath }),
    ...(state.CausePath === undefined ? {} : { 'cause.$': state.CausePath }),
  };
  try {
    const values = (await evaluate(template, input, context)) as { error?: string; cause?: string };
    for (const [field, value] of Object.entries(values)) {
      if (typeof value !== 'string') {
        throw new StateError(
          'States.Runtime',
          `The ${field} of a Fail state must be a string, not ${typeof value}.`,
        );
      }
    }
    return { kind: 'failed', error: values.error, cause: values.cause };
  } catch (error) {
    return asFailure(error);
  }
}

/** An error that neither a task nor ASL names (a path into nothing, say) is `States.Runtime`. */
export function asFailure(error: unknown): Step & { kind: 'failed' } {
  const { name, message } = error as Error;
  const named = error instanceof StateError || 'isRetryable' in (error as object);
  if (!named) return { kind: 'failed', error: 'States.Runtime', cause: `${name}: ${message}` };
  return { kind: 'failed', error: name, cause: message };
}
