import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../../engine/calls.ts';
import { onLoopback } from '../../engine/endpoint.ts';
import { forThisMachine } from '../../engine/site-guard.ts';
import type { UrlRequest } from '../lambda/function-url.ts';
import { type Behavior, behaviorFor, type Distribution, type Origin } from './distribution.ts';
import type { EdgeContext, EdgeRequest } from './edge-function.ts';

interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface CloudFrontOptions {
  /** Invokes a function by its URL, on behalf of the distribution. Throws AwsError where that one may not. */
  invokeUrl(urlId: string, request: UrlRequest, distributionArn: string): Promise<Answer>;
  /** Puts local addresses in the place of those that exist only on AWS. */
  localText: (text: string) => string;
  /** One line of JSON for each request. */
  accessLog(line: string): void;
}

/** CloudFront: the one distribution that the template declares, on a separate port. It keeps no copies: each request goes to its origin. */
export interface CloudFront {
  createDistribution(distribution: Distribution): void;
  /** Undefined when the template declares none. */
  distribution(): Distribution | undefined;
  /** Binds to 127.0.0.1; port 0 takes any free one. */
  listen(port: number): Promise<{ port: number }>;
  close(): Promise<void>;
}

export function createCloudFront(options: CloudFrontOptions): CloudFront {
  let declared: Distribution | undefined;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const timeMs = Date.now();
    const requestId = randomUUID();
    const [path = '/', search = ''] = String(message.url).split(/\?(.*)/s);
    const status = await answer(message, response, { path, search, requestId });
    // Without the query: there a code for signing in may be.
    const { method } = message;
    options.accessLog(
      JSON.stringify({ time: new Date(timeMs).toISOString(), requestId, method, path, status }),
    );
  }

  /** Returns the status that was sent. */
  async function answer(
    message: IncomingMessage,
    response: ServerResponse,
    { path, search, requestId }: { path: string; search: string; requestId: string },
  ): Promise<number> {
    const method = String(message.method);
    const viewerIp = message.socket.remoteAddress ?? '127.0.0.1';
    const send = ({ status, headers, body }: Answer): number => {
      response.writeHead(status, {
        'content-length': String(body.length),
        'x-amz-cf-id': requestId,
        ...(message.complete ? {} : { connection: 'close' }),
        ...headers,
      });
      response.end(method === 'HEAD' ? undefined : body);
      if (!message.complete) message.resume();
      return status;
    };
    const behavior = declared && behaviorFor(declared, path);
    if (declared === undefined || behavior === undefined)
      return send(own(404, 'The template declares no distribution.'));
    if (!behavior.allowedMethods.includes(method))
      return send(own(403, 'This distribution is not configured to allow the HTTP request method.'));
    let request: EdgeRequest = {
      method,
      uri: path,
      query: new URLSearchParams(search),
      headers: headersOf(message),
    };
    let sentSearch = search;
    if (behavior.viewerRequest) {
      const { domainName: distributionDomainName, id: distributionId } = declared;
      const about: EdgeContext = { distributionDomainName, distributionId, requestId, viewerIp };
      try {
        const result = await behavior.viewerRequest(request, about);
        if (result.kind === 'answer') return send({ ...result, body: Buffer.from(result.body) });
        ({ request } = result);
        // As it came where the function left it: what is encoded in another way would be signed in another way.
        if (String(request.query) !== String(new URLSearchParams(search))) sentSearch = String(request.query);
      } catch (error) {
        return send(own(503, `The CloudFront function failed: ${String(error)}`));
      }
    }
    const headers = forwarded(behavior, request.headers);
    const { origin } = behavior;
    if (origin.kind === 'server')
      return proxy(message, response, { origin, request, headers, search: sentSearch, send });
    if (!origin.signed) return send(own(403, 'Forbidden: requests to the function are not signed.'));
    try {
      return send(
        await options.invokeUrl(
          origin.urlId,
          { method, path: request.uri, search: '', headers, sourceIp: viewerIp, requestId },
          declared.arn,
        ),
      );
    } catch (error) {
      if (error instanceof AwsError) return send(own(error.status, error.message));
      throw error;
    }
  }

  /** To the local server that stands for the origin, and its answer back, without holding either in memory. */
  async function proxy(
    message: IncomingMessage,
    response: ServerResponse,
    sent: {
      origin: Origin & { kind: 'server' };
      request: EdgeRequest;
      headers: Record<string, string>;
      search: string;
      send: (answer: Answer) => number;
    },
  ): Promise<number> {
    const { origin, request, headers, search, send } = sent;
    const url = `${options.localText(origin.address)}${origin.path}${request.uri}${search && `?${search}`}`;
    const upstream = sendRequest(url, { method: request.method, headers });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      upstream.once('response', resolve).once('error', reject);
    });
    response.once('close', () => upstream.destroy());
    message.pipe(upstream);
    try {
      const found = await answered;
      const status = found.statusCode ?? 502;
      response.writeHead(status, found.headers);
      await pipeline(found, response);
      return status;
    } catch (error) {
      if (response.headersSent || response.destroyed) throw error;
      return send(own(502, `The origin did not answer: ${String(error)}`));
    }
  }

  const server = createServer(
    forThisMachine(
      (message, response) => {
        serve(message, response).catch(() => void response.destroy());
      },
      { mayOpen: () => true }, // a link may show a view; it has no cookie to act with
    ),
  );

  return {
    createDistribution(distribution) {
      declared = distribution;
    },
    distribution: () => declared,
    ...onLoopback(server),
  };
}

/** An answer of CloudFront itself. */
const own = (status: number, text: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: Buffer.from(`${text}\n`),
});

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

/** Of the connection, not of the request. */
const hopByHop = new Set(['connection', 'host', 'keep-alive', 'te', 'trailer', 'upgrade']);
/** What a browser says of the page that asks. This server has judged it; to its origin it is no browser. */
const ofThePage = /^(origin|referer|sec-fetch-.+)$/;

function forwarded(
  { forwards }: Behavior,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !ofThePage.test(name));
  if (forwards === 'all-but-host') return Object.fromEntries(entries);
  const encodings = ['br', 'gzip'].filter((name) => headers['accept-encoding']?.includes(name));
  return {
    'user-agent': 'Amazon CloudFront',
    ...(encodings.length === 0 ? {} : { 'accept-encoding': encodings.join(',') }),
    // CloudFront compares tags itself, with the copy that it keeps or what the origin says anew.
    ...(headers['if-none-match'] === undefined ? {} : { 'if-none-match': headers['if-none-match'] }),
  };
}
