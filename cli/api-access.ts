import { discover } from './discovery.ts';
import { inGroup, text } from './options.ts';
import { UsageError } from './usage-error.ts';
import type { Values } from './verb.ts';

/** What a token may allow. */
export type ScopeName = 'read' | 'write' | 'operate' | 'jobs';

/** What it takes to call the API. */
export interface ApiAccess {
  /** With the stage, without a slash at its end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Asked for when a token is fetched. */
  clientSecret(): Promise<string>;
  readonly scopes: Readonly<Record<ScopeName, string>>;
}

/** Options of the verbs that call the API; each also as an environment variable. */
export const accessOptions = inGroup('To call an API whose stacks cannot be read (give all four)', {
  'api-url': text({ valueName: 'URL', help: 'with the stage; or the variable CAUDAL_API_URL' }),
  'token-url': text({ valueName: 'URL', help: 'or CAUDAL_TOKEN_URL' }),
  'client-id': text({ valueName: 'ID', help: 'or CAUDAL_CLIENT_ID' }),
  'client-secret': text({ valueName: 'SECRET', help: 'or CAUDAL_CLIENT_SECRET' }),
});

/** The four, as parsed. */
type Given = Partial<Values<typeof accessOptions>>;

/**
 * How to call the API: as given by options or the environment, or as the installation's stacks tell.
 * @param options.client of the stacks' two: the one that only reads, or the one that may all. What needs no more than reading asks for no more.
 * @throws {UsageError} when only some of the four are given, {@link NotInstalled}
 */
export async function apiAccess(
  given: Given,
  { env = process.env, client = 'reader' }: { env?: NodeJS.ProcessEnv; client?: 'reader' | 'writer' } = {},
): Promise<ApiAccess> {
  const values = {
    'api-url': given.apiUrl ?? env.CAUDAL_API_URL,
    'token-url': given.tokenUrl ?? env.CAUDAL_TOKEN_URL,
    'client-id': given.clientId ?? env.CAUDAL_CLIENT_ID,
    'client-secret': given.clientSecret ?? env.CAUDAL_CLIENT_SECRET,
  };
  const missing = Object.entries(values).flatMap(([name, value]) => (value ? [] : [name]));
  const [apiUrl = '', tokenUrl = '', clientId = '', secret = ''] = Object.values(values);
  const scopes = {
    read: 'caudal/read',
    write: 'caudal/write',
    operate: 'caudal/operate',
    jobs: 'caudal/jobs',
  };
  if (missing.length === 0) {
    return { apiUrl: trimmed(apiUrl), tokenUrl, clientId, clientSecret: async () => secret, scopes };
  }
  if (missing.length < Object.keys(values).length) {
    throw new UsageError(`To call an API without its stacks, give --${missing.join(' and --')} too.`);
  }
  const found = await discover();
  const { scopeRead: read, scopeWrite: write, scopeOperate: operate, scopeJobs: jobs } = found;
  const own = client === 'reader' ? found.clientId : found.writerClientId;
  return {
    apiUrl: trimmed(found.apiUrl),
    tokenUrl: found.tokenUrl,
    clientId: own,
    clientSecret: () => found.clientSecret(own),
    scopes: { read, write, operate, jobs },
  };
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');
