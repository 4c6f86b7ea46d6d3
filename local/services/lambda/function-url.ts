import { accountId, region } from '../../engine/calls.ts';
import type { InvocationResult } from './function.ts';

/** An address of a function, for requests that are signed. */
export interface FunctionUrl {
  id: string;
  functionName: string;
}

export const urlHost = (id: string): string => `${id}.lambda-url.${region}.on.aws`;

/** A request to a function's URL. */
export interface UrlRequest {
  method: string;
  path: string;
  /** As it was sent, without the question mark. */
  search: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  sourceIp: string;
  requestId: string;
}

/** The event of a function URL: payload format 2.0. Requests have no body here. */
export function urlEvent({ id }: FunctionUrl, request: UrlRequest, timeMs: number): object {
  const { method, path, search, headers, sourceIp, requestId } = request;
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search))
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: search,
    headers: { ...headers, host: urlHost(id) },
    ...(query.size === 0 ? {} : { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId,
      apiId: id,
      domainName: urlHost(id),
      domainPrefix: id,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: new Date(timeMs).toUTCString(),
      timeEpoch: timeMs,
    },
    isBase64Encoded: false,
  };
}

/** What is sent back for what a function came to: what has no status is a body; what failed is 502. */
export function urlAnswer(result: InvocationResult): {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
} {
  const json = { 'content-type': 'application/json' };
  const failed = { status: 502, headers: json, body: Buffer.from('Internal Server Error') };
  if (result.kind === 'failed') return failed;
  const answer = JSON.parse(result.payload) as Record<string, unknown> | null;
  if (answer === null || typeof answer !== 'object' || answer.statusCode === undefined)
    return { status: 200, headers: json, body: Buffer.from(result.payload) };
  const { statusCode, headers = {}, body = '', isBase64Encoded } = answer;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || typeof body !== 'string') return failed;
  const named = Object.entries(headers as Record<string, unknown>).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    status,
    headers: { ...json, ...Object.fromEntries(named) },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}
