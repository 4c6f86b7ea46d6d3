import { createRequire } from 'node:module';
import type { Worker } from './worker.ts';
import type { HotWorld, Measured } from './world.ts';

/** ValidateSegment's job in Polars, whose path is the first argument, with as many threads as POLARS_MAX_THREADS says. */
export type PolarsTask =
  | { kind: 'version' }
  | { kind: 'validate'; file: string; valid: string; rejects: string };

/** What is used of nodejs-polars 0.26. Its own types are not here unless it is installed. */
export interface Polars {
  readonly version: string;
  readonly Utf8: PolarsType;
  readonly Float64: PolarsType;
  readonly Int32: PolarsType;
  Datetime(unit: 'ms'): PolarsType;
  Struct(fields: readonly object[]): PolarsType;
  readonly Field: new (name: string, type: PolarsType) => object;
  scanCSV(path: string, options: object): PolarsLazy;
  concat(frames: readonly PolarsFrame[]): PolarsFrame;
  col(name: string): PolarsExpression;
  lit(value: string | number | null): PolarsExpression;
  when(condition: PolarsExpression): { then(value: PolarsExpression): PolarsWhen };
}

type PolarsType = object;

export interface PolarsExpression {
  readonly str: {
    jsonPathMatch(path: string): PolarsExpression;
    jsonDecode(type: PolarsType): PolarsExpression;
    strptime(type: PolarsType, format: string): PolarsExpression;
  };
  alias(name: string): PolarsExpression;
  isNull(): PolarsExpression;
  isNotNull(): PolarsExpression;
  fillNull(value: number): PolarsExpression;
  eq(value: number): PolarsExpression;
  lt(value: number): PolarsExpression;
  gt(value: number): PolarsExpression;
  or(other: PolarsExpression): PolarsExpression;
}

interface PolarsWhen {
  when(condition: PolarsExpression): { then(value: PolarsExpression): PolarsWhen };
  otherwise(value: PolarsExpression): PolarsExpression;
}

interface PolarsLazy {
  withColumns(...columns: PolarsExpression[]): PolarsLazy;
  select(...columns: (string | PolarsExpression)[]): PolarsLazy;
  filter(condition: PolarsExpression): PolarsLazy;
  unnest(column: string): PolarsLazy;
  sort(by: string): PolarsLazy;
  unique(options: { subset: string[]; keep: 'last' }): PolarsLazy;
  collectSync(): PolarsFrame;
}

interface PolarsFrame {
  lazy(): PolarsLazy;
  writeParquet(path: string, options: { compression: 'snappy' }): void;
  writeJSON(path: string, options: { format: 'lines' }): void;
}

/** Polars with one thread, when it is installed; else says how to install it. */
export async function startPolars(world: HotWorld): Promise<Worker<PolarsTask, Measured> | undefined> {
  try {
    const path = createRequire(import.meta.url).resolve('nodejs-polars');
    const worker = world.start<PolarsTask, Measured & { version: string }>('polars-process', {
      args: [path],
      env: { POLARS_MAX_THREADS: '1' },
    });
    const { version } = await worker.ask({ kind: 'version' });
    console.log(`Polars ${version}`);
    return worker;
  } catch (error) {
    // Not installed, or without a binary for this machine.
    const [why] = String(error).split('\n');
    console.log(
      `without Polars: \`npm install --no-save nodejs-polars\` adds it, see bench/README.md (${why})`,
    );
    return undefined;
  }
}
