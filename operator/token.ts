import { parseArgs } from 'node:util';
import { accessHelp, accessOptions, apiAccess } from './api-access.ts';
import { accessToken } from './token-cache.ts';
import { UsageError, type Verb } from './verb.ts';

/** `caudal token [--scope read|write] [--fresh] [--json]` */
export const token: Verb = {
  name: 'token',
  summary: 'prints an access token for the API, kept until it expires',
  help: [
    'Usage: npm run -s caudal -- token [options]',
    '',
    '  --scope S      read (default) or write',
    '  --fresh        fetches a new one even where the kept one is still good',
    '  --json         with the time at which it expires',
    accessHelp,
    '',
    'It is kept, for this user alone, under the cache directory (XDG_CACHE_HOME or ~/.cache): Cognito bills each token.',
    'The API takes access tokens like this one, not ID tokens.',
    '',
    'Example: curl -H "Authorization: Bearer $(npm run -s caudal -- token)" "$API/datasets"',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({
      args: argv,
      options: {
        ...accessOptions,
        scope: { type: 'string', default: 'read' },
        fresh: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { scope } = values;
    if (scope !== 'read' && scope !== 'write')
      throw new UsageError(`--scope takes read or write, not "${scope}".`);
    const access = await apiAccess(values);
    const found = await accessToken(access, { scope: access.scopes[scope], fresh: values.fresh });
    const expiresAt = new Date(found.expiresAtMs).toISOString();
    console.log(
      values.json ? JSON.stringify({ accessToken: found.accessToken, expiresAt }) : found.accessToken,
    );
    return 0;
  },
};
