import * as oauth from 'oauth4webapi';
import type { Config } from './config.ts';
import { forgetDrafts } from './draft.ts';
import { navigate } from './router.ts';

/** Who is signed in. The groups only say what the page offers: what they may do is decided by the API. */
interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Somebody who is signed in. The access token is in memory only and ends with the page. */
export interface Session {
  readonly user: User;
  /** A token that is still valid for a while. @throws SignedOut where there is none to be had any more */
  token(): Promise<string>;
  /** Asks for another token, of which the API is sure to know: after a 401. @throws SignedOut */
  refresh(): Promise<string>;
  /** Whether there is no token to be had any more: only signing in again helps. */
  hasEnded(): boolean;
  /** Calls when it has. @returns what takes that back */
  onEnd(watcher: () => void): () => void;
  /** Ends the session here, in all tabs of its user and at the authorization server, and leaves the page. */
  signOut(): Promise<void>;
}

/** The refresh token is spent, revoked or too old: only signing in again helps. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';
}

const refreshKey = 'caudal.refresh-token';
const leavingKey = 'caudal.signing-in';
const endedKey = 'caudal.signed-out';
/** On which a tab tells the others who has signed out. */
const channel = 'caudal.signed-out';

/** What this page must know again when the authorization server sends the person back. */
interface Leaving {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly back: string;
}

/** The address to which the authorization server sends people back: the console's client has it as its callback and its logout URL. */
const home = (): string => `${location.origin}/`;

/** Whether the person has just signed out, and so must not be sent to sign in at once. */
export const hasSignedOut = (): boolean => sessionStorage.getItem(endedKey) !== null;

function server({ auth }: Config): oauth.AuthorizationServer {
  return {
    issuer: auth.issuer,
    authorization_endpoint: `${auth.domain}/oauth2/authorize`,
    token_endpoint: `${auth.domain}/oauth2/token`,
    revocation_endpoint: `${auth.domain}/oauth2/revoke`,
  };
}

const client = ({ auth }: Config): oauth.Client => ({ client_id: auth.clientId, [oauth.clockTolerance]: 60 });

/** Without TLS only where nothing leaves this machine. */
const insecure = ({ auth }: Config) => ({
  [oauth.allowInsecureRequests]: ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(auth.domain).hostname),
});

/** Leaves the page for the authorization server's; it sends the person back to where they are now. */
export async function signIn(config: Config): Promise<void> {
  sessionStorage.removeItem(endedKey);
  const leaving: Leaving = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    back: location.pathname + location.search,
  };
  sessionStorage.setItem(leavingKey, JSON.stringify(leaving));
  const to = new URL(`${config.auth.domain}/oauth2/authorize`);
  to.search = new URLSearchParams({
    response_type: 'code',
    client_id: config.auth.clientId,
    redirect_uri: home(),
    scope: config.auth.scopes.join(' '),
    state: leaving.state,
    nonce: leaving.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(leaving.verifier),
    code_challenge_method: 'S256',
  }).toString();
  location.assign(to);
}

/**
 * Goes on with a session: with the code that the authorization server has sent the person back with, or with the refresh token of
 * this tab.
 * @returns undefined where nobody is signed in
 * @throws Error that says what the authorization server did not accept
 */
export async function resumeSession(config: Config): Promise<Session | undefined> {
  const arrived = new URL(location.href);
  const kept = sessionStorage.getItem(leavingKey);
  if (kept !== null && (arrived.searchParams.has('code') || arrived.searchParams.has('error'))) {
    sessionStorage.removeItem(leavingKey);
    const leaving = JSON.parse(kept) as Leaving;
    navigate(leaving.back, 'replace');
    return sessionOf(config, await redeem(config, arrived, leaving));
  }
  const refreshToken = sessionStorage.getItem(refreshKey);
  if (refreshToken === null) return undefined;
  try {
    return sessionOf(config, await renew(config, refreshToken));
  } catch (error) {
    if (error instanceof SignedOut) return undefined;
    throw error;
  }
}

