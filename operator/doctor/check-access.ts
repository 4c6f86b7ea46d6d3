import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ApiAccess } from '../../cli/api-access.ts';
import { createApiClient } from '../../cli/api-client.ts';
import type { ClientSettings } from '../../cli/connection.ts';
import { tokenSource } from '../../cli/token.ts';
import { attempt, type Check } from '../shared/checks.ts';
import { clockAheadMs, misleadingMs, watchClock } from '../shared/service-clock.ts';

/** Whether the API is up, and a token can be had and is taken. */
export function checkApi(access: ApiAccess): Promise<Check[]> {
  return Promise.all([
    attempt('API', async () => {
      const answer = await fetch(`${access.apiUrl}/health`, { signal: AbortSignal.timeout(30_000) });
      if (answer.ok) return { state: 'ok', text: `${access.apiUrl} is up` };
      return {
        state: 'fail',
        text: `${access.apiUrl}/health answered ${answer.status}`,
        fix: 'docs/runbook.md, caudal-api-errors',
      };
    }),
    attempt('token', async () => {
      const answer = await createApiClient({
        ...access,
        token: tokenSource(access, access.scopes.read),
      }).find('/datasets');
      if (answer === undefined)
        return { state: 'fail', text: 'GET /datasets answered 404', fix: 'npm run deploy' };
      return { state: 'ok', text: 'one can be had, and the API takes it' };
    }),
  ]);
}

/** AWS refuses signatures that are this much off. */
const refusedMs = 5 * 60_000;

/** Who calls, and how far the clock of this machine is from the service's. */
export async function checkCaller(settings: ClientSettings): Promise<Check[]> {
  const client = new STSClient(settings);
  const serviceMs = watchClock(client);
  const caller = await attempt('caller', async () => {
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}));
    return { state: 'ok', text: `${Arn}, account ${Account}` };
  });
  const nowMs = Date.now();
  return [caller, { name: 'clock', ...clockCheck(serviceMs(), nowMs) }];
}

/** @param serviceMs what the service's Date header says, whole seconds; undefined when there was none */
export function clockCheck(serviceMs: number | undefined, nowMs: number): Omit<Check, 'name'> {
  if (serviceMs === undefined) return { state: 'skip', text: 'the service sent no time' };
  const offMs = clockAheadMs(serviceMs, nowMs);
  const text = `${(Math.abs(offMs) / 1_000).toFixed(1)} s ${offMs < 0 ? 'behind' : 'ahead of'} the service's`;
  const fix =
    'set the clock by NTP: signatures are refused at 5 minutes, and readings stamped here have the wrong time';
  if (Math.abs(offMs) >= refusedMs) return { state: 'fail', text, fix };
  if (Math.abs(offMs) >= misleadingMs) return { state: 'warn', text, fix };
  return {
    state: 'ok',
    text: `within ${Math.max(1, Math.ceil(Math.abs(offMs) / 1_000))} s of the service's`,
  };
}
