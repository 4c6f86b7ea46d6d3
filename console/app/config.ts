import { reaching } from '../api/problem.ts';

/** What the console is told when it starts, by whoever serves it. */
export interface Config {
  readonly version: string;
  readonly stage: string | null;
  readonly region: string;
  /** Where the API is, below the console's own origin. */
  readonly api: string;
  /** Where the API is for everybody else, without a slash at its end: for the commands that the console shows. */
  readonly apiUrl: string;
  readonly auth: {
    readonly issuer: string;
    /** Base of the authorization server's pages: `/oauth2/authorize`, `/oauth2/token`, `/oauth2/revoke`, `/logout`. */
    readonly domain: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
  };
}

/** @throws Error that says what came instead */
export async function loadConfig(): Promise<Config> {
  const response = await reaching(() => fetch('/config.json', { cache: 'no-cache' }));
  if (!response.ok) throw new Error(`/config.json: ${response.status} ${await response.text()}`);
  return (await response.json()) as Config;
}
