import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { forThisMachine } from '../../engine/site-guard.ts';
import { type AuthorizeAnswer, createAuthorization } from './authorize.ts';
import { createGrants, type TokenAnswer } from './grants.ts';
import type { Cognito } from './service.ts';
import { createSigner } from './signing.ts';

export interface TokenServer {
  /** Binds to 127.0.0.1; port 0 takes any free one. */
  listen(port: number): Promise<{ port: number }>;
  /** `iss` of a pool's tokens, below which its keys are published. */
  issuerOf(poolId: string): string;
  /** Public keys of all pools. */
  keys(): JSONWebKeySet;
  close(): Promise<void>;
}

/** Endpoints that a client's page calls from its own origin. */
const forPages: Readonly<Record<string, string>> = {
  '/oauth2/token': 'POST',
  '/oauth2/revoke': 'POST',
  '/oauth2/userInfo': 'GET, POST',
};

/**
 * The domain of the user pools: the pages of managed login, the token endpoint and its neighbours, and the pools' keys. Tokens look like
 * Cognito's; the signing key is kept, so that they survive a restart.
 */
export async function createTokenServer(options: {
  directory: string;
  cognito: Cognito;
}): Promise<TokenServer> {
  const { cognito, directory } = options;
  const { sessions } = cognito;
  const signer = await createSigner(directory);
  let port = 0;
  const origin = () => `http://127.0.0.1:${port}`;
  const issuerOf = (poolId: string) => `${origin()}/${poolId}`;
  const authorization = createAuthorization({ cognito, sessions });
  const grants = createGrants({ cognito, sessions, signer, issuerOf });

  /** The claims of an access token in the Authorization header. */
  async function claimsOf({ headers }: IncomingMessage): Promise<JWTPayload> {
    const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet(signer.keys()), {
        algorithms: ['RS256'],
        issuer: [...cognito.pools.keys()].map(issuerOf),
      });
      return payload.token_use === 'access' ? payload : {};
    } catch {
      return {};
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin());
    const { method, headers } = request;
    const endpoint = `${method} ${pathname}`;
    const cors = Object.hasOwn(forPages, pathname) ? corsHeaders(headers.origin) : {};
    const send = (status: number, body: object, more: Record<string, string> = {}) => {
      response.writeHead(status, {
        'content-type': 'application/json;charset=UTF-8',
        'cache-control': 'no-store',
        ...cors,
        ...more,
      });
      response.end(JSON.stringify(body));
    };
    const sendAnswer = (answered: TokenAnswer) =>
      answered.kind === 'granted'
        ? send(200, answered.body)
        : send(answered.status, { error: answered.error });
    const show = (answered: AuthorizeAnswer) => {
      // 303: what follows is a GET, also after a form.
      if (answered.kind === 'redirect')
        response.writeHead(303, { location: answered.location, 'cache-control': 'no-store' }).end();
      else response.writeHead(answered.status, answered.headers).end(answered.html);
    };
    const form = async () => new URLSearchParams(await readForm(request));

    const ofPool = /^\/([^/]+)\/\.well-known\/(jwks\.json|openid-configuration)$/.exec(pathname);
    const [, poolId = '', document] = ofPool ?? [];
    if (method === 'OPTIONS' && Object.hasOwn(forPages, pathname)) {
      response.writeHead(204, { ...cors, allow: `${forPages[pathname]}, OPTIONS` }).end();
    } else if (method === 'GET' && cognito.pools.has(poolId)) {
      send(200, document === 'jwks.json' ? signer.keys() : configurationOf(issuerOf(poolId), origin()), {
        'access-control-allow-origin': '*', // public on AWS too
      });
    } else if (endpoint === 'GET /oauth2/authorize') show(authorization.ask(searchParams));
    else if (endpoint === 'POST /oauth2/authorize') show(authorization.choose(await form()));
    else if (endpoint === 'GET /logout') show(authorization.signOut(searchParams));
    else if (endpoint === 'POST /oauth2/token')
      sendAnswer(await grants.token(await form(), headers.authorization));
    else if (endpoint === 'POST /oauth2/revoke')
      sendAnswer(grants.revoke(await form(), headers.authorization));
    else if (pathname === '/oauth2/userInfo' && (method === 'GET' || method === 'POST')) {
      const answered = grants.userInfo(await claimsOf(request));
      if (answered.kind === 'granted') send(200, answered.body);
      else
        send(
          answered.status,
          { error: answered.error },
          { 'www-authenticate': 'Bearer error="invalid_token"' },
        );
    } else if (Object.hasOwn(forPages, pathname) || ['/oauth2/authorize', '/logout'].includes(pathname))
      send(405, { error: 'method_not_allowed' });
    else send(404, { error: 'not_found' });
  }

  /** What lets the pages of a client's callback URLs read an answer, and no other site's. */
  function corsHeaders(from: string | undefined): Record<string, string> {
    if (from === undefined || !isOfClient(from)) return { vary: 'Origin' };
    return {
      vary: 'Origin',
      'access-control-allow-origin': from,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '600',
    };
  }

  /** Whether an origin is that of a client's callback URL. */
  const isOfClient = (from: string): boolean =>
    [...cognito.pools.values()]
      .flatMap(({ clients }) => [...clients.values()])
      .flatMap(({ callbackUrls }) => callbackUrls)
      .some((url) => URL.canParse(url) && new URL(url).origin === from);

  const server = createServer(
    forThisMachine(
      (request, response) => {
        answer(request, response).catch(() => void response.destroy());
      },
      {
        maySend: (from, { url = '' }) =>
          Object.hasOwn(forPages, String(url.split('?', 1)[0])) && isOfClient(from),
        // Where a client's page sends the browser. What the link asks for is checked; the page posts to itself.
        mayOpen: (path) => path === '/oauth2/authorize' || path === '/logout',
      },
    ),
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
    keys: signer.keys,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** OpenID Connect Discovery: where everything is, and what of the standards is served. */
function configurationOf(issuer: string, origin: string): object {
  return {
    issuer,
    authorization_endpoint: `${origin}/oauth2/authorize`,
    token_endpoint: `${origin}/oauth2/token`,
    revocation_endpoint: `${origin}/oauth2/revoke`,
    userinfo_endpoint: `${origin}/oauth2/userInfo`,
    end_session_endpoint: `${origin}/logout`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
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
