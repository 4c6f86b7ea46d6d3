import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Who sent a request, as far as its headers tell, which a browser writes and a page can't. */
type Sender =
  /** A program, a page that this server sent, or a person who typed the address. */
  | { kind: 'own' }
  /** A page of another site; its origin is `null` for one that hides it, undefined where the browser sends none. */
  | { kind: 'page'; origin: string | undefined; opensTab: boolean }
  /** Whoever asks for a server of another name: a page that had its own name resolved to this machine does. */
  | { kind: 'astray'; host: string };

/** What a server takes from pages of other sites, besides all that programs and its own pages send. Default: nothing. */
export interface PageRules {
  /** Whether pages of an origin, as browsers write it (`http://127.0.0.1:4569`), may send this request, and its preflight. */
  maySend?(origin: string, request: IncomingMessage): boolean;
  /** Whether a link of any page may open this path, without its query, in a tab. */
  mayOpen?(path: string): boolean;
}

/** The names of this machine that a server on loopback answers to. */
const names = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Tells programs of this machine from pages of other sites. Every page that a browser shows can send requests to
 * 127.0.0.1, so that being on loopback keeps no page out. A page can set neither Host nor Origin nor Sec-Fetch-*; a
 * program sends no Origin and no Sec-Fetch-Site, and one that lies about them could do all it wants without.
 */
export function senderOf(request: IncomingMessage): Sender {
  const { host = '', origin, 'sec-fetch-site': site } = request.headers;
  const port = request.socket.localPort;
  const hosts = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  // A target that is a whole URL names a host as well; only proxies are asked so.
  if (!hosts.includes(host.toLowerCase()) || !/^[/*]/.test(request.url ?? ''))
    return { kind: 'astray', host };
  const isOwn =
    origin === undefined
      ? site === undefined || site === 'none' || site === 'same-origin'
      : hosts.some((own) => origin === `http://${own}`);
  if (isOwn) return { kind: 'own' };
  const opensTab =
    origin === undefined &&
    (request.method === 'GET' || request.method === 'HEAD') &&
    request.headers['sec-fetch-mode'] === 'navigate' &&
    // A frame is a navigation too, and its page could be laid over by the one around it.
    request.headers['sec-fetch-dest'] === 'document';
  return { kind: 'page', origin, opensTab };
}

/** Answers 421 to who asks for another server and 403 to pages that the rules don't name, without reading a body. */
export function forThisMachine(listener: RequestListener, rules: PageRules = {}): RequestListener {
  return (request, response) => {
    const sender = senderOf(request);
    if (sender.kind === 'astray') return refuseAstray(request, response, sender.host);
    if (sender.kind === 'page') {
      const { origin, opensTab } = sender;
      const path = String(request.url).split('?', 1)[0] as string;
      const may = origin === undefined ? opensTab && rules.mayOpen?.(path) : rules.maySend?.(origin, request);
      if (may !== true) return refusePage(response, origin);
    }
    return listener(request, response);
  };
}

/** Answers who asks for a server of another name. */
export function refuseAstray(request: IncomingMessage, response: ServerResponse, host: string): void {
  const port = request.socket.localPort;
  refuse(
    response,
    421,
    `This is 127.0.0.1:${port}, or localhost:${port}. The request asks for ${host || 'no host'}.`,
  );
}

/** Answers a page that may not send what it sent. */
export function refusePage(response: ServerResponse, origin: string | undefined): void {
  refuse(
    response,
    403,
    `This server is for programs of this machine. The request comes from a page of ${origin ?? 'another site'}; docs/local.md says which pages may send one.`,
  );
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify({ message })}\n`);
}
