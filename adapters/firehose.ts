import { type FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { ReadingStream } from '../ports/stream.ts';
import { nameOf, passes, statusOf } from './store-faults.ts';

/**
 * One delivery stream, by its name. The client must make one attempt only: a retry of the SDK would send the whole batch again.
 * The role needs `firehose:PutRecordBatch`.
 */
export function createReadingStream(client: FirehoseClient, stream: string): ReadingStream {
  return {
    async put(records, timeoutMs) {
      try {
        const command = new PutRecordBatchCommand({
          DeliveryStreamName: stream,
          Records: records.map(({ data }) => ({ Data: data })),
        });
        const answer = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
        if (answer.FailedPutCount === 0) return { failed: [], code: '' };
        const entries = answer.RequestResponses ?? [];
        // An entry that the answer leaves out is not known to have arrived.
        const failed = records.flatMap((_, index) => (entries[index]?.RecordId === undefined ? [index] : []));
        return { failed, code: entries.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? '' };
      } catch (fault) {
        const unanswered = statusOf(fault) === undefined && nameOf(fault) !== 'CredentialsProviderError';
        if (!unanswered && !passes(fault)) throw fault;
        return { failed: records.map((_, index) => index), code: nameOf(fault) };
      }
    },
  };
}
