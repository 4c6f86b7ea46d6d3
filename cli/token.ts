import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ApiAccess } from './api-access.ts';
import type { TokenSource } from './api-client.ts';

/** What it takes to get a token. */
type TokenAccess = Pick<ApiAccess, 'tokenUrl' | 'clientId' | 'clientSecret'>;

export interface Token {
  readonly accessToken: string;
  /** UTC ms. */
  readonly expiresAtMs: number;
}

/** A token that expires sooner is not used: the request it is for may take as long. */
const marginMs = 60_000;

/**
 * An access token for a scope: the one that was kept, until it expires, or a new one. Cognito bills each token, so it
 * is kept in the user's cache directory, readable by the user alone.
 * @param options.fresh fetches one in any case
 * @throws Error with what the token endpoint said
 */
export async function accessToken(
  access: TokenAccess,
  options: { scope: string; fresh?: boolean; nowMs?: number },
): Promise<Token> {
  const { scope, fresh = false, nowMs = Date.now() } = options;
  const path = cachePath(access, scope);
  const kept = fresh ? undefined : await read(path);
  if (kept !== undefined && kept.expiresAtMs - nowMs > marginMs && (await isOfPool(kept.accessToken)))
    return kept;
  const token = await fetchToken(access, scope, nowMs);
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  // Renamed into place: two calls at once never leave half a file, and the mode is there from the first byte.
  const written = `${path}.${process.pid}`;
  await writeFile(written, JSON.stringify(token), { mode: 0o600 });
  await rename(written, path);
  return token;
}

/**
 * Tokens for a scope, each until shortly before it expires, so that a long run outlives one.
 * @param options.kept as {@link accessToken} keeps them, for the user's next call; otherwise in memory alone
 */
export function tokenSource(
  access: TokenAccess,
  scope: string,
  { kept = true }: { kept?: boolean } = {},
): TokenSource {
  // The promise is kept, not the token: requests at the same time wait for one token.
  let known: Promise<Token> | undefined;
  const ask = (fresh: boolean) => {
    known = kept ? accessToken(access, { scope, fresh }) : fetchToken(access, scope);
    return known;
  };
  return async ({ fresh }) => {
    if (fresh || known === undefined) return (await ask(fresh)).accessToken;
    const { accessToken: text, expiresAtMs } = await known;
    return expiresAtMs - Date.now() > marginMs ? text : (await ask(false)).accessToken;
  };
}

/** By endpoint, client and scope, none of which is readable from the name. */
function cachePath({ tokenUrl, clientId }: TokenAccess, scope: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const name = createHash('sha256').update(`${tokenUrl}\n${clientId}\n${scope}`).digest('hex').slice(0, 32);
  return join(cache, 'caudal', `token-${name}.json`);
}

/** @returns `undefined` for a file that is not there or not a token: then a new one is fetched. */
async function read(path: string): Promise<Token | undefined> {
  try {
    const { accessToken, expiresAtMs } = JSON.parse(await readFile(path, 'utf8')) as Partial<Token>;
    const isToken = typeof accessToken === 'string' && typeof expiresAtMs === 'number';
    return isToken ? { accessToken, expiresAtMs } : undefined;
  } catch {
    return undefined;
  }
}

const keysTimeoutMs = 2_000;

/**
 * Whether the pool that issued a token still has the key that signed it. A local cloud that was started anew has the same pool and client,
 * and other keys. Where the keys can't be read, the token is taken for good: whoever checks it, says so.
 */
async function isOfPool(accessToken: string): Promise<boolean> {
  try {
    const [header, payload] = accessToken
      .split('.')
      .slice(0, 2) // the third one is the signature
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as { kid?: string; iss?: string });
    const answer = await fetch(`${payload?.iss}/.well-known/jwks.json`, {
      signal: AbortSignal.timeout(keysTimeoutMs),
    });
    const { keys } = (await answer.json()) as { keys: readonly { kid?: string }[] };
    return keys.some(({ kid }) => kid === header?.kid);
  } catch {
    return true;
  }
}

/** A new token by client credentials, not kept. @throws Error with what the token endpoint said */
export async function fetchToken(access: TokenAccess, scope: string, nowMs = Date.now()): Promise<Token> {
  const secret = await access.clientSecret();
  const answer = await fetch(access.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${access.clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${access.tokenUrl} answered ${answer.status}: ${text.slice(0, 300)}`);
  const { access_token: accessToken, expires_in: seconds } = JSON.parse(text) as {
    access_token: string;
    expires_in: number;
  };
  return { accessToken, expiresAtMs: nowMs + seconds * 1_000 };
}
