import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { AwsError, type AwsRequest, type AwsResponse, type Protocol, type Service } from '../calls.ts';
import { renderJsonError } from './json.ts';
import { checkPresigned, isPresigned } from './presigned.ts';
import { renderQueryError } from './query.ts';
import type { Verifier } from './signature.ts';
import { document } from './xml.ts';

/** A request that was read and routed, or the error that it is refused with. */
export type Exchange =
  | { kind: 'call'; service: Service; request: AwsRequest; protocol: Protocol; requestId: string }
  | { kind: 'refused'; error: AwsError; protocol: Protocol; requestId: string };

export interface Routes {
  byName: ReadonlyMap<string, Service>;
  byTarget: ReadonlyMap<string, Service>;
}

export interface ReadOptions {
  /** Aborted when the caller hangs up. */
  signal: AbortSignal;
  /** Without one any signature is taken. */
  verifier: Verifier | undefined;
  /** Sent by a page of another site. */
  fromPage: boolean;
}

const defaultMaxBodyBytes = 1024 * 1024 + 64 * 1024;

/**
 * Finds the service by X-Amz-Target, else by the credential's scope, else S3 (an unsigned or presigned URL), verifies the
 * signature, reads the body up to the service's bound and parses it as the protocol says.
 */
export async function readRequest(
  incoming: IncomingMessage,
  routes: Routes,
  { signal, verifier, fromPage }: ReadOptions,
): Promise<Exchange> {
  const requestId = randomUUID();
  const [path = '/', search = ''] = splitUrl(incoming.url ?? '/');
  const query = new URLSearchParams(search);
  const headers = incoming.headers as Record<string, string>;
  const credential = credentialOf(headers.authorization, query);
  const [targetPrefix, targetAction] = splitTarget(headers['x-amz-target']);
  const name = credential?.service ?? 's3';
  const service =
    (targetPrefix === undefined ? undefined : routes.byTarget.get(targetPrefix)) ?? routes.byName.get(name);
  if (service === undefined) {
    const protocol = targetPrefix === undefined ? 'query' : 'json1.1';
    const error = new AwsError(
      'UnknownOperationException',
      `The local cloud has no service ${targetPrefix ?? name}.`,
    );
    return { kind: 'refused', error, protocol, requestId };
  }
  const { protocol } = service;
  try {
    const request: AwsRequest = {
      service: service.name,
      action: targetAction ?? '',
      method: incoming.method ?? 'GET',
      path,
      query,
      headers,
      body: Buffer.alloc(0),
      input: {},
      stream: service.streamsBody ? incoming : undefined,
      accessKeyId: credential?.accessKeyId,
      requestId,
      signal,
    };
    if (credential === undefined && !isPresigned(query)) {
      throw service.name === 's3'
        ? new AwsError('AccessDenied', 'Access Denied', { status: 403 })
        : new AwsError('MissingAuthenticationToken', 'The request is not signed.', { status: 403 });
    }
    verifier?.beforeBody(request, protocol, fromPage);
    if (verifier === undefined && isPresigned(query)) checkPresigned(request, Date.now());
    if (!service.streamsBody) {
      const sent = await readBody(incoming, service);
      verifier?.withBody(request, protocol, sent);
      parseBody(sent, service, request);
    }
    if (service.actionOf !== undefined) request.action = service.actionOf(request);
    return { kind: 'call', service, request, protocol, requestId };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: 'refused', error, protocol, requestId };
  }
}

/** The body as it was sent. */
async function readBody(incoming: IncomingMessage, service: Service): Promise<Buffer> {
  const bound = service.maxBodyBytes ?? defaultMaxBodyBytes;
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when it is refused half-way: the refusal still has to be written to the same socket.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bound) {
      throw new AwsError('RequestEntityTooLargeException', `The body is larger than ${bound} bytes.`, {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

function parseBody(sent: Buffer, service: Service, request: AwsRequest): void {
  const bound = service.maxBodyBytes ?? defaultMaxBodyBytes;
  // Request compression of the SDK: operations that allow it send gzip past 10 KiB.
  request.body = request.headers['content-encoding'] === 'gzip' ? inflate(sent, bound) : sent;
  if (service.protocol === 'query') {
    for (const [name, value] of new URLSearchParams(request.body.toString('utf8')))
      request.query.append(name, value);
    request.action = request.query.get('Action') ?? '';
  } else if (service.protocol !== 'rest-xml' && request.body.length > 0) {
    request.input = parseJson(request.body, service.protocol);
  }
}

function inflate(body: Buffer, bound: number): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: bound });
  } catch {
    throw new AwsError('SerializationException', 'The body is not gzip, or is too large when decompressed.');
  }
}

function parseJson(body: Buffer, protocol: Protocol): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    // The payload of a Lambda invocation is the function's business, JSON or not.
    if (protocol === 'rest-json') return {};
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
    return parsed as Record<string, unknown>;
  if (protocol === 'rest-json') return {};
  throw new AwsError('SerializationException', 'The body is not a JSON object.');
}

function splitUrl(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

function splitTarget(target: string | undefined): [string | undefined, string | undefined] {
  const dot = target?.lastIndexOf('.') ?? -1;
  return target === undefined || dot < 0
    ? [undefined, undefined]
    : [target.slice(0, dot), target.slice(dot + 1)];
}

/** The error as the protocol writes it. */
export function render(error: AwsError, protocol: Protocol, requestId: string): AwsResponse {
  if (protocol === 'query') return renderQueryError(error, requestId);
  if (protocol !== 'rest-xml') return renderJsonError(error, protocol);
  if (error.status === 304) return { status: 304, headers: error.headers };
  // S3's errors have no namespace and no wrapper.
  const body = document('Error', '', {
    Code: error.code,
    Message: error.message,
    ...(error.fields as Record<string, string>),
    RequestId: requestId,
  }).replace(' xmlns=""', '');
  return { status: error.status, headers: { 'content-type': 'application/xml', ...error.headers }, body };
}

/** What a request says of its signer. */
interface Credential {
  accessKeyId: string;
  /** Signing name in the credential's scope. */
  service: string;
}

const header = /^AWS4-[A-Z0-9-]+ Credential=([^,\s]+)/;

/** From the Authorization header or a presigned URL's X-Amz-Credential; undefined when the call is not signed. */
function credentialOf(authorization: string | undefined, query: URLSearchParams): Credential | undefined {
  const scope = (authorization && header.exec(authorization)?.[1]) ?? query.get('X-Amz-Credential');
  if (!scope) return undefined;
  // key/date/region/service/aws4_request; SigV4A leaves the region out. The key itself may hold a slash.
  const parts = scope.split('/');
  const service = parts.at(-2);
  const tail = authorization?.startsWith('AWS4-ECDSA') ? 3 : 4;
  const accessKeyId = parts.slice(0, -tail).join('/');
  return service && accessKeyId ? { accessKeyId, service } : undefined;
}
