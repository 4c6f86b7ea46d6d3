import {
  FirehoseClient,
  type FirehoseClientConfig,
  PutRecordBatchCommand,
  type PutRecordBatchInput,
} from '@aws-sdk/client-firehose';
import { regionMissing } from '../../cli/connection.ts';
import type { PackedRecord } from '../../core/lines/packing.ts';
import { type EncodedInput, encodeRequest, sendEncodedBodies } from './request-body.ts';

/** What became of one request with at most 500 records. */
type SendOutcome =
  /** Firehose has all records but those at `failed` (positions in the request), which it asks to send again. */
  | { readonly kind: 'answered'; readonly failed: readonly number[]; readonly code: string }
  /** Nothing is known to have arrived, and trying again may help: throttling, a fault, no connection, no answer. */
  | { readonly kind: 'unanswered'; readonly throttled: boolean; readonly reason: string }
  /** Firehose will not have it: credentials, the stream's name, an argument. */
  | { readonly kind: 'refused'; readonly reason: string };

/** The one verb that the delivery needs of Firehose. */
export interface Sender {
  /** Sends the records once and retries nothing. Rejects only when `signal` was aborted. */
  send(records: readonly PackedRecord[], signal: AbortSignal): Promise<SendOutcome>;
  close(): void;
}

/** No region is set in the environment, the profile or the options. */
export class RegionMissing extends Error {
  override readonly name = 'RegionMissing';
}

/** Throttling by name; it comes with 400 or 503. */
const throttling = /Throttl|ServiceUnavailable|SlowDown|TooManyRequests|LimitExceeded|Overloaded/;

/**
 * A sender over the AWS SDK.
 * @throws {RegionMissing}
 * @param options.requestTimeoutMs without an answer by then, the request is given up and sent again
 */
export async function createFirehoseSender(options: {
  stream: string;
  client: FirehoseClientConfig;
  requestTimeoutMs: number;
}): Promise<Sender> {
  // One attempt: the SDK would send whole batches again and count nothing.
  const client = new FirehoseClient({ ...options.client, maxAttempts: 1 });
  sendEncodedBodies(client);
  // Now rather than at every attempt: without a region, sending cannot begin.
  await client.config.region().catch(() => {
    throw new RegionMissing(regionMissing());
  });
  /** Bodies of requests that were answered, to be written over. */
  const spares: Buffer[] = [];
  return {
    async send(records, signal) {
      const timeout = AbortSignal.timeout(options.requestTimeoutMs);
      const body = encodeRequest(options.stream, records, spares.pop());
      try {
        const input: PutRecordBatchInput & EncodedInput = {
          DeliveryStreamName: options.stream,
          Records: [],
          encodedBody: body,
        };
        const command = new PutRecordBatchCommand(input);
        const answer = await client.send(command, { abortSignal: AbortSignal.any([signal, timeout]) });
        // Not after a timeout: the connection may still be sending it.
        spares.push(Buffer.from(body.buffer));
        return readAnswer(answer.FailedPutCount ?? 0, answer.RequestResponses ?? [], records.length);
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.aborted) {
          const reason = `no answer within ${options.requestTimeoutMs / 1_000} s`;
          return { kind: 'unanswered', throttled: false, reason };
        }
        return classify(error);
      }
    },
    close: () => client.destroy(),
  };
}

/** Reads a 200: `FailedPutCount` above 0 is normal, and the entries with an error code are the failed ones. */
function readAnswer(
  failedCount: number,
  entries: readonly { ErrorCode?: string | undefined }[],
  sent: number,
): SendOutcome {
  if (failedCount === 0) return { kind: 'answered', failed: [], code: '' };
  const failed: number[] = [];
  let code = '';
  for (let index = 0; index < sent; index += 1) {
    const entry = entries[index];
    // An entry that the answer leaves out is not known to have arrived.
    if (entry !== undefined && entry.ErrorCode === undefined) continue;
    failed.push(index);
    code ||= entry?.ErrorCode ?? '';
  }
  return { kind: 'answered', failed, code };
}

function classify(error: unknown): SendOutcome {
  const fault = error as {
    name?: string;
    code?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const name = fault.name ?? 'Error';
  const status = fault.$metadata?.httpStatusCode;
  const reason = `${fault.code ?? name}: ${fault.message || 'no message'}`;
  if (throttling.test(name) || status === 429) return { kind: 'unanswered', throttled: true, reason };
  const refused =
    (status !== undefined && status >= 400 && status < 500) || name === 'CredentialsProviderError';
  return refused ? { kind: 'refused', reason } : { kind: 'unanswered', throttled: false, reason };
}
