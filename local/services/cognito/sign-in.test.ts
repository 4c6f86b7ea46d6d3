import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../../../test/support/local/harness.ts';
import { type Cognito, createCognito } from './service.ts';
import { createSessions } from './sessions.ts';
import { createTokenServer, type TokenServer } from './token-server.ts';

/** The standards' own client against the running service, and what must be refused by hand. */

const { directory, remove } = scratch();
const pool = 'us-east-1_test';
const callback = 'http://127.0.0.1:4569/callback';
const home = 'http://127.0.0.1:4569/';
const page: oauth.Client = { client_id: 'page' };
const insecure = { [oauth.allowInsecureRequests]: true } as const;
let server: TokenServer;
let origin: string;
let as: oauth.AuthorizationServer;

function makeCognito(): Cognito {
  const cognito = createCognito({ directory });
  cognito.createUserPool({ id: pool, name: 'test' });
  cognito.addScopes(pool, ['caudal/read', 'caudal/write']);
  for (const group of ['viewer', 'operator']) cognito.addGroup(pool, group, '');
  const common = {
    poolId: pool,
    flows: ['code'],
    scopes: ['openid', 'caudal/read', 'caudal/write', 'caudal/nowhere'],
    accessTokenSeconds: 3600,
    idTokenSeconds: 3600,
    callbackUrls: [callback],
    logoutUrls: [home],
  };
  const refresh = { validForMs: 3_600_000, graceMs: 0 };
  cognito.createClient({ ...common, clientId: 'page', name: 'the page', generateSecret: false, refresh });
  cognito.createClient({ ...common, clientId: 'other', name: 'other', generateSecret: false, refresh });
  cognito.createClient({
    ...common,
    clientId: 'steady',
    name: 'steady',
    generateSecret: true,
    refresh: { validForMs: 3_600_000, graceMs: undefined },
  });
  const users = ['operator', 'viewer'].map((name) => ({ name, groups: [name] }));
  cognito.seedUsers([...users, { name: '<b>"nobody"</b>', groups: [] }]);
  return cognito;
}

async function start(): Promise<void> {
  server = await createTokenServer({ directory, cognito: makeCognito() });
  origin = `http://127.0.0.1:${(await server.listen(0)).port}`;
  const issuer = new URL(server.issuerOf(pool));
  const found = await oauth.discoveryRequest(issuer, insecure);
  as = await oauth.processDiscoveryResponse(issuer, found);
}
beforeAll(start);
afterAll(async () => {
  await server.close();
  remove();
});

interface Asked {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly url: URL;
}

/** The address that a page sends a browser to, with changes; an empty text leaves a parameter out. */
async function asked(changes: Record<string, string> = {}): Promise<Asked> {
  const [verifier, state, nonce] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
  ];
  const url = new URL(String(as.authorization_endpoint));
  const parameters = {
    response_type: 'code',
    client_id: 'page',
    redirect_uri: callback,
    scope: 'openid caudal/read',
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== '') url.searchParams.set(name, value);
  return { verifier, state, nonce, url };
}

const visit = (url: URL | string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });
const ticketOf = (html: string) => /name="ticket" value="([^"]+)"/.exec(html)?.[1] ?? '';
const choose = (ticket: string, username: string) =>
  visit(`${origin}/oauth2/authorize`, { method: 'POST', body: new URLSearchParams({ ticket, username }) });

/** What the browser brings back to the page after a click on a user. */
async function signIn(
  username: string,
  changes: Record<string, string> = {},
): Promise<Asked & { back: URL }> {
  const request = await asked(changes);
  const shown = await visit(request.url);
  const answer = await choose(ticketOf(await shown.text()), username);
  expect(answer.status).toBe(303);
  return { ...request, back: new URL(String(answer.headers.get('location'))) };
}

