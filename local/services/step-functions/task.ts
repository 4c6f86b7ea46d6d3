import { randomUUID } from 'node:crypto';
import type { FunctionPlaces } from '../lambda/function.ts';
import type { AwsCaller } from './aws-clients.ts';
import { assertWithinDataLimit, type Json } from './definition.ts';
import { timeoutError } from './engine.ts';
import type { Recorder } from './history.ts';
import { type Integration, performIntegration } from './integrations.ts';
import { TimeLimit } from './time-limit.ts';

export interface AttemptOptions {
  input: Json;
  timeoutMs: number;
  recorder: Recorder;
  /** Aborted with an Interruption. */
  signal: AbortSignal;
  aws: AwsCaller;
  places: FunctionPlaces;
  /** The time of the whole child workflow execution, if it has a limit. */
  childTime: TimeLimit | undefined;
}

/**
 * One attempt of a task, with the events that AWS writes for it. Neither its time nor that of its child workflow execution
 * runs while its function waits for a place to run. When the time is over its call is hung up, so that its function
 * does not keep a place. Rejects with a StateError, the engine's States.Timeout, or the Interruption.
 */
export async function attemptTask(integration: Integration, options: AttemptOptions): Promise<Json> {
  const { recorder, input, aws, places } = options;
  const { service, action, functionArn } = integration;
  const what = { resourceType: service, resource: action };
  const direct = functionArn !== undefined;
  const write = (event: string, details: object): void => {
    const kind = direct ? 'LambdaFunction' : 'Task';
    const key = direct ? `lambdaFunction${event}EventDetails` : `task${event}EventDetails`;
    recorder.add(`${kind}${event}`, { [key]: direct ? details : { ...what, ...details } });
  };
  write('Scheduled', {
    ...(direct
      ? { resource: functionArn, input: JSON.stringify(input) }
      : { region: 'us-east-1', parameters: JSON.stringify(input) }),
  });
  write('Started', {});
  const timedOut = new AbortController();
  const time = new TimeLimit(options.timeoutMs, () => timedOut.abort());
  const signal = AbortSignal.any([options.signal, timedOut.signal]);
  const invokes = service === 'lambda' && action === 'invoke';
  const wait = invokes ? waitForPlace(places, [time, options.childTime]) : undefined;
  try {
    assertWithinDataLimit(input, `The input of ${service}:${action}`);
    const output = await performIntegration(integration, input, { aws, signal, tag: wait?.tag });
    assertWithinDataLimit(output, `The result of ${service}:${action}`);
    write('Succeeded', { output: JSON.stringify(output) });
    return output;
  } catch (error) {
    options.signal.throwIfAborted();
    if (timedOut.signal.aborted) {
      write('TimedOut', { error: 'States.Timeout' });
      throw timeoutError();
    }
    write('Failed', { error: (error as Error).name, cause: (error as Error).message });
    throw error;
  } finally {
    wait?.end();
    time.end();
  }
}

/** Holds the times until the invocation with this tag begins. */
function waitForPlace(
  places: FunctionPlaces,
  times: (TimeLimit | undefined)[],
): { tag: string; end(): void } {
  const tag = randomUUID();
  const releases = times.map((time) => time?.hold());
  const release = () => {
    for (const each of releases) each?.();
  };
  const forget = places.onBegin(tag, release);
  return {
    tag,
    end() {
      forget();
      release();
    },
  };
}
