/** Any JSON value, as states pass them. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A state of the Amazon States Language; fields that a type does not have are absent. */
export interface State {
  Type: 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';
  Next?: string;
  End?: boolean;
  Default?: string;
  Resource?: string;
  Error?: string;
  Cause?: string;
  ErrorPath?: string;
  CausePath?: string;
  Choices?: { Next: string }[];
  Retry?: { ErrorEquals: string[]; IntervalSeconds?: number; MaxDelaySeconds?: number }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Branches?: Definition[];
  ItemProcessor?: Definition;
  Iterator?: Definition;
  ItemReader?: { Resource: string; ReaderConfig?: ReaderConfig; Parameters: Json };
  ItemsPath?: string;
  ItemSelector?: Json;
  ResultWriter?: { Resource: string; Parameters: Json; WriterConfig?: unknown };
  MaxConcurrency?: number;
  MaxConcurrencyPath?: string;
  ToleratedFailureCount?: number;
  ToleratedFailurePercentage?: number;
  Label?: string;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  [field: string]: unknown;
}

/** How the items of a distributed map are read from their object. */
export interface ReaderConfig {
  InputType?: string;
  MaxItems?: number;
  CSVHeaderLocation?: string;
  CSVHeaders?: string[];
  CSVDelimiter?: string;
}

/** A state machine, or the inside of a map or of a branch. */
export interface Definition {
  StartAt: string;
  States: Record<string, State>;
  TimeoutSeconds?: number;
  QueryLanguage?: string;
  ProcessorConfig?: { Mode?: 'INLINE' | 'DISTRIBUTED'; ExecutionType?: 'STANDARD' | 'EXPRESS' };
}

/** A failure with the name and cause that Retry, Catch and the history see. */
export class StateError extends Error {
  /** Read by the engine: whether Retry and Catch may match. False for what ends an execution in any case. */
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, options: { terminal?: boolean } = {}) {
    super(cause);
    this.name = name;
    this.isRetryable = !options.terminal;
    this.isCatchable = !options.terminal;
  }
}

/** Bytes of a state's input or output. */
export const dataLimitBytes = 262_144;

/** Throws `States.DataLimitExceeded`, which no `States.ALL` catches, when the JSON is longer than 256 KiB. */
export function assertWithinDataLimit(value: Json, what: string): void {
  const size = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (size <= dataLimitBytes) return;
  throw new StateError(
    'States.DataLimitExceeded',
    `${what} has ${size} bytes, exceeding the maximum number of bytes service limit (${dataLimitBytes}).`,
    { terminal: true },
  );
}
