import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';

/** What a token is checked against. */
export interface TokenRules {
  /** `iss` values of the pools that the authorizer takes. */
  issuers: readonly string[];
  keys: JSONWebKeySet;
  /** Any one of them lets pass. Empty: an ID token is wanted, as API Gateway has it. */
  scopes: readonly string[];
  /** Whether a client of that id is of the pools. */
  isClient(clientId: string): boolean;
}

/** The claims, or API Gateway's words and, for the log, the reason that it would not tell. */
export type Authorization =
  | { kind: 'allowed'; claims: JWTPayload }
  | { kind: 'refused'; message: string; reason: string };

/**
 * Checks a request's Authorization header as a Cognito authorizer does: signature, issuer, expiry, client, kind of
 * token and scopes. A method with scopes takes access tokens, one without takes ID tokens.
 */
export async function authorize(header: string | undefined, rules: TokenRules): Promise<Authorization> {
  const token = header?.replace(/^Bearer\s+/i, '').trim();
  if (!token) return refused('there is no Authorization header');
  let claims: JWTPayload;
  try {
    const verified = await jwtVerify(token, createLocalJWKSet(rules.keys), {
      algorithms: ['RS256'],
      issuer: [...rules.issuers],
      requiredClaims: ['exp', 'token_use'],
    });
    claims = verified.payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return refused('the token has expired', 'The incoming token has expired');
    }
    return refused((error as Error).message);
  }
  const wanted = rules.scopes.length > 0 ? 'access' : 'id';
  if (claims.token_use !== wanted) {
    return refused(`the route takes ${wanted} tokens, and this is a token of kind ${claims.token_use}`);
  }
  const clientId = String(wanted === 'access' ? claims.client_id : claims.aud);
  if (!rules.isClient(clientId)) return refused(`the pool has no client ${clientId}`);
  const has = String(claims.scope ?? '').split(' ');
  if (wanted === 'access' && !rules.scopes.some((scope) => has.includes(scope))) {
    return refused(
      `the token has the scopes ${has.join(', ')}; the route wants ${rules.scopes.join(' or ')}`,
    );
  }
  return { kind: 'allowed', claims };
}

function refused(reason: string, message = 'Unauthorized'): Authorization {
  return { kind: 'refused', message, reason };
}
