import { discover } from './discovery.ts';
import { UsageError } from './verb.ts';

/** What it takes to call the API. */
export interface ApiAccess {
  /** With the stage, without a slash at its end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Asked for when a token is fetched. */
  clientSecret(): Promise<string>;
  readonly scopes: { readonly read: string; readonly write: string };
}

/** Options of the verbs that call the API; each also as an environment variable. */
export const accessOptions = {
  'api-url': { type: 'string' },
  'token-url': { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
} as const;

export const accessHelp = [
  '  --api-url URL, --token-url URL, --client-id ID, --client-secret SECRET',
  '                 or CAUDAL_API_URL, CAUDAL_TOKEN_URL, CAUDAL_CLIENT_ID, CAUDAL_CLIENT_SECRET: all four, where the',
  '                 stacks cannot be read. Without them, the stacks and Cognito are asked',
].join('\n');

type Given = { readonly [Name in keyof typeof accessOptions]?: string | undefined };

/**
 * How to call the API: as given by options or the environment, or as the installation's stacks tell.
 * @throws {UsageError} when only some of the four are given, {@link NotInstalled}
 */
export async function apiAccess(given: Given, env = process.env): Promise<ApiAccess> {
  const names = Object.keys(accessOptions) as (keyof typeof accessOptions)[];
  const values = names.map((name) => given[name] ?? env[`CAUDAL_${name.toUpperCase().replace('-', '_')}`]);
  const missing = names.filter((_, index) => !values[index]);
  const [apiUrl = '', tokenUrl = '', clientId = '', secret = ''] = values;
  const scopes = { read: 'caudal/read', write: 'caudal/write' };
  if (missing.length === 0) {
    return { apiUrl: trimmed(apiUrl), tokenUrl, clientId, clientSecret: async () => secret, scopes };
  }
  if (missing.length < names.length) {
    throw new UsageError(`To call an API without its stacks, give --${missing.join(' and --')} too.`);
  }
  const found = await discover();
  const { scopeRead: read, scopeWrite: write } = found;
  return { ...found, apiUrl: trimmed(found.apiUrl), scopes: { read, write } };
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');
