import type { STSClient } from '@aws-sdk/client-sts';

/** Beyond it, ages that verbs show and times that are stamped here mislead. */
export const misleadingMs = 10_000;

/**
 * Watches what the answers to a client say about the time.
 * @returns the service's time in UTC ms as the newest answer has it, whole seconds; undefined before the first one
 */
export function watchClock(client: STSClient): () => number | undefined {
  let date: string | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date ?? date;
      return result;
    },
    { step: 'deserialize', name: 'readDate' },
  );
  return () => (date === undefined || Number.isNaN(Date.parse(date)) ? undefined : Date.parse(date));
}

/** How far this machine's clock is ahead of the service's, in ms. @param serviceMs cut to the second: half of one is the average loss */
export const clockAheadMs = (serviceMs: number, nowMs: number): number => nowMs - (serviceMs + 500);