async function redeem(config: Config, arrived: URL, leaving: Leaving): Promise<oauth.TokenEndpointResponse> {
  const as = server(config);
  const parameters = oauth.validateAuthResponse(as, client(config), arrived, leaving.state);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client(config),
    oauth.None(),
    parameters,
    home(),
    leaving.verifier,
    insecure(config),
  );
  return oauth.processAuthorizationCodeResponse(as, client(config), response, {
    expectedNonce: leaving.nonce,
    requireIdToken: true,
  });
}

async function renew(config: Config, refreshToken: string): Promise<oauth.TokenEndpointResponse> {
  const as = server(config);
  const response = await oauth.refreshTokenGrantRequest(
    as,
    client(config),
    oauth.None(),
    refreshToken,
    insecure(config),
  );
  try {
    return await oauth.processRefreshTokenResponse(as, client(config), response);
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') {
      sessionStorage.removeItem(refreshKey);
      throw new SignedOut('The session has ended.');
    }
    throw error;
  }
}

/** Some of the life that a token has left is for requests on their way. */
const leastLeftMs = 30_000;

function sessionOf(config: Config, first: oauth.TokenEndpointResponse): Session {
  let access = keep(first);
  let refreshing: Promise<string> | undefined;
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const user = userOf(first);

  /** A refresh token is good for one use, so requests that need another token at the same time share it. */
  const refresh = (): Promise<string> => {
    refreshing ??= (async () => {
      const refreshToken = sessionStorage.getItem(refreshKey);
      if (refreshToken === null) throw new SignedOut('The session has ended.');
      access = keep(await renew(config, refreshToken));
      return access.token;
    })()
      .catch((error: unknown) => {
        if (error instanceof SignedOut && !hasEnded) {
          hasEnded = true;
          for (const watcher of watchers) watcher();
        }
        throw error;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };
  /** Who signs out in one tab means all of them: the next person at this browser must not find another one open. */
  const tabs = new BroadcastChannel(channel);
  tabs.onmessage = ({ data }) => {
    if (data === user.name) void leave(config).then(() => location.replace(home()));
  };

  return {
    user,
    refresh,
    hasEnded: () => hasEnded,
    onEnd(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    token: async () => (Date.now() < access.untilMs - leastLeftMs ? access.token : refresh()),
    async signOut() {
      tabs.postMessage(user.name);
      await leave(config);
      const to = new URL(`${config.auth.domain}/logout`);
      to.search = new URLSearchParams({ client_id: config.auth.clientId, logout_uri: home() }).toString();
      location.assign(to);
    },
  };
}

/** Forgets the session of this tab, and ends it at the authorization server. */
async function leave(config: Config): Promise<void> {
  const refreshToken = sessionStorage.getItem(refreshKey);
  sessionStorage.removeItem(refreshKey);
  sessionStorage.setItem(endedKey, 'yes');
  forgetDrafts();
  // What the server makes of it changes nothing here: the tokens are forgotten, and the next page ends its own session.
  if (refreshToken !== null)
    await oauth
      .revocationRequest(server(config), client(config), oauth.None(), refreshToken, insecure(config))
      .catch(() => undefined);
}

function keep(answer: oauth.TokenEndpointResponse): { token: string; untilMs: number } {
  if (answer.refresh_token !== undefined) sessionStorage.setItem(refreshKey, answer.refresh_token);
  return { token: answer.access_token, untilMs: Date.now() + (answer.expires_in ?? 0) * 1_000 };
}

function userOf(answer: oauth.TokenEndpointResponse): User {
  const claims = oauth.getValidatedIdTokenClaims(answer);
  const groups = claims?.['cognito:groups'];
  return {
    name: String(claims?.['cognito:username'] ?? claims?.sub ?? ''),
    groups: Array.isArray(groups) ? groups.map(String) : [],
  };
}
