import { randomBytes } from 'node:crypto';
import { type AppClient, grantedScopes } from './clients.ts';
import type { Cognito } from './service.ts';
import type { Sessions } from './sessions.ts';
import { failurePage, type Page, signInPage } from './sign-in-page.ts';
import type { User } from './users.ts';

/** What the authorization endpoint answers: a page, or where the browser goes. */
export type AuthorizeAnswer =
  | ({ readonly kind: 'page' } & Page)
  | { readonly kind: 'redirect'; readonly location: string };

export interface Authorization {
  /** A request for a code: the page with the pool's users. */
  ask(parameters: URLSearchParams): AuthorizeAnswer;
  /** A user was chosen on the page: back to the client with a code. */
  choose(form: URLSearchParams): AuthorizeAnswer;
  /** To where a client wants its users after they have signed out. */
  signOut(parameters: URLSearchParams): AuthorizeAnswer;
}

/** A request that is sound, and waits for somebody to be chosen. */
interface Asked {
  readonly client: AppClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly expiresAtMs: number;
}

const ticketMs = 10 * 60_000;
const maxTickets = 1_000;
/** Characters of state and nonce each. */
const maxText = 2_048;

/**
 * `/oauth2/authorize` and `/logout`, as managed login has them, but that nobody types a password: the page has a button a user. A
 * choice is good once and only with the ticket of a page that was shown, which no page of another site can read.
 */
export function createAuthorization({
  cognito,
  sessions,
  nowMs = Date.now,
}: {
  cognito: Cognito;
  sessions: Sessions;
  nowMs?: () => number;
}): Authorization {
  const tickets = new Map<string, Asked>();

  function ticketFor(asked: Asked): string {
    for (const [ticket, { expiresAtMs }] of tickets) if (expiresAtMs <= nowMs()) tickets.delete(ticket);
    for (const ticket of [...tickets.keys()].slice(0, Math.max(0, tickets.size - maxTickets + 1)))
      tickets.delete(ticket);
    const ticket = randomBytes(24).toString('base64url');
    tickets.set(ticket, asked);
    return ticket;
  }

  return {
    ask(parameters) {
      const one = (name: string) => parameters.get(name) ?? undefined;
      const client = cognito.findClient(one('client_id') ?? '');
      // Of these two the browser is sent nowhere: where it would go is what is in doubt.
      if (client === undefined) return refused('There is no app client of this client_id.');
      const redirectUri = one('redirect_uri') ?? '';
      if (!client.callbackUrls.includes(redirectUri))
        return refused('redirect_uri is none of the callback URLs of the app client (redirect_mismatch).');
      const state = one('state');
      const back = (error: string, description?: string): AuthorizeAnswer => ({
        kind: 'redirect',
        location: withQuery(redirectUri, { error, error_description: description, state }),
      });
      const repeated = [...new Set(parameters.keys())].find((name) => parameters.getAll(name).length > 1);
      if (repeated !== undefined) return back('invalid_request', `${repeated} is given more than once`);
      if (one('response_type') !== 'code') return back('unsupported_response_type');
      if (!client.flows.includes('code')) return back('unauthorized_client');
      const scopes = grantedScopes(client, scopesOf(cognito, client), one('scope') ?? null);
      if (scopes === undefined) return back('invalid_scope');
      const challenge = one('code_challenge');
      const method = one('code_challenge_method');
      if (challenge !== undefined && (method !== 'S256' || !/^[\w-]{43}$/.test(challenge)))
        return back(
          'invalid_request',
          'code_challenge_method must be S256, and code_challenge its 43 characters',
        );
      if (challenge === undefined && (client.secret === undefined || method !== undefined))
        return back('invalid_request', 'a client without a secret has to send a code_challenge (PKCE)');
      const nonce = one('nonce');
      if ([state, nonce].some((text) => (text ?? '').length > maxText))
        return back('invalid_request', `state and nonce may have ${maxText} characters each`);
      const expiresAtMs = nowMs() + ticketMs;
      const ticket = ticketFor({ client, redirectUri, scopes, state, nonce, challenge, expiresAtMs });
      const users = cognito.users.of(client.poolId);
      return { kind: 'page', ...signInPage({ client, redirectUri, ticket, users }) };
    },

    choose(form) {
      const ticket = form.get('ticket') ?? '';
      const asked = tickets.get(ticket);
      tickets.delete(ticket);
      if (asked === undefined || asked.expiresAtMs <= nowMs())
        return refused(
          'This page was used already, or is older than ten minutes. Begin at the page that you came from.',
        );
      const user: User | undefined = cognito.users.find(asked.client.poolId, form.get('username') ?? '');
      if (user === undefined)
        return refused('There is no such user any more. Begin at the page that you came from.');
      const code = sessions.createCode({
        clientId: asked.client.clientId,
        sub: user.sub,
        scopes: asked.scopes,
        nonce: asked.nonce,
        authTime: Math.floor(nowMs() / 1000),
        redirectUri: asked.redirectUri,
        challenge: asked.challenge,
      });
      return { kind: 'redirect', location: withQuery(asked.redirectUri, { code, state: asked.state }) };
    },

    signOut(parameters) {
      const client = cognito.findClient(parameters.get('client_id') ?? '');
      if (client === undefined) return refused('There is no app client of this client_id.');
      const location = parameters.get('logout_uri') ?? '';
      if (!client.logoutUrls.includes(location))
        return refused('logout_uri is none of the sign-out URLs of the app client.');
      return { kind: 'redirect', location };
    },
  };
}

/** Of the resource servers of a client's pool. */
export const scopesOf = (cognito: Cognito, { poolId }: AppClient): ReadonlySet<string> =>
  cognito.pools.get(poolId)?.scopes ?? new Set();

const refused = (reason: string): AuthorizeAnswer => ({ kind: 'page', ...failurePage(reason) });

function withQuery(uri: string, query: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
