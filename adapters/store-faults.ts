import { StoreUnavailable } from '../ports/faults.ts';

/* Where an SDK's error becomes a fault by name. Whatever else asks an error for its status or name asks here. */

/** Names that S3, DynamoDB and SNS give to "later": throttling, and their own trouble. */
const passing =
  /throttl|SlowDown|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|RequestTimeout|TimeoutError|InternalError|InternalServerError|ServiceUnavailable|LimitExceededException|TransactionInProgress/i;

/** Codes of Node for a connection that broke or was never made. */
const connectionCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

interface SdkFault {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/** HTTP status of an SDK's error; `undefined` when it did not come from an answer, or is no error of an SDK. */
export const statusOf = (fault: unknown): number | undefined =>
  (fault as SdkFault)?.$metadata?.httpStatusCode;

/** Name of an SDK's error: the service's own code. Empty for what has no name. */
export const nameOf = (fault: unknown): string => (fault as SdkFault)?.name ?? '';

/** Whether the same call may succeed later. Asked only after the SDK's own retries are spent. */
export function passes(fault: unknown): boolean {
  const { code = '', message = '' } = (fault ?? {}) as SdkFault;
  return (
    passing.test(nameOf(fault)) ||
    (statusOf(fault) ?? 0) >= 500 ||
    statusOf(fault) === 429 ||
    connectionCodes.has(code) ||
    message === 'aborted' // Node's error for a body that ends before its length
  );
}

/** The fault under the name that the state machine retries, when a retry can help; else the fault itself. */
export function asFault(fault: unknown): unknown {
  if (!passes(fault)) return fault;
  return new StoreUnavailable(`${nameOf(fault)}: ${(fault as SdkFault).message ?? ''}`, { cause: fault });
}

/**
 * Awaits a call of an SDK.
 * @throws {StoreUnavailable} where a retry helps; other faults as the SDK names them
 */
export async function reaching<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (fault) {
    throw asFault(fault);
  }
}

/**
 * Iterates over an answer of an SDK that comes in pieces: pages, or the bytes of a body.
 * @throws {StoreUnavailable} (while it is iterated) where a retry helps; other faults as the SDK names them
 */
export async function* reachingEach<Piece>(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  try {
    yield* pieces;
  } catch (fault) {
    throw asFault(fault);
  }
}
