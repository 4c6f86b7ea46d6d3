import type { LocalCloud } from '../../local/engine/cloud.ts';
import { output } from './job-world.ts';

const redirectUri = 'http://127.0.0.1:1/';

/**
 * The access token of somebody who signs in to a page with all scopes, by the page of the local cloud.
 * @param username of a user that the cloud has
 */
export async function tokenOfUser(cloud: LocalCloud, username: string): Promise<string> {
  const { cognito } = cloud.services;
  const client = cognito.findClient('a-page') ?? makeClient(cloud);
  const base = new URL(cloud.tokenUrl);
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', // with its verifier, from RFC 7636
    code_challenge_method: 'S256',
  });
  const shown = await fetch(new URL(`authorize?${parameters}`, base));
  const ticket = /name="ticket" value="([^"]+)"/.exec(await shown.text())?.[1] ?? '';
  const chosen = await fetch(new URL('authorize', base), {
    method: 'POST',
    body: new URLSearchParams({ ticket, username }),
    redirect: 'manual',
  });
  const code = new URL(String(chosen.headers.get('location'))).searchParams.get('code');
  const answer = await fetch(base, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client.clientId,
      redirect_uri: redirectUri,
      code: String(code),
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
}

function makeClient(cloud: LocalCloud) {
  return cloud.services.cognito.createClient({
    clientId: 'a-page',
    name: 'a page',
    poolId: output(cloud, 'CaudalApi', 'UserPoolId'),
    generateSecret: false,
    flows: ['code'],
    scopes: ['openid', ...['read', 'write', 'operate', 'jobs'].map((scope) => `caudal/${scope}`)],
    accessTokenSeconds: 3600,
    idTokenSeconds: 3600,
    refresh: { validForMs: 3_600_000, graceMs: 0 },
    callbackUrls: [redirectUri],
    logoutUrls: [],
  });
}
