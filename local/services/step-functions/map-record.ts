import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from './definition.ts';
import { readLines } from './history.ts';
import type { Outcome } from './run.ts';

/** What a map run is started with. */
export interface MapRunStart {
  mapRunArn: string;
  executionArn: string;
  stateMachineArn: string;
  /** UTC ms */
  startMs: number;
  total: number;
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
  /** Whether its children are Express executions; absent in records of earlier versions. */
  express?: boolean;
}

/** One child workflow execution that has ended. Its input is kept only where it did not succeed: what people look at. */
export type ChildRecord = {
  index: number;
  name: string;
  startMs: number;
  stopMs: number;
  input?: Json;
} & Outcome;

/** How a map run ended. */
export type MapRunStatus = 'SUCCEEDED' | 'FAILED' | 'ABORTED';

type Line =
  | { kind: 'started'; start: MapRunStart }
  | { kind: 'child'; child: ChildRecord }
  | { kind: 'redriven'; atMs: number }
  | { kind: 'ended'; status: MapRunStatus; atMs: number; resultsWritten: number };

/**
 * The state of one map run, in a file of its own from which it continues after a kill: each child that ended is a line.
 * Throws when the file is another run's.
 */
export class MapRunRecord {
  readonly start: MapRunStart;
  /** The last end of each child, by index. */
  readonly children = new Map<number, ChildRecord>();
  status: 'RUNNING' | MapRunStatus = 'RUNNING';
  stopMs: number | undefined;
  redriveCount = 0;
  redriveMs: number | undefined;
  resultsWritten = 0;
  /** Children under way; not in the file, since after a kill there are none. */
  running = 0;
  #unsuccessful = 0;
  readonly #file: string;

  constructor(file: string, start?: MapRunStart) {
    this.#file = file;
    const lines = existsSync(file) ? readLines<Line>(file) : [];
    const first = lines[0]?.kind === 'started' ? lines[0].start : start;
    if (!first) throw new Error(`${file} records no map run`);
    this.start = first;
    if (lines.length === 0) {
      mkdirSync(dirname(file), { recursive: true });
      this.#append({ kind: 'started', start: first });
    }
    for (const line of lines) this.#apply(line);
  }

  addChild(child: ChildRecord): void {
    this.#append({ kind: 'child', child });
  }

  /** Forgets the children that did not succeed: they run again. */
  redrive(): void {
    this.#append({ kind: 'redriven', atMs: Date.now() });
  }

  end(status: MapRunStatus, resultsWritten: number): void {
    this.#append({ kind: 'ended', status, atMs: Date.now(), resultsWritten });
  }

  /** By what became of the children, as DescribeMapRun counts them. */
  counts(): Record<string, number> {
    const of = (status: Outcome['status']) =>
      [...this.children.values()].filter((child) => child.status === status).length;
    const ended = this.children.size;
    return {
      pending: this.status === 'RUNNING' ? this.start.total - ended - this.running : 0,
      running: this.running,
      succeeded: of('SUCCEEDED'),
      failed: of('FAILED'),
      timedOut: of('TIMED_OUT'),
      aborted: of('ABORTED') + (this.status === 'RUNNING' ? 0 : this.start.total - ended),
      total: this.start.total,
      resultsWritten: this.resultsWritten,
      failuresNotRedrivable: 0,
      pendingRedrive: 0,
    };
  }

  /**
   * AWS fails a run with the first failure unless a count or a percentage is set; then either one that is exceeded
   * does.
   */
  exceedsTolerance(tolerance: {
    ToleratedFailureCount?: number;
    ToleratedFailurePercentage?: number;
  }): boolean {
    const { ToleratedFailureCount: count, ToleratedFailurePercentage: percentage } = tolerance;
    const failed = this.#unsuccessful;
    if (count === undefined && percentage === undefined) return failed > 0;
    const { total } = this.start;
    return failed > (count ?? total) || (failed / total) * 100 > (percentage ?? 100);
  }

  #append(line: Line): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#apply(line);
  }

  #apply(line: Line): void {
    if (line.kind === 'child') {
      this.children.set(line.child.index, line.child);
      if (line.child.status !== 'SUCCEEDED') this.#unsuccessful += 1;
    } else if (line.kind === 'ended') {
      this.status = line.status;
      this.stopMs = line.atMs;
      this.resultsWritten = line.resultsWritten;
    } else if (line.kind === 'redriven') {
      for (const [index, { status }] of this.children)
        if (status !== 'SUCCEEDED') this.children.delete(index);
      this.#unsuccessful = 0;
      this.status = 'RUNNING';
      this.stopMs = undefined;
      this.redriveCount += 1;
      this.redriveMs = line.atMs;
    }
  }
}

/** The outputs in the order of the items; only when all children succeeded or failures are tolerated. */
export function outputsOf(record: MapRunRecord): Json[] {
  const children = [...record.children.values()].sort((a, b) => a.index - b.index);
  return children.map((child) =>
    child.status === 'SUCCEEDED' ? child.output : { Error: child.error ?? '', Cause: child.cause ?? '' },
  );
}
