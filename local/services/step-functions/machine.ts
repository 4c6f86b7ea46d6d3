import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, arn } from '../../engine/calls.ts';
import type { FunctionPlaces } from '../lambda/function.ts';
import type { AwsCaller } from './aws-clients.ts';
import { type Definition, dataLimitBytes, type Json } from './definition.ts';
import { asFailure } from './engine.ts';
import { Journal, readLines, resumePointOf } from './history.ts';
import { MapRuns } from './map-run.ts';
import type { Prepared } from './prepare.ts';
import { Interruption, type Outcome, type RunOptions, runStates } from './run.ts';

/** An execution as the API shows it. */
export interface ExecutionRecord {
  name: string;
  executionArn: string;
  startMs: number;
  status: 'RUNNING' | Outcome['status'];
  stopMs?: number | undefined;
  error?: string | undefined;
  cause?: string | undefined;
  redriveCount: number;
  redriveMs?: number | undefined;
}

type IndexLine =
  | { kind: 'started'; name: string; atMs: number }
  | { kind: 'redriven'; name: string; atMs: number }
  | { kind: 'ended'; name: string; atMs: number; status: Outcome['status']; error?: string; cause?: string };

/** Told when an execution begins, and when it ends. */
export type ExecutionObserver = (
  stateMachineArn: string,
  what: { status: 'STARTED' | Outcome['status']; tookMs?: number },
) => void;

export interface MachineOptions {
  name: string;
  roleArn: string;
  source: Definition;
  prepared: Prepared;
  directory: string;
  aws: AwsCaller;
  places: FunctionPlaces;
  /** Whether the machine's role may do this; throws when not. */
  may?: ((action: string, resource: string) => void) | undefined;
  /** Whether an execution may begin; throws when not. */
  mayStart(): void;
  timeScale: number;
  observe?: ExecutionObserver | undefined;
}

/** One state machine: its executions, each with a journal of its own, and an index of them. */
export class Machine {
  readonly arn: string;
  readonly options: MachineOptions;
  readonly mapRuns: MapRuns;
  readonly executions = new Map<string, ExecutionRecord>();
  readonly #running = new Map<string, { abort: AbortController; done: Promise<void> }>();

  constructor(options: MachineOptions) {
    this.options = options;
    this.arn = arn('states', `stateMachine:${options.name}`);
    mkdirSync(options.directory, { recursive: true });
    this.mapRuns = new MapRuns({
      ...options,
      directory: join(options.directory, 'map-runs'),
      machine: { arn: this.arn, name: options.name },
    });
    for (const line of readLines<IndexLine>(this.#index)) this.#apply(line);
  }

  /** Goes on with the executions that a former process left running. */
  resume(): void {
    for (const record of this.executions.values()) {
      if (record.status === 'RUNNING') this.#launch(record);
    }
  }

  /**
   * Starts an execution; on disk before it returns. The same name and input as a running one return that one.
   * Throws ExecutionAlreadyExists, InvalidName, InvalidExecutionInput and, past 262,144 bytes, ValidationException.
   */
  start(name: string, inputText: string): ExecutionRecord {
    if (!/^[A-Za-z0-9_.+=@!()'-]{1,80}$/.test(name))
      throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const size = Buffer.byteLength(inputText);
    if (size > dataLimitBytes) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${dataLimitBytes}, and has ${size}`,
      );
    }
    const input = parseInput(inputText);
    const existing = this.executions.get(name);
    if (existing) {
      const same =
        existing.status === 'RUNNING' && JSON.stringify(this.inputOf(name)) === JSON.stringify(input);
      if (same) return existing;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${existing.executionArn}'`);
    }
    this.options.mayStart();
    const journal = new Journal(this.journalFile(name));
    journal.add('ExecutionStarted', {
      executionStartedEventDetails: { input: JSON.stringify(input), roleArn: this.options.roleArn },
    });
    this.#write({ kind: 'started', name, atMs: Date.now() });
    this.options.observe?.(this.arn, { status: 'STARTED' });
    return this.#launch(this.executions.get(name) as ExecutionRecord);
  }

  /** Ends a running execution as ABORTED and waits for what it was doing to stop. */
  async stop(name: string, outcome: { error?: string; cause?: string }): Promise<ExecutionRecord> {
    const running = this.#running.get(name);
    running?.abort.abort(new Interruption('stopped', outcome));
    await running?.done;
    return this.executions.get(name) as ExecutionRecord;
  }

  /** Runs an ended, unsuccessful execution again from the state that it ended in. Throws ExecutionNotRedrivable. */
  redrive(name: string): ExecutionRecord {
    const record = this.executions.get(name) as ExecutionRecord;
    if (record.status === 'SUCCEEDED' || record.status === 'RUNNING') {
      throw new AwsError('ExecutionNotRedrivable', `Execution is ${record.status} and cannot be redriven`);
    }
    new Journal(this.journalFile(name)).add('ExecutionRedriven', {
      executionRedrivenEventDetails: { redriveCount: record.redriveCount + 1 },
    });
    this.#write({ kind: 'redriven', name, atMs: Date.now() });
    return this.#launch(record);
  }

  /** Interrupts what runs, without ending it: it goes on at the next start. */
  async close(): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort(new Interruption('closing'));
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    await this.options.aws.close();
  }

  journalFile(name: string): string {
    return join(this.options.directory, 'executions', `${name}.ndjson`);
  }

  inputOf(name: string): Json {
    const [first] = readLines<{ executionStartedEventDetails: { input: string } }>(this.journalFile(name));
    return first ? JSON.parse(first.executionStartedEventDetails.input) : null;
  }

  get #index(): string {
    return join(this.options.directory, 'executions.ndjson');
  }

