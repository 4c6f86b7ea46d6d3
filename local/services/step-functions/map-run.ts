import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { accountId, region } from '../../engine/calls.ts';
import type { FunctionPlaces } from '../lambda/function.ts';
import type { AwsCaller } from './aws-clients.ts';
import { assertWithinDataLimit, type Json, StateError } from './definition.ts';
import { asFailure, evaluate, evaluatePath } from './engine.ts';
import { noHistory } from './history.ts';
import { parseItems } from './item-reader.ts';
import { MapRunRecord, type MapRunStart, outputsOf } from './map-record.ts';
import { executionContextKey } from './prepare.ts';
import { resultObjects } from './result-writer.ts';
import { type ExecutionContext, Interruption, type MapCall, type Outcome, runStates } from './run.ts';
import { TimeLimit } from './time-limit.ts';

/** An Express child may take five minutes, without the waits for a place to run. */
const expressLimitMs = 5 * 60_000;

/** The longest that a timer of Node takes, 24 days. */
const longestLimitMs = 2 ** 31 - 1;

/** Children at a time where the definition sets no bound; AWS's own is 10,000. */
const defaultConcurrency = 1_000;

export interface MapRunsOptions {
  /** Holds one file a map run. */
  directory: string;
  machine: { arn: string; name: string };
  aws: AwsCaller;
  places: FunctionPlaces;
  /** Whether the machine's role may do this; throws when not. */
  may?: ((action: string, resource: string) => void) | undefined;
  timeScale: number;
}

/** The map runs of one state machine: running ones and records of ended ones. */
export class MapRuns {
  readonly #options: MapRunsOptions;
  readonly #live = new Map<string, MapRunRecord>();

  constructor(options: MapRunsOptions) {
    this.#options = options;
  }

  /** The record of a map run; undefined when there is none. */
  find(mapRunArn: string): MapRunRecord | undefined {
    const live = this.#live.get(mapRunArn);
    if (live) return live;
    try {
      return new MapRunRecord(this.#file(mapRunArn));
    } catch {
      return undefined;
    }
  }

  /** A child's ARN; an Express one names its map run too. */
  childArn({ start }: MapRunRecord, name: string): string {
    const [label, run] = String(start.mapRunArn.split('/')[1]).split(':');
    return start.express
      ? `arn:aws:states:${region}:${accountId}:express:${this.#options.machine.name}/${label}:${run}:${name}`
      : `arn:aws:states:${region}:${accountId}:execution:${this.#options.machine.name}/${label}:${name}`;
  }

  /**
   * Runs a distributed map to its result: the children's outputs, or where ResultWriter put them. A run that was
   * interrupted goes on with the children that have not ended; a redriven one with those that did not succeed.
   * Rejects with the StateError that AWS names, or the Interruption.
   */
  async run(call: MapCall): Promise<Json> {
    const { recorder, signal } = call;
    const { state } = call.work;
    const items = await this.#items(call);
    this.#checkStart();
    const record = this.#open(call, items.length);
    const { mapRunArn } = record.start;
    this.#live.set(mapRunArn, record);
    try {
      const run = await this.#runChildren(call, record, items);
      const output = await this.#writeResults(call, record, run.inputs);
      record.end(run.exceeded ? 'FAILED' : 'SUCCEEDED', state.ResultWriter ? record.children.size : 0);
      if (run.exceeded) {
        throw new StateError(
          'States.ExceedToleratedFailureThreshold',
          'The specified tolerated failure threshold was exceeded',
        );
      }
      recorder.add('MapRunSucceeded', {}, { top: true });
      return output;
    } catch (error) {
      if (signal.aborted) {
        if ((signal.reason as Interruption).kind !== 'closing') {
          record.end('ABORTED', 0);
          recorder.add('MapRunAborted', {}, { top: true });
        }
        throw error;
      }
      if (record.status === 'RUNNING') record.end('FAILED', 0);
      const { error: name, cause } = asFailure(error);
      recorder.add('MapRunFailed', { mapRunFailedEventDetails: { error: name, cause } }, { top: true });
      throw error;
    } finally {
      this.#live.delete(mapRunArn);
    }
  }

  /** Step Functions starts the children of a distributed map under the machine's own role. */
  #checkStart(): void {
    try {
      this.#options.may?.('states:StartExecution', this.#options.machine.arn);
    } catch (error) {
      throw new StateError('States.Permissions', (error as Error).message);
    }
  }

