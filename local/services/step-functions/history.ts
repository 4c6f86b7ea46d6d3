import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from './definition.ts';

/** One event of an execution's history, as GetExecutionHistory gives it but with a time in UTC ms. */
export interface HistoryEvent {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  [details: `${string}EventDetails`]: object;
}

/** A line of the journal: the event, and what a resume needs to know of it. */
interface Line extends HistoryEvent {
  /** The event is of a state of the machine itself, not of a branch or an iteration. */
  top?: true;
  /** The state after the one that was left; absent at an end. */
  next?: string;
}

/** Takes the events of a run. Executions keep them; children of a map run do not. */
export interface Recorder {
  add(type: string, details?: Record<string, object>, mark?: { top?: true; next?: string }): void;
  /** Events so far. */
  readonly length: number;
}

/** For runs without a history. */
export const noHistory: Recorder = { add: () => {}, length: 0 };

/** A Standard execution fails past this many events. */
export const historyLimit = 25_000;

/**
 * The history of one execution in a file of its own, one event a line. Appended before the run goes on: it is the
 * journal by which an execution continues after the process was killed.
 */
export class Journal implements Recorder {
  readonly #file: string;
  #length: number;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
    this.#length = existsSync(file) ? readLines<Line>(file).length : 0;
    mkdirSync(dirname(file), { recursive: true });
  }

  get length(): number {
    return this.#length;
  }

  /** The execution has ended: what a task that was given up still reports is no event of it. */
  close(): void {
    this.#closed = true;
  }

  add(type: string, details: Record<string, object> = {}, mark: { top?: true; next?: string } = {}): void {
    if (this.#closed) return;
    this.#length += 1;
    const event = { id: this.#length, previousEventId: this.#length - 1, timestamp: Date.now(), type };
    appendFileSync(this.#file, `${JSON.stringify({ ...event, ...details, ...mark })}\n`);
  }
}

/** The events of a journal, in order. */
export function readHistory(file: string): HistoryEvent[] {
  return readLines<Line>(file).map(({ top: _, next: __, ...event }) => event);
}

/** Where a run goes on. */
export type ResumePoint =
  | {
      kind: 'state';
      state: string;
      input: Json;
      enteredAtMs: number | undefined;
      mapRunArn: string | undefined;
    }
  | { kind: 'ended'; output: Json };

/**
 * The point that a journal breaks off at: the state that was entered and not left, with its input, and its map run;
 * or the one after the last that was left. Undefined when no state was entered.
 */
export function resumePointOf(file: string): ResumePoint | undefined {
  let point: ResumePoint | undefined;
  for (const line of readLines<Line>(file)) {
    if (line.mapRunStartedEventDetails || line.mapRunRedrivenEventDetails) {
      const { mapRunArn } = (line.mapRunStartedEventDetails ?? line.mapRunRedrivenEventDetails) as {
        mapRunArn: string;
      };
      if (line.top && point?.kind === 'state') point.mapRunArn = mapRunArn;
    }
    if (!line.top) continue;
    if (line.stateEnteredEventDetails) {
      const { name, input } = line.stateEnteredEventDetails as { name: string; input: string };
      point = {
        kind: 'state',
        state: name,
        input: JSON.parse(input),
        enteredAtMs: line.timestamp,
        mapRunArn: undefined,
      };
    } else if (line.stateExitedEventDetails) {
      const output = JSON.parse((line.stateExitedEventDetails as { output: string }).output) as Json;
      point =
        line.next === undefined
          ? { kind: 'ended', output }
          : { kind: 'state', state: line.next, input: output, enteredAtMs: undefined, mapRunArn: undefined };
    }
  }
  return point;
}

/** The JSON lines of a file. A last line that a kill cut short is removed: what it said had not been acknowledged. */
export function readLines<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
  return bytes
    .subarray(0, end)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
