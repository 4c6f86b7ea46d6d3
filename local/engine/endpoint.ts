import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError, type AwsResponse, type Interceptor, type Service } from './calls.ts';
import { readRequest, render } from './protocol/http.ts';
import { isPresigned } from './protocol/presigned.ts';
import { createVerifier, type SecretOf } from './protocol/signature.ts';
import { refuseAstray, refusePage, senderOf } from './site-guard.ts';

export interface EndpointOptions {
  services: Service[];
  /** Run in order before each call and, in order again, after it. */
  interceptors?: Interceptor[];
  /** Whose signatures are verified by what. Default: any signature is taken, for tests of one service. */
  secretOf?: SecretOf;
  /** Told of what a service threw that is not an AwsError. */
  onFault?: (fault: unknown) => void;
}

export interface Endpoint {
  /** Binds to 127.0.0.1; port 0 takes any free one. */
  listen(port: number): Promise<{ port: number }>;
  close(): Promise<void>;
}

/** The one HTTP endpoint of all services. It serves loopback only. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const byName = new Map(options.services.map((service) => [service.name, service]));
  const byTarget = new Map(
    options.services.flatMap((service) =>
      service.targetPrefix === undefined ? [] : [[service.targetPrefix, service] as const],
    ),
  );
  const interceptors = options.interceptors ?? [];

  const verifier = options.secretOf && createVerifier(options.secretOf);

  /** The headers of an answer to a page, and whether it may send what it asks for: by a presigned URL, as its bucket says. */
  function pageAccess(incoming: IncomingMessage): { mayTry: boolean; headers: Record<string, string> } {
    const { origin, 'access-control-request-headers': asked = '' } = incoming.headers;
    const method = incoming.method ?? '';
    const [path = '/', search = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
    const page = {
      origin: origin ?? '',
      method: incoming.headers['access-control-request-method'] ?? method,
      headers: asked.split(',').flatMap((name) => name.trim() || []),
    };
    const s3 = byName.get('s3');
    const headers = origin === undefined ? undefined : s3?.cors?.(path, page);
    const isLink = (method === 'GET' || method === 'HEAD') && isPresigned(new URLSearchParams(search));
    const isPlain =
      incoming.headers.authorization === undefined && incoming.headers['x-amz-target'] === undefined;
    return { mayTry: isPlain && (isLink || headers !== undefined), headers: headers ?? {} };
  }

  async function answer(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { fromPage, headers }: { fromPage: boolean; headers: Record<string, string> },
  ): Promise<void> {
    const hungUp = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) hungUp.abort();
    });
    const exchange = await readRequest(
      incoming,
      { byName, byTarget },
      { signal: hungUp.signal, verifier, fromPage },
    );
    const { requestId, protocol } = exchange;
    let response: AwsResponse | undefined;
    try {
      if (exchange.kind === 'refused') throw exchange.error;
      const { service, request } = exchange;
      if (interceptors.length === 0) {
        response = await service.handle(request);
      } else {
        const call = {
          service: service.name,
          action: request.action,
          resource: service.resourceOf?.(request),
          accessKeyId: request.accessKeyId,
          request,
        };
        for (const intercept of interceptors) await intercept({ ...call, phase: 'before' });
        response = await settle(service.handle(request), protocol, requestId);
        for (const intercept of interceptors) {
          await intercept({ ...call, phase: 'after', status: response.status });
        }
      }
    } catch (error) {
      // An answer that an interceptor replaces may hold a file open.
      if (response?.body instanceof Readable) response.body.destroy();
      response = render(asAwsError(error), protocol, requestId);
    }
    await send(incoming, outgoing, { ...response, headers: { ...response.headers, ...headers } }, requestId);
  }

  /** The answer, or the rendered error: what follows runs after failed calls too. */
  async function settle(running: Promise<AwsResponse>, protocol: Service['protocol'], requestId: string) {
    try {
      return await running;
    } catch (error) {
      return render(asAwsError(error), protocol, requestId);
    }
  }

  function asAwsError(error: unknown): AwsError {
    if (error instanceof AwsError) return error;
    options.onFault?.(error);
    return new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), {
      status: 500,
    });
  }

  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const sender = senderOf(incoming);
    if (sender.kind === 'astray') return refuseAstray(incoming, outgoing, sender.host);
    if (sender.kind === 'own') return answer(incoming, outgoing, { fromPage: false, headers: {} });
    const { mayTry, headers } = pageAccess(incoming);
    if (!mayTry || verifier === undefined) return refusePage(outgoing, sender.origin);
    if (incoming.method === 'OPTIONS') return void outgoing.writeHead(200, headers).end();
    return answer(incoming, outgoing, { fromPage: true, headers });
  }

  const server = createServer({ keepAlive: true }, (incoming, outgoing) => {
    take(incoming, outgoing).catch((error) => {
      // Only a broken connection gets here: there is nobody left to answer.
      if (!isDisconnect(error)) options.onFault?.(error);
      outgoing.destroy();
    });
  });
  // The SDK keeps idle connections; closing them first would reset a request on its way.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;

  return onLoopback(server);
}

/** How the local cloud's own servers are opened and ended: on loopback only, without waiting for idle connections. */
export function onLoopback(server: Server): {
  /** @param port 0 takes any free one */
  listen(port: number): Promise<{ port: number }>;
  close(): Promise<void>;
} {
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port }));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body = '' }: AwsResponse,
  requestId: string,
): Promise<void> {
  const drained = incoming.complete || (await drain(incoming));
  outgoing.writeHead(status, {
    'x-amzn-requestid': requestId,
    'x-amz-request-id': requestId,
    ...(body instanceof Readable ||
    status === 204 ||
    status === 304 ||
    headers?.['content-length'] !== undefined
      ? {}
      : { 'content-length': String(Buffer.byteLength(body)) }),
    ...(drained ? {} : { connection: 'close' }),
    ...headers,
  });
  if (!(body instanceof Readable)) outgoing.end(body);
  else if (incoming.method === 'HEAD') outgoing.end(() => body.destroy());
  else await pipeline(body, outgoing);
}

/**
 * Reads what is left of a body that was refused half-way, so that the client, which may still be writing, gets the
 * answer instead of a reset. False when it is longer than anyone should wait for.
 */
async function drain(incoming: IncomingMessage): Promise<boolean> {
  let left = maxDrainedBytes;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    left -= chunk.length;
    if (left < 0) return false;
  }
  return true;
}

const maxDrainedBytes = 256 * 1024 * 1024;

function isDisconnect(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE';
}
