import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientSettings } from '../../cli/connection.ts';
import { attempt } from '../shared/attempt.ts';
import type { Check } from '../shared/check.ts';

/** AWS refuses signatures that are this much off. */
const refusedMs = 5 * 60_000;
/** Beyond it, ages that verbs show and times that a producer stamps mislead. */
const misleadingMs = 10_000;

/** Who calls, and how far the clock of this machine is from the service's. */
export async function checkCaller(settings: ClientSettings): Promise<Check[]> {
  let date: string | undefined;
  const client = new STSClient(settings);
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: 'deserialize', name: 'readDate' },
  );
  const caller = await attempt('caller', async () => {
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}));
    return { state: 'ok', text: `${Arn}, account ${Account}` };
  });
  const nowMs = Date.now();
  return [caller, { name: 'clock', ...clockCheck(date === undefined ? undefined : Date.parse(date), nowMs) }];
}

/** @param serviceMs what the service's Date header says, whole seconds; undefined when there was none */
export function clockCheck(serviceMs: number | undefined, nowMs: number): Omit<Check, 'name'> {
  if (serviceMs === undefined || Number.isNaN(serviceMs))
    return { state: 'skip', text: 'the service told no time' };
  // The header is cut to the second: half a second is what it says on average.
  const offMs = nowMs - (serviceMs + 500);
  const text = `${(Math.abs(offMs) / 1_000).toFixed(1)} s ${offMs < 0 ? 'behind' : 'ahead of'} the service's`;
  const mend =
    'set the clock by NTP: signatures are refused at 5 minutes, and readings stamped here have the wrong time';
  if (Math.abs(offMs) >= refusedMs) return { state: 'fail', text, mend };
  if (Math.abs(offMs) >= misleadingMs) return { state: 'warn', text, mend };
  return {
    state: 'ok',
    text: `within ${Math.max(1, Math.ceil(Math.abs(offMs) / 1_000))} s of the service's`,
  };
}
