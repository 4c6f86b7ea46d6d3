import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { scopesOf } from './authorize.ts';
import { type AppClient, credentialsOf, grantedScopes, isAuthentic } from './clients.ts';
import type { Cognito } from './service.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Signer } from './signing.ts';

/** What the token endpoint and its neighbours answer, in Cognito's words. */
export type TokenAnswer =
  | { readonly kind: 'granted'; readonly body: object }
  | { readonly kind: 'refused'; readonly status: number; readonly error: string };

export interface Grants {
  /** `/oauth2/token` */
  token(form: URLSearchParams, authorization: string | undefined): Promise<TokenAnswer>;
  /** `/oauth2/revoke` */
  revoke(form: URLSearchParams, authorization: string | undefined): TokenAnswer;
  /** `/oauth2/userInfo`, with the claims of a token that was checked. */
  userInfo(claims: JWTPayload): TokenAnswer;
}

export interface GrantOptions {
  cognito: Cognito;
  sessions: Sessions;
  signer: Signer;
  /** `iss` of a pool's tokens. */
  issuerOf(poolId: string): string;
}

/** Tokens for a machine's client by its secret, and for people by a code or a refresh token. */
export function createGrants({ cognito, sessions, signer, issuerOf }: GrantOptions): Grants {
  /** The client that asks, or why it is none. */
  function clientOf(form: URLSearchParams, authorization: string | undefined): AppClient | TokenAnswer {
    const credentials = credentialsOf(form, authorization);
    const client = cognito.findClient(credentials.id);
    return client !== undefined && isAuthentic(client, credentials) ? client : refused('invalid_client');
  }

  async function ofMachine(client: AppClient, form: URLSearchParams): Promise<TokenAnswer> {
    // A public client gets no token for itself.
    if (client.secret === undefined) return refused('invalid_client');
    if (!client.flows.includes('client_credentials')) return refused('unauthorized_client');
    const scopes = grantedScopes(client, scopesOf(cognito, client), form.get('scope'));
    if (scopes === undefined) return refused('invalid_scope');
    const { clientId, poolId, accessTokenSeconds } = client;
    const token = await signer.sign(
      {
        sub: clientId,
        token_use: 'access',
        scope: scopes.join(' '),
        iss: issuerOf(poolId),
        version: 2,
        jti: randomUUID(),
        client_id: clientId,
      },
      accessTokenSeconds,
    );
    return granted({ access_token: token, expires_in: accessTokenSeconds, token_type: 'Bearer' });
  }

  async function ofCode(client: AppClient, form: URLSearchParams): Promise<TokenAnswer> {
    if (!client.flows.includes('code')) return refused('unauthorized_client');
    const code = form.get('code') ?? '';
    const grant = sessions.takeCode(code);
    if (grant?.clientId !== client.clientId) return refused('invalid_grant');
    if (grant.redirectUri !== form.get('redirect_uri')) return refused('invalid_grant');
    if (!isVerified(grant.challenge, form.get('code_verifier'))) return refused('invalid_grant');
    if (cognito.users.bySub(grant.sub) === undefined) return refused('invalid_grant');
    const { session, refreshToken } = sessions.begin(code, grant, client.refresh);
    return tokensOf(client, session, refreshToken);
  }

  async function ofRefreshToken(client: AppClient, form: URLSearchParams): Promise<TokenAnswer> {
    const found = sessions.refresh(form.get('refresh_token') ?? '', client.clientId, client.refresh);
    if (found === undefined) return refused('invalid_grant');
    return tokensOf(client, found.session, found.refreshToken);
  }

  /** The groups are those of now, also of a session that began before. */
  async function tokensOf(
    client: AppClient,
    { id, sub, scopes, nonce, authTime }: Session,
    refreshToken: string | undefined,
  ): Promise<TokenAnswer> {
    const user = cognito.users.bySub(sub);
    if (user === undefined) return refused('invalid_grant');
    const { clientId, poolId, accessTokenSeconds, idTokenSeconds } = client;
    const iss = issuerOf(poolId);
    const common = {
      sub,
      ...(user.groups.length === 0 ? {} : { 'cognito:groups': user.groups }),
      iss,
      origin_jti: id,
      event_id: randomUUID(),
      auth_time: authTime,
    };
    const accessToken = await signer.sign(
      {
        ...common,
        version: 2,
        client_id: clientId,
        token_use: 'access',
        scope: scopes.join(' '),
        jti: randomUUID(),
        username: user.username,
      },
      accessTokenSeconds,
    );
    const idClaims = {
      ...common,
      ...user.attributes,
      email_verified: user.attributes.email_verified === 'true',
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
      'cognito:username': user.username,
      ...(nonce === undefined ? {} : { nonce }),
      aud: clientId,
      token_use: 'id',
      jti: randomUUID(),
    };
    return granted({
      access_token: accessToken,
      ...(scopes.includes('openid') ? { id_token: await signer.sign(idClaims, idTokenSeconds) } : {}),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      expires_in: accessTokenSeconds,
      token_type: 'Bearer',
    });
  }

  return {
    async token(form, authorization) {
      const grant = form.get('grant_type');
      if (!grant) return refused('invalid_request');
      const client = clientOf(form, authorization);
      if ('kind' in client) return client;
      if (grant === 'client_credentials') return ofMachine(client, form);
      if (grant === 'authorization_code') return ofCode(client, form);
      if (grant === 'refresh_token') return ofRefreshToken(client, form);
      return refused('unsupported_grant_type');
    },
    revoke(form, authorization) {
      const token = form.get('token');
      if (!token) return refused('invalid_request');
      const client = clientOf(form, authorization);
      if ('kind' in client) return client;
      return sessions.revoke(token, client.clientId) ? granted({}) : refused('unauthorized_client');
    },
    userInfo({ sub, scope, origin_jti: sessionId }) {
      const user = cognito.users.bySub(String(sub));
      const scopes = String(scope ?? '').split(' ');
      if (user === undefined || !scopes.includes('openid') || !sessions.isAlive(String(sessionId)))
        return { kind: 'refused', status: 401, error: 'invalid_token' };
      return granted({ sub: user.sub, ...user.attributes, username: user.username });
    },
  };
}

const granted = (body: object): TokenAnswer => ({ kind: 'granted', body });
const refused = (error: string): TokenAnswer => ({ kind: 'refused', status: 400, error });

/** Whether the verifier is the one whose digest came with the request for the code (RFC 7636). */
function isVerified(challenge: string | undefined, verifier: string | null): boolean {
  if (challenge === undefined) return verifier === null;
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
  const made = createHash('sha256').update(verifier).digest('base64url');
  return timingSafeEqual(Buffer.from(made), Buffer.from(challenge));
}
