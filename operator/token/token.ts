import { accessOptions, apiAccess, type ScopeName } from '../../cli/api-access.ts';
import { choice, flag } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { accessToken } from '../../cli/token.ts';

/** In one order, so that the kept token of two scopes is found however they are asked for. */
const scopeNames: Readonly<Record<string, readonly ScopeName[]>> = {
  read: ['read'],
  write: ['write'],
  'read,write': ['read', 'write'],
  'write,read': ['read', 'write'],
  operate: ['operate'],
  'read,operate': ['read', 'operate'],
  'read,write,operate': ['read', 'write', 'operate'],
  'read,jobs': ['read', 'jobs'],
  'read,write,jobs': ['read', 'write', 'jobs'],
};

/** `caudal token` */
export const token = defineInstallationVerb({
  command: 'npm run -s caudal -- token',
  summary: 'prints an access token for the API, kept until it expires',
  options: {
    scope: choice(Object.keys(scopeNames), {
      help: 'what the token allows; operate: to redrive executions; jobs: to see those of all clients',
      valueName: 'SCOPE',
      default: 'read',
    }),
    fresh: flag({ help: 'fetches a new one even where the kept one is still valid' }),
    json: flag({ help: 'for machines, with the time at which it expires' }),
    ...accessOptions,
  },
  notes: [
    'The token is kept, readable by this user alone, in the cache directory (XDG_CACHE_HOME or ~/.cache), because Cognito bills each token. The API takes access tokens like this one, not ID tokens.',
  ],
  examples: ['curl -H "Authorization: Bearer $(npm run -s caudal -- token)" "$API/datasets"'],
  async run({ scope: typed, fresh, json, ...given }) {
    // The client that can do more is asked only where the scope is more.
    const access = await apiAccess(given, { client: typed === 'read' ? 'reader' : 'writer' });
    const scope = (scopeNames[typed] ?? []).map((name) => access.scopes[name]).join(' ');
    const found = await accessToken(access, { scope, fresh });
    const expiresAt = new Date(found.expiresAtMs).toISOString();
    print(json ? JSON.stringify({ accessToken: found.accessToken, expiresAt }) : found.accessToken);
    return 0;
  },
});
