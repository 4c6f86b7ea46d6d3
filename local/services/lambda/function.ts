/** A function as the template declares it. */
export interface FunctionConfiguration {
  name: string;
  arn: string;
  /** By which the endpoint knows the function as a caller. */
  accessKeyId: string;
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
  /** Invocations of this function at a time; undefined leaves it to the pool. */
  reservedConcurrency?: number | undefined;
}

/** What an invocation came to. A failure's payload is `{errorType, errorMessage, trace?}`, as Lambda writes it. */
export type InvocationResult = { kind: 'succeeded' | 'failed'; payload: string };

/** Takes what a function writes, and the log stream of the environment that wrote it. */
export type FunctionLog = (configuration: FunctionConfiguration, text: string, stream: string) => void;

/** Bytes of a synchronous invocation's event or answer: 6 MiB and what Lambda lets pass for its envelope. */
export const payloadLimitBytes = 6_291_556;

/** An error payload in Lambda's form. */
export function errorPayload(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}

/** The secret key of every function; what it presigns can be checked by it. */
export const functionSecret = 'local';