  #launch(record: ExecutionRecord): ExecutionRecord {
    const abort = new AbortController();
    const journal = new Journal(this.journalFile(record.name));
    const done = this.#run(record, abort, journal)
      .then((outcome) => this.#end(record, outcome, journal))
      .catch((error) => {
        // Closing: the index still says RUNNING, and the next start goes on.
        if (!(error instanceof Interruption && error.kind === 'closing')) throw error;
      })
      .finally(() => this.#running.delete(record.name));
    this.#running.set(record.name, { abort, done });
    return record;
  }

  async #run(record: ExecutionRecord, abort: AbortController, recorder: Journal): Promise<Outcome> {
    const { prepared, name: machineName } = this.options;
    const { definition } = prepared;
    const input = this.inputOf(record.name);
    const point = resumePointOf(this.journalFile(record.name));
    if (point?.kind === 'ended') return { status: 'SUCCEEDED', output: point.output };
    const startedMs = record.redriveMs ?? record.startMs;
    const timer = timeoutAt(startedMs, definition.TimeoutSeconds, () =>
      abort.abort(new Interruption('timed-out')),
    );
    const options: RunOptions = {
      prepared,
      from: point ?? { state: definition.StartAt, input },
      execution: {
        Id: record.executionArn,
        Name: record.name,
        Input: input,
        StartTime: new Date(record.startMs).toISOString(),
        RoleArn: this.options.roleArn,
        RedriveCount: record.redriveCount,
      },
      machine: { Id: this.arn, Name: machineName },
      recorder,
      signal: abort.signal,
      aws: this.options.aws,
      places: this.options.places,
      timeScale: this.options.timeScale,
      runMap: (call) => this.mapRuns.run(call),
    };
    try {
      return await runStates(options);
    } catch (error) {
      if (!(error instanceof Interruption)) {
        const { error: name, cause } = asFailure(error);
        return { status: 'FAILED', error: name, cause };
      }
      if (error.kind === 'closing') throw error;
      return { status: error.kind === 'stopped' ? 'ABORTED' : 'TIMED_OUT', ...error.outcome };
    } finally {
      clearTimeout(timer);
    }
  }

  #end(record: ExecutionRecord, outcome: Outcome, journal: Journal): void {
    const types = {
      SUCCEEDED: 'ExecutionSucceeded',
      FAILED: 'ExecutionFailed',
      TIMED_OUT: 'ExecutionTimedOut',
      ABORTED: 'ExecutionAborted',
    };
    const type = types[outcome.status];
    const details =
      outcome.status === 'SUCCEEDED'
        ? { output: JSON.stringify(outcome.output) }
        : { error: outcome.error, cause: outcome.cause };
    const key = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
    journal.add(type, { [key]: details });
    journal.close();
    this.#write({
      kind: 'ended',
      name: record.name,
      atMs: Date.now(),
      status: outcome.status,
      ...(outcome.status === 'SUCCEEDED' ? {} : definedOnly(outcome)),
    });
    const tookMs = Date.now() - (record.redriveMs ?? record.startMs);
    this.options.observe?.(this.arn, { status: outcome.status, tookMs });
  }

  #write(line: IndexLine): void {
    appendFileSync(this.#index, `${JSON.stringify(line)}\n`);
    this.#apply(line);
  }

  #apply(line: IndexLine): void {
    if (line.kind === 'started') {
      this.executions.set(line.name, {
        name: line.name,
        executionArn: arn('states', `execution:${this.options.name}:${line.name}`),
        startMs: line.atMs,
        status: 'RUNNING',
        redriveCount: 0,
      });
      return;
    }
    const record = this.executions.get(line.name);
    if (!record) return;
    if (line.kind === 'ended') {
      Object.assign(record, { status: line.status, stopMs: line.atMs, error: line.error, cause: line.cause });
    } else {
      Object.assign(record, {
        status: 'RUNNING',
        redriveMs: line.atMs,
        redriveCount: record.redriveCount + 1,
      });
      record.stopMs = undefined;
      record.error = undefined;
      record.cause = undefined;
    }
  }
}

function parseInput(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}

/** A timer that fires at the execution's timeout, also when it began in a former process. */
function timeoutAt(
  startedMs: number,
  timeoutSeconds: number | undefined,
  onTimeout: () => void,
): NodeJS.Timeout | undefined {
  if (timeoutSeconds === undefined) return undefined;
  const leftMs = startedMs + timeoutSeconds * 1000 - Date.now();
  return setTimeout(onTimeout, Math.min(Math.max(0, leftMs), 2 ** 31 - 1));
}

function definedOnly(outcome: { error?: string | undefined; cause?: string | undefined }): {
  error?: string;
  cause?: string;
} {
  return {
    ...(outcome.error === undefined ? {} : { error: outcome.error }),
    ...(outcome.cause === undefined ? {} : { cause: outcome.cause }),
  };
}
