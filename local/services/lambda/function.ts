/** A function as the template declares it. */
export interface FunctionConfiguration {
  name: string;
  arn: string;
  /** By which the endpoint knows the function as a caller. */
  accessKeyId: string;
  secretAccessKey: string;
  /** ARN of its role. */
  role: string;
  /** The directory of the bundled asset. */
  directory: string;
  /** `<file without extension>.<export>` */
  handler: string;
  runtime: string;
  environment: Readonly<Record<string, string>>;
  /** 128 to 10,240; bounds the worker's heap. */
  memoryMiB: number;
  /** 1,000 to 900,000 */
  timeoutMs: number;
  logGroup: string;
  /** ARN of the queue that takes an asynchronous event that has failed three times. */
  deadLetterArn?: string | undefined;
  /** Invocations of this function at a time; undefined leaves it to the pool. */
  reservedConcurrency?: number | undefined;
}

/** What an invocation came to. A failure's payload is `{errorType, errorMessage, trace?}`, as Lambda writes it. */
export type InvocationResult = { kind: 'succeeded' | 'failed'; payload: string };

/** Who waits for an invocation. */
export interface InvocationWaiter {
  /** Aborted when nobody waits any more: the invocation is then taken from the queue, or stopped where it runs. */
  signal?: AbortSignal | undefined;
  /** Called once the invocation has a place to run and its function is loaded; not at all when it gets none. */
  begins?: (() => void) | undefined;
}

/** The places where functions run, for who has to know when an invocation only waits for one. */
export interface FunctionPlaces {
  /** Invocations that run at a time, over all functions. */
  readonly count: number;
  /** Calls `begins` when the invocation that is sent with this tag begins to run. Returns how to forget it. */
  onBegin(tag: string, begins: () => void): () => void;
}

/** Names an invocation for `FunctionPlaces.onBegin`. AWS has no such header. */
export const invocationTagHeader = 'x-local-invocation-tag';

/** Takes what a function writes, and the log stream of the environment that wrote it. */
export type FunctionLog = (configuration: FunctionConfiguration, text: string, stream: string) => void;

/** Bytes of a synchronous invocation's event or answer: 6 MiB and what Lambda lets pass for its envelope. */
export const payloadLimitBytes = 6_291_556;

/** An error payload in Lambda's form. */
export function errorPayload(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}