  async #items({ work, input, context, signal }: MapCall): Promise<Json[]> {
    const { ItemReader, ItemsPath } = work.state;
    if (!ItemReader) {
      const value = ItemsPath ? await evaluatePath(ItemsPath, input, context) : input;
      if (Array.isArray(value)) return value;
      throw new StateError('States.Runtime', 'The items of a Map state must be an array.', {
        terminal: true,
      });
    }
    const parameters = (await evaluate(ItemReader.Parameters, input, context)) as object;
    let text: string;
    try {
      const { Body } = await this.#options.aws.call('s3', 'getObject', parameters, { signal });
      text = await (Body as { transformToString(): Promise<string> }).transformToString();
    } catch (error) {
      signal.throwIfAborted();
      throw new StateError(
        'States.ItemReaderFailed',
        `${(error as Error).name}: ${(error as Error).message}`,
      );
    }
    return parseItems(text, ItemReader.ReaderConfig);
  }

  /** A new run's record, or that of the run to go on with. */
  #open(call: MapCall, total: number): MapRunRecord {
    const { name, context, recorder, work } = call;
    if (call.mapRunArn) {
      const record = new MapRunRecord(this.#file(call.mapRunArn));
      if (record.status !== 'RUNNING') {
        record.redrive();
        recorder.add(
          'MapRunRedriven',
          { mapRunRedrivenEventDetails: { mapRunArn: call.mapRunArn, redriveCount: record.redriveCount } },
          { top: true },
        );
      }
      return record;
    }
    const { machine } = this.#options;
    const label = work.state.Label ?? name;
    const mapRunArn = `arn:aws:states:${region}:${accountId}:mapRun:${machine.name}/${label}:${randomUUID()}`;
    const { ToleratedFailureCount, ToleratedFailurePercentage } = work.state;
    const start: MapRunStart = {
      mapRunArn,
      executionArn: (context[executionContextKey] as ExecutionContext).Id,
      stateMachineArn: machine.arn,
      startMs: Date.now(),
      total,
      maxConcurrency: work.state.MaxConcurrency ?? 0,
      toleratedFailureCount: ToleratedFailureCount ?? 0,
      toleratedFailurePercentage: ToleratedFailurePercentage ?? 0,
      express: work.processor.definition.ProcessorConfig?.ExecutionType === 'EXPRESS',
    };
    recorder.add('MapStateStarted', { mapStateStartedEventDetails: { length: total } });
    const record = new MapRunRecord(this.#file(mapRunArn), start);
    recorder.add('MapRunStarted', { mapRunStartedEventDetails: { mapRunArn } }, { top: true });
    return record;
  }

  async #runChildren(
    call: MapCall,
    record: MapRunRecord,
    items: readonly Json[],
  ): Promise<{ inputs: Json[]; exceeded: boolean }> {
    const stop = new AbortController();
    const signal = AbortSignal.any([call.signal, stop.signal]);
    const inputs: Json[] = [];
    let next = 0;
    const inputOf = async (index: number): Promise<Json> => {
      const { ItemSelector } = call.work.state;
      const item = items[index] as Json;
      if (ItemSelector === undefined) return item;
      const context = { ...call.context, Map: { Item: { Index: index, Value: item } } };
      return evaluate(ItemSelector, call.input, context);
    };
    const lane = async (): Promise<void> => {
      while (next < items.length) {
        const index = next++;
        inputs[index] = await inputOf(index);
        if (record.children.has(index) || stop.signal.aborted) continue;
        call.signal.throwIfAborted();
        record.running += 1;
        const name = randomUUID();
        const startMs = Date.now();
        try {
          const outcome = await this.#runChild(call, { record, name, input: inputs[index], signal });
          const input = outcome.status === 'SUCCEEDED' ? {} : { input: inputs[index] };
          record.addChild({ index, name, startMs, stopMs: Date.now(), ...input, ...outcome });
        } finally {
          record.running -= 1;
        }
        if (record.exceedsTolerance(call.work.state)) stop.abort(new Interruption('stopped'));
      }
    };
    // More children than there are places for functions would only wait, and be open for longer.
    const width = Math.min(
      await this.#concurrency(call),
      this.#options.places.count,
      Math.max(1, items.length),
    );
    // Every lane ends before the run does: no child outlives its map run.
    const guarded = () =>
      lane().catch((error) => {
        stop.abort(new Interruption('stopped'));
        throw error;
      });
    const ended = await Promise.allSettled(Array.from({ length: width }, guarded));
    call.signal.throwIfAborted();
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
    return { inputs, exceeded: stop.signal.aborted };
  }

  /** A child workflow execution. Rejects only when the whole execution is interrupted. */
  async #runChild(
    call: MapCall,
    child: { record: MapRunRecord; name: string; input: Json; signal: AbortSignal },
  ): Promise<Outcome> {
    const { processor } = call.work;
    const express = processor.definition.ProcessorConfig?.ExecutionType === 'EXPRESS';
    const limitMs = Math.min(
      express ? expressLimitMs : longestLimitMs,
      (processor.definition.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    );
    const timeout = new AbortController();
    const childTime = new TimeLimit(limitMs, () => timeout.abort(new Interruption('timed-out')));
    const parent = call.context[executionContextKey] as ExecutionContext;
    try {
      assertWithinDataLimit(child.input, 'The input of the child workflow execution');
      return await runStates({
        prepared: processor,
        from: { state: processor.definition.StartAt, input: child.input },
        execution: {
          ...parent,
          Id: this.childArn(child.record, child.name),
          Name: child.name,
          Input: child.input,
          StartTime: new Date().toISOString(),
        },
        machine: { Id: this.#options.machine.arn, Name: this.#options.machine.name },
        recorder: noHistory,
        signal: AbortSignal.any([child.signal, timeout.signal]),
        aws: this.#options.aws,
        places: this.#options.places,
        childTime,
        timeScale: this.#options.timeScale,
        runMap: (nested) => this.run(nested),
      });
    } catch (error) {
      call.signal.throwIfAborted();
      if (timeout.signal.aborted) return { status: 'TIMED_OUT', error: 'States.Timeout' };
      if (child.signal.aborted) return { status: 'ABORTED' };
      const { error: name, cause } = asFailure(error);
      return { status: 'FAILED', error: name, cause };
    } finally {
      childTime.end();
    }
  }

  async #concurrency({ work, input, context }: MapCall): Promise<number> {
    const { MaxConcurrency, MaxConcurrencyPath } = work.state;
    const value = MaxConcurrencyPath
      ? await evaluatePath(MaxConcurrencyPath, input, context)
      : MaxConcurrency;
    return Number(value) || defaultConcurrency;
  }

  async #writeResults(call: MapCall, record: MapRunRecord, inputs: readonly Json[]): Promise<Json> {
    const { ResultWriter } = call.work.state;
    if (!ResultWriter) return outputsOf(record);
    const express = call.work.processor.definition.ProcessorConfig?.ExecutionType === 'EXPRESS';
    try {
      const { Bucket, Prefix = '' } = (await evaluate(ResultWriter.Parameters, call.input, call.context)) as {
        Bucket: string;
        Prefix?: string;
      };
      const { objects, manifestKey } = resultObjects({
        record,
        bucket: Bucket,
        prefix: Prefix,
        express,
        childArn: (name) => this.childArn(record, name),
        inputs,
      });
      for (const { key, body } of objects) {
        const parameters = { Bucket, Key: key, Body: body, ContentType: 'application/json' };
        await this.#options.aws.call('s3', 'putObject', parameters, { signal: call.signal });
      }
      return { MapRunArn: record.start.mapRunArn, ResultWriterDetails: { Bucket, Key: manifestKey } };
    } catch (error) {
      call.signal.throwIfAborted();
      throw new StateError(
        'States.ResultWriterFailed',
        `${(error as Error).name}: ${(error as Error).message}`,
      );
    }
  }

  #file(mapRunArn: string): string {
    return join(this.#options.directory, `${mapRunArn.split(':').at(-1)}.ndjson`);
  }
}
