import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { allStates, type Definition, readDefinition, type State } from './infra/definition.ts';

export type Json = Parameters<StateMachine['run']>[0];
export type Answer = (input: Json) => Json;

/** The state machine of the ingestion, run by the engine of the local cloud with answers in the place of its tasks. */
export const { definition } = readDefinition('ingest');

/** A fault as Step Functions sees it: a name and a message. */
export class NamedFault extends Error {
  constructor(name: string, message = 'it broke') {
    super(message);
    this.name = name;
  }
}
export const failing =
  (name: string, message?: string): Answer =>
  () => {
    throw new NamedFault(name, message);
  };

export const context = {
  Execution: { Id: 'arn:aws:states:us-east-1:000000000000:execution:caudal-ingest:job-1', Name: 'job-1' },
  State: { EnteredTime: '2025-03-01T00:00:00.000Z' },
};
export const totals = { segments: 2, failedSegments: 0, lines: 10, valid: 9, rejected: 1 };
export const manifest = { bucket: 'curated', key: 'staging/job-1/segments.json' };
export const pendingManifest = { bucket: 'curated', key: 'staging/job-1/pending-units.json' };
const planned: Answer = () => ({ Payload: { jobId: 'job-1', segments: 2, manifest } });
export const merged =
  (change: object): Answer =>
  () => ({
    Payload: {
      again: { count: 0 },
      pending: { units: manifest, count: 1, waitSeconds: 0 },
      totals: { ...totals, ...change },
      failed: [],
    },
  });
const mapDone: Answer = () => ({
  MapRunArn: 'arn',
  ResultWriterDetails: { Bucket: 'curated', Key: 'manifest.json' },
});

/** What FinishIngest answers, beside what it was given. */
export const finishing =
  (change: object): Answer =>
  (input) => {
    const { merge } = (input as { Payload: { merge: { totals: object; failed: object[] } } }).Payload;
    const { totals: given, failed } = merge;
    const usual = { state: 'Completed', pending: null, failure: null, sent: 0, withdrawn: 0 };
    return { Payload: JSON.parse(JSON.stringify({ ...usual, totals: given, failed, ...change })) };
  };
export const waiting = finishing({
  state: 'Waiting',
  pending: { units: pendingManifest, count: 1, waitSeconds: 0 },
});

export const answers: Record<string, Answer> = {
  PlanIngest: planned,
  ValidateSegments: mapDone,
  PlanMerge: merged({}),
  MergePartitions: mapDone,
  FinishIngest: finishing({}),
  MarkJobFailed: () => ({}),
  PutFailedEvent: () => ({}),
};

/** The engine runs no Distributed Map: a map stands there as a task with the same ways out, and its child runs by itself. */
function runnable(machine: Definition): StateMachineDefinition {
  const states = Object.entries(machine.States).map(([name, state]): [string, object] => {
    if (state.Type !== 'Map') return [name, state];
    const { ItemProcessor, ItemReader, ResultWriter, Label, ToleratedFailurePercentage, ...rest } =
      state as State & {
        MaxConcurrencyPath?: string;
      };
    const { MaxConcurrencyPath, ...task } = rest;
    return [name, { ...task, Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 60 }];
  });
  const text = JSON.stringify({ StartAt: machine.StartAt, States: Object.fromEntries(states) });
  return JSON.parse(text.replace(/\$\{MaxConcurrency\}/g, '40')) as StateMachineDefinition;
}

/** Runs a machine with these answers of its tasks; no waiting between retries. */
export async function run(machine: Definition, input: Json, overrides: Record<string, Answer>) {
  const calls: { state: string; input: Json }[] = [];
  const taskResourceLocalHandlers = Object.fromEntries(
    Object.entries({ ...answers, ...overrides }).map(([state, answer]) => [
      state,
      (given: Json) => {
        calls.push({ state, input: given });
        return answer(given);
      },
    ]),
  );
  const retryIntervalOverrides = Object.fromEntries(allStates(machine).map(([name]) => [name, 0]));
  const execution = new StateMachine(runnable(machine), { validationOptions: { checkArn: false } }).run(
    input,
    {
      context,
      overrides: { taskResourceLocalHandlers, retryIntervalOverrides },
    },
  );
  const outcome = await execution.result.then(
    (output) => ({ kind: 'succeeded' as const, output }),
    (error: Error & { cause: Error }) => ({
      kind: 'failed' as const,
      error: error.cause.name,
      cause: error.cause.message,
    }),
  );
  const names = calls.map(({ state }) => state);
  return {
    outcome,
    calls,
    names,
    inputOf: (state: string) => calls.find((call) => call.state === state)?.input,
  };
}

export const batch: Json = [{ messageId: 'm', body: '{}' }];
/** The whole machine, with a batch of the pipe. */
export const ingest = (overrides: Record<string, Answer> = {}) => run(definition, batch, overrides);
