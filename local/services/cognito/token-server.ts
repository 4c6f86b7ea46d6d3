import { randomUUID, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import { type MutableToken, OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';
import { forThisMachine } from '../../engine/site-guard.ts';
import type { AppClient, Cognito } from './service.ts';

/** What `/oauth2/token` answers, in Cognito's words. */
type TokenAnswer =
  | { kind: 'granted'; client: AppClient; scopes: readonly string[] }
  | { kind: 'refused'; error: string };

export interface TokenServer {
  /** Binds to 127.0.0.1; port 0 takes any free one. */
  listen(port: number): Promise<{ port: number }>;
  /** `iss` of a pool's tokens, below which its keys are published. */
  issuerOf(poolId: string): string;
  /** Public keys of all pools. */
  keys(): JSONWebKeySet;
  close(): Promise<void>;
}

/**
 * The token endpoint of the user pools' domain: client credentials, with the secret in the Authorization header or in
 * the form, for the scopes asked for or all of the client's. Tokens look like Cognito's; the signing key is kept, so
 * that they survive a restart.
 */
export async function createTokenServer(options: {
  directory: string;
  cognito: Cognito;
}): Promise<TokenServer> {
  const { cognito, directory } = options;
  const issuer = new OAuth2Issuer();
  const tokens = new OAuth2Service(issuer);
  await loadKey(issuer, directory);
  let port = 0;
  const issuerOf = (poolId: string) => `http://127.0.0.1:${port}/${poolId}`;
  const keys = () => ({ keys: issuer.keys.toJSON() }) as JSONWebKeySet;

  async function issue({ client, scopes }: TokenAnswer & { kind: 'granted' }): Promise<string> {
    const claims = {
      sub: client.clientId,
      token_use: 'access',
      scope: scopes.join(' '),
      iss: issuerOf(client.poolId),
      version: 2,
      jti: randomUUID(),
      client_id: client.clientId,
    };
    const shape = ({ header, payload }: MutableToken): void => {
      // Cognito's header is kid and alg; it has no nbf.
      header.typ = undefined;
      const { iat, exp } = payload;
      for (const name of Object.keys(payload)) delete (payload as Record<string, unknown>)[name];
      Object.assign(payload, claims, { auth_time: iat, iat, exp });
    };
    issuer.url = issuerOf(client.poolId);
    // The event is emitted before buildToken first waits: no other request's listener comes in between.
    tokens.once('beforeTokenSigning', shape);
    return tokens.buildToken({} as never, client.accessTokenSeconds, undefined);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const send = (status: number, body: object) => {
      response.writeHead(status, {
        'content-type': 'application/json;charset=UTF-8',
        'cache-control': 'no-store',
      });
      response.end(JSON.stringify(body));
    };
    const poolId = /^\/([^/]+)\/\.well-known\/(jwks\.json|openid-configuration)$/.exec(pathname);
    if (request.method === 'GET' && poolId && cognito.pools.has(String(poolId[1]))) {
      const url = issuerOf(String(poolId[1]));
      const configuration = {
        issuer: url,
        jwks_uri: `${url}/.well-known/jwks.json`,
        token_endpoint: `http://127.0.0.1:${port}/oauth2/token`,
      };
      send(200, poolId[2] === 'jwks.json' ? keys() : configuration);
    } else if (pathname !== '/oauth2/token') send(404, { error: 'not_found' });
    else if (request.method !== 'POST') send(405, { error: 'method_not_allowed' });
    else {
      const form = new URLSearchParams(await readForm(request));
      const decided = decide(cognito, form, request.headers.authorization);
      if (decided.kind === 'refused') send(400, { error: decided.error });
      else {
        const token = await issue(decided);
        const { accessTokenSeconds } = decided.client;
        send(200, { access_token: token, expires_in: accessTokenSeconds, token_type: 'Bearer' });
      }
    }
  }

  const server = createServer(
    forThisMachine((request, response) => {
      answer(request, response).catch(() => void response.destroy());
    }),
  );

  return {
    listen: (wanted) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(wanted, '127.0.0.1', () => {
          port = (server.address() as AddressInfo).port;
          resolve({ port });
        });
      }),
    issuerOf,
    keys,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function decide(cognito: Cognito, form: URLSearchParams, authorization: string | undefined): TokenAnswer {
  const grant = form.get('grant_type');
  if (!grant) return { kind: 'refused', error: 'invalid_request' };
  const client = authenticate(cognito, form, authorization);
  if (!client) return { kind: 'refused', error: 'invalid_client' };
  if (grant !== 'client_credentials') return { kind: 'refused', error: 'unsupported_grant_type' };
  if (!client.flows.includes('client_credentials')) return { kind: 'refused', error: 'unauthorized_client' };
  const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const known = cognito.pools.get(client.poolId)?.scopes ?? new Set();
  const allowed = client.scopes.filter((scope) => known.has(scope));
  if (asked.some((scope) => !allowed.includes(scope))) return { kind: 'refused', error: 'invalid_scope' };
  return { kind: 'granted', client, scopes: asked.length > 0 ? asked : allowed };
}

function authenticate(
  cognito: Cognito,
  form: URLSearchParams,
  authorization: string | undefined,
): AppClient | undefined {
  const [id, secret] = authorization?.startsWith('Basic ')
    ? splitOnce(Buffer.from(authorization.slice(6), 'base64').toString('utf8'))
    : [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  const client = cognito.findClient(id);
  if (client?.secret === undefined) return undefined;
  const [given, known] = [Buffer.from(secret), Buffer.from(client.secret)];
  return given.length === known.length && timingSafeEqual(given, known) ? client : undefined;
}

function splitOnce(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

async function readForm(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 64 * 1024) throw new Error('the form is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function loadKey(issuer: OAuth2Issuer, directory: string): Promise<void> {
  const file = join(directory, 'signing-key.json');
  if (existsSync(file)) {
    await issuer.keys.add(JSON.parse(readFileSync(file, 'utf8')));
    return;
  }
  const key = await issuer.keys.generate('RS256');
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${file}.draft`, JSON.stringify(key), { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}