/** The code's tokens, all that the standards ask for checked: state, nonce, signature, hashes. */
async function tokensOf({ back, state, nonce, verifier }: Asked & { back: URL }) {
  const parameters = oauth.validateAuthResponse(as, page, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    as,
    page,
    oauth.None(),
    parameters,
    callback,
    verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, page, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(as, answer, insecure);
  return tokens;
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString());

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await visit(`${origin}${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as Record<string, string>,
    headers: answer.headers,
  };
}
const refresh = (token: string, client_id = 'page') =>
  post('/oauth2/token', { grant_type: 'refresh_token', client_id, refresh_token: token });

test('a person signs in: the tokens are of the user, with the groups and the scopes that were asked for', async () => {
  const tokens = await tokensOf(await signIn('operator'));
  const access = claimsOf(tokens.access_token);
  expect(access).toMatchObject({
    token_use: 'access',
    client_id: 'page',
    username: 'operator',
    scope: 'openid caudal/read',
    'cognito:groups': ['operator'],
    version: 2,
  });
  const id = oauth.getValidatedIdTokenClaims(tokens);
  expect(id).toMatchObject({
    sub: access.sub,
    aud: 'page',
    token_use: 'id',
    'cognito:username': 'operator',
    'cognito:groups': ['operator'],
    email: 'operator@localhost',
  });
  const info = await oauth.userInfoRequest(as, page, tokens.access_token, insecure);
  expect(await oauth.processUserInfoResponse(as, page, access.sub, info)).toMatchObject({
    username: 'operator',
  });
});

test('a scope that is not asked for is not given, and without openid there is no ID token', async () => {
  const { back, verifier } = await signIn('viewer', { scope: 'caudal/read' });
  const { body } = await post('/oauth2/token', {
    grant_type: 'authorization_code',
    client_id: 'page',
    code: String(back.searchParams.get('code')),
    redirect_uri: callback,
    code_verifier: verifier,
  });
  expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type']);
  expect(claimsOf(String(body.access_token)).scope).toBe('caudal/read');
  const info = await visit(`${origin}/oauth2/userInfo`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  });
  expect(info.status).toBe(401);
});

describe('a request for a code', () => {
  test.each([
    ['another address', { redirect_uri: 'https://evil.example/callback' }],
    ['a longer address', { redirect_uri: `${callback}/more` }],
    ['an address with a query', { redirect_uri: `${callback}?x=1` }],
    ['no address', { redirect_uri: '' }],
    ['an unknown client', { client_id: 'nobody' }],
  ])('of %s is refused, and the browser is sent nowhere', async (_, changes: Record<string, string>) => {
    const answer = await visit((await asked(changes)).url);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(await answer.text()).not.toContain('ticket');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a scope of nobody', { scope: 'caudal/nowhere' }, 'invalid_scope'],
    ['a scope that the client has not', { scope: 'openid caudal/jobs' }, 'invalid_scope'],
    ['a token at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge of no method', { code_challenge_method: '' }, 'invalid_request'],
    ['no challenge', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['a short challenge', { code_challenge: 'abc' }, 'invalid_request'],
    ['a long nonce', { nonce: 'x'.repeat(3_000) }, 'invalid_request'],
  ])('with %s goes back with the error and the state', async (_, changes, error) => {
    const request = await asked(changes);
    const answer = await visit(request.url);
    const back = new URL(String(answer.headers.get('location')));
    expect(back.origin + back.pathname).toBe(callback);
    expect([back.searchParams.get('error'), back.searchParams.get('state')]).toEqual([error, request.state]);
    expect(back.searchParams.has('code')).toBe(false);
  });

  test('with a parameter twice goes back with the error', async () => {
    const { url } = await asked();
    url.searchParams.append('scope', 'caudal/write');
    const back = new URL(String((await visit(url)).headers.get('location')));
    expect(back.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('the page', () => {
  test('has a button a user, no script, and is in no frame; what is written in it is text', async () => {
    const answer = await visit((await asked()).url);
    const html = await answer.text();
    expect(html.match(/<button/g)).toHaveLength(3);
    expect(html).not.toMatch(/<script|<b>"nobody/);
    const policy = String(answer.headers.get('content-security-policy'));
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`form-action 'self' ${new URL(callback).origin};`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('signs in once, and nobody without its ticket', async () => {
    const ticket = ticketOf(await (await visit((await asked()).url)).text());
    for (const wrong of ['', 'x', ticket.slice(0, -1)])
      expect((await choose(wrong, 'operator')).status).toBe(400);
    expect((await choose(ticket, 'operator')).status).toBe(303);
    const again = await choose(ticket, 'operator');
    expect([again.status, again.headers.get('location')]).toEqual([400, null]);
  });

  test('takes nobody who is no user', async () => {
    const ticket = ticketOf(await (await visit((await asked()).url)).text());
    expect((await choose(ticket, 'root')).status).toBe(400);
  });
});

describe('a code', () => {
  const exchange = (back: URL, form: Record<string, string>) =>
    post('/oauth2/token', {
      grant_type: 'authorization_code',
      client_id: 'page',
      redirect_uri: callback,
      code: String(back.searchParams.get('code')),
      ...form,
    });

  test('is good once, and a second use ends what the first began', async () => {
    const { back, verifier } = await signIn('operator');
    const first = await exchange(back, { code_verifier: verifier });
    expect(first.status).toBe(200);
    const second = await exchange(back, { code_verifier: verifier });
    expect([second.status, second.body]).toEqual([400, { error: 'invalid_grant' }]);
    expect((await refresh(String(first.body.refresh_token))).body).toEqual({ error: 'invalid_grant' });
  });

  test.each<[string, Record<string, string>, string]>([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['no verifier', {}, 'invalid_grant'],
    ['another address', { redirect_uri: home }, 'invalid_grant'],
    ['another client', { client_id: 'other' }, 'invalid_grant'],
    ['a secret of a client that has none', { client_secret: 'x' }, 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, 'invalid_client'],
  ])('is refused with %s', async (name, changes, error) => {
    const { back, verifier } = await signIn('operator');
    const own: Record<string, string> = name.endsWith('verifier') ? {} : { code_verifier: verifier };
    const answer = await exchange(back, { ...own, ...changes });
    expect([answer.status, answer.body]).toEqual([400, { error }]);
  });

  test('is good for five minutes', () => {
    let nowMs = 0;
    const sessions = createSessions({ directory: join(directory, 'codes'), nowMs: () => nowMs });
    const grant = {
      clientId: 'page',
      sub: 's',
      scopes: [],
      nonce: undefined,
      authTime: 0,
      redirectUri: callback,
      challenge: undefined,
    };
    const [early, late] = [sessions.createCode(grant), sessions.createCode(grant)];
    nowMs = 299_999;
    expect(sessions.takeCode(early)).toEqual(grant);
    nowMs = 300_000;
    expect(sessions.takeCode(late)).toBeUndefined();
  });
});

describe('a refresh token', () => {
  test('is replaced at each use, and the one before is refused', async () => {
    const first = await tokensOf(await signIn('operator'));
    const answer = await oauth.refreshTokenGrantRequest(
      as,
      page,
      oauth.None(),
      String(first.refresh_token),
      insecure,
    );
    const second = await oauth.processRefreshTokenResponse(as, page, answer);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(claimsOf(second.access_token)).toMatchObject({
      username: 'operator',
      scope: 'openid caudal/read',
    });
    expect((await refresh(String(first.refresh_token))).body).toEqual({ error: 'invalid_grant' });
    expect((await refresh(String(second.refresh_token))).status).toBe(200);
  });

  test('is no good for another client', async () => {
    const tokens = await tokensOf(await signIn('operator'));
    expect((await refresh(String(tokens.refresh_token), 'other')).body).toEqual({ error: 'invalid_grant' });
  });

  test('survives a restart, of which the disk has no more than its digest', async () => {
    const tokens = await tokensOf(await signIn('viewer'));
    const file = join(directory, 'sessions.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(String(tokens.refresh_token));
    await server.close();
    await start();
    const answer = await refresh(String(tokens.refresh_token));
    expect(claimsOf(String(answer.body.access_token))).toMatchObject({
      username: 'viewer',
      sub: claimsOf(tokens.access_token).sub,
    });
  });

  test('is good for its grace period after it was replaced, and stays where it does not rotate', () => {
    let nowMs = 0;
    const sessions = createSessions({ directory: join(directory, 'grace'), nowMs: () => nowMs });
    const grant = {
      clientId: 'c',
      sub: 's',
      scopes: [],
      nonce: 'n',
      authTime: 0,
      redirectUri: '',
      challenge: undefined,
    };
    const rules = { validForMs: 100_000, graceMs: 10_000 };
    const { refreshToken: old } = sessions.begin(sessions.createCode(grant), grant, rules);
    const next = sessions.refresh(old, 'c', rules)?.refreshToken ?? '';
    nowMs = 9_999;
    expect(sessions.refresh(old, 'c', rules)?.refreshToken).toBeDefined();
    nowMs = 10_000;
    expect(sessions.refresh(old, 'c', rules)).toBeUndefined();
    expect(sessions.refresh(next, 'c', rules)?.session).not.toMatchObject({ nonce: 'n' });
    const steady = { validForMs: 100_000, graceMs: undefined };
    const { refreshToken: kept } = sessions.begin(sessions.createCode(grant), grant, steady);
    for (let use = 0; use < 3; use++)
      expect(sessions.refresh(kept, 'c', steady)).toEqual({ session: expect.anything() });
    nowMs = 110_000;
    expect(sessions.refresh(kept, 'c', steady)).toBeUndefined();
  });

  test('is ended by its client, and the access token says nothing of the user any more', async () => {
    const tokens = await tokensOf(await signIn('operator'));
    const theirs = await post('/oauth2/revoke', { client_id: 'other', token: String(tokens.refresh_token) });
    expect(theirs.status).toBe(400);
    const answer = await oauth.revocationRequest(
      as,
      page,
      oauth.None(),
      String(tokens.refresh_token),
      insecure,
    );
    await oauth.processRevocationResponse(answer);
    expect((await refresh(String(tokens.refresh_token))).body).toEqual({ error: 'invalid_grant' });
    const info = await oauth.userInfoRequest(as, page, tokens.access_token, insecure);
    expect(info.status).toBe(401);
  });
});

test('signing out leads to an address of the client, and to no other', async () => {
  const to = (logout_uri: string, client_id = 'page') =>
    visit(`${as.end_session_endpoint}?${new URLSearchParams({ client_id, logout_uri })}`);
  const out = await to(home);
  expect([out.status, out.headers.get('location')]).toEqual([303, home]);
  for (const answer of [await to('https://evil.example/'), await to(home, 'nobody')])
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
});

test('the pages of callback URLs may read tokens from their origin, and no other site may', async () => {
  const own = new URL(callback).origin;
  for (const path of ['/oauth2/token', '/oauth2/revoke', '/oauth2/userInfo']) {
    const preflight = (from: string) =>
      visit(`${origin}${path}`, { method: 'OPTIONS', headers: { origin: from } });
    expect((await preflight(own)).headers.get('access-control-allow-origin')).toBe(own);
    for (const other of ['https://evil.example', 'null', `${own}.evil.example`]) {
      const refused = await preflight(other);
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    }
  }
  const answered = await post(
    '/oauth2/token',
    { grant_type: 'refresh_token', client_id: 'page' },
    { origin: own },
  );
  expect([answered.status, answered.headers.get('access-control-allow-origin')]).toEqual([400, own]);
});

test('a machine needs its secret, and a public client gets no token for itself', async () => {
  const form = { grant_type: 'client_credentials', client_id: 'page' };
  expect((await post('/oauth2/token', form)).body).toEqual({ error: 'invalid_client' });
  expect((await post('/oauth2/token', { ...form, client_id: 'steady' })).body).toEqual({
    error: 'invalid_client',
  });
});

test('a group that the pool does not have stops the start, by name', () => {
  expect(() => makeCognito().seedUsers([{ name: 'ana', groups: ['admins'] }])).toThrow(
    "The user ana can't be made: the user pool us-east-1_test has no group admins.",
  );
});
