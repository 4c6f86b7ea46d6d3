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

export type PolarsType = object;

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

export interface PolarsWhen {
  when(condition: PolarsExpression): { then(value: PolarsExpression): PolarsWhen };
  otherwise(value: PolarsExpression): PolarsExpression;
}

export interface PolarsLazy {
  withColumns(...columns: PolarsExpression[]): PolarsLazy;
  select(...columns: (string | PolarsExpression)[]): PolarsLazy;
  filter(condition: PolarsExpression): PolarsLazy;
  unnest(column: string): PolarsLazy;
  sort(by: string): PolarsLazy;
  unique(options: { subset: string[]; keep: 'last' }): PolarsLazy;
  collectSync(): PolarsFrame;
}

export interface PolarsFrame {
  lazy(): PolarsLazy;
  writeParquet(path: string, options: { compression: 'snappy' }): void;
  writeJSON(path: string, options: { format: 'lines' }): void;
}
