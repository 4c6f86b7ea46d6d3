import { timingSafeEqual } from 'node:crypto';
import type { RefreshRules } from './sessions.ts';

/** An app client. */
export interface AppClient {
  clientId: string;
  name: string;
  poolId: string;
  /** Undefined for a public client, which gets no token for itself. */
  secret: string | undefined;
  /** `client_credentials`, `code`. */
  flows: readonly string[];
  scopes: readonly string[];
  accessTokenSeconds: number;
  idTokenSeconds: number;
  refresh: RefreshRules;
  callbackUrls: readonly string[];
  logoutUrls: readonly string[];
}

/** A user pool; its users are in `users.ts`. */
export interface UserPool {
  id: string;
  name: string;
  /** Scopes of its resource servers: `<identifier>/<scope>`. */
  scopes: Set<string>;
  clients: Map<string, AppClient>;
  /** Descriptions of its groups, by their names. */
  groups: Map<string, string>;
}

/** Scopes that a pool has without a resource server. */
const ownScopes = ['openid', 'email', 'profile', 'phone', 'aws.cognito.signin.user.admin'];

/** Those that are asked for, of what the client may have and the pool knows; all of them without any. Undefined: one of them is not among these. */
export function grantedScopes(
  client: AppClient,
  ofServers: ReadonlySet<string>,
  asked: string | null,
): readonly string[] | undefined {
  const allowed = client.scopes.filter((scope) => ofServers.has(scope) || ownScopes.includes(scope));
  const wanted = (asked ?? '').split(' ').filter((scope) => scope !== '');
  if (wanted.some((scope) => !allowed.includes(scope))) return undefined;
  return wanted.length > 0 ? [...new Set(wanted)] : allowed;
}

/** What a request to the token endpoint says of its client. */
export interface Credentials {
  readonly id: string;
  readonly secret: string | undefined;
}

/** In the Authorization header or in the form. */
export function credentialsOf(form: URLSearchParams, authorization: string | undefined): Credentials {
  if (!authorization?.startsWith('Basic '))
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? undefined };
  const text = Buffer.from(authorization.slice('Basic '.length), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? { id: text, secret: '' } : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Whether the secret is the client's. A public client has none, and says none. */
export function isAuthentic(client: AppClient, { secret }: Credentials): boolean {
  if (client.secret === undefined) return secret === undefined;
  const [given, known] = [Buffer.from(secret ?? ''), Buffer.from(client.secret)];
  return given.length === known.length && timingSafeEqual(given, known);
}
