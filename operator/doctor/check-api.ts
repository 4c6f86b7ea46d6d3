import type { ApiAccess } from '../../cli/api-access.ts';
import { createApiClient } from '../../cli/api-client.ts';
import { tokenSource } from '../../cli/token.ts';
import { attempt } from '../shared/attempt.ts';
import type { Check } from '../shared/check.ts';

/** Whether the API is up, and a token can be had and is taken. */
export function checkApi(access: ApiAccess): Promise<Check[]> {
  return Promise.all([
    attempt('API', async () => {
      const answer = await fetch(`${access.apiUrl}/health`, { signal: AbortSignal.timeout(30_000) });
      if (answer.ok) return { state: 'ok', text: `${access.apiUrl} is up` };
      return {
        state: 'fail',
        text: `${access.apiUrl}/health answered ${answer.status}`,
        mend: 'docs/runbook.md, caudal-api-errors',
      };
    }),
    attempt('token', async () => {
      const answer = await createApiClient({
        ...access,
        token: tokenSource(access, access.scopes.read),
      }).find('/datasets');
      if (answer === undefined)
        return { state: 'fail', text: 'GET /datasets answered 404', mend: 'npm run deploy' };
      return { state: 'ok', text: 'one can be had, and the API takes it' };
    }),
  ]);
}
