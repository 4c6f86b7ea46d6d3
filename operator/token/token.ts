import { parseArgs } from 'node:util';
import { accessHelp, accessOptions, apiAccess } from '../../cli/api-access.ts';
import { accessToken } from '../../cli/token.ts';
import { UsageError, type Verb } from '../../cli/verb.ts';

/** `caudal token [--scope read|write|read,write] [--fresh] [--json]` */
export const token: Verb = {
  name: 'token',
  summary: 'prints an access token for the API, kept until it expires',
  help: [
    'Usage: npm run -s caudal -- token [options]',
    '',
    '  --scope S      read (default), write, or read,write',
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
    const names = scopeNames(values.scope);
    const access = await apiAccess(values);
    const scope = names.map((name) => access.scopes[name]).join(' ');
    const found = await accessToken(access, { scope, fresh: values.fresh });
    const expiresAt = new Date(found.expiresAtMs).toISOString();
    console.log(
      values.json ? JSON.stringify({ accessToken: found.accessToken, expiresAt }) : found.accessToken,
    );
    return 0;
  },
};

type ScopeName = 'read' | 'write';

/** In one order, so that the kept token of two scopes is found however they are asked for. */
function scopeNames(text: string): ScopeName[] {
  const names = text.split(',').sort();
  const isName = (name: string): name is ScopeName => name === 'read' || name === 'write';
  if (names.every(isName)) return [...new Set(names)];
  throw new UsageError(`--scope takes read, write, or read,write, not "${text}".`);
}
