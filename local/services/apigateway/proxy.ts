import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import { accountId } from '../../engine/calls.ts';
import type { Match, RestApi } from './rest-api.ts';

/** A request on its way to a function. */
export interface ApiRequest {
  api: RestApi;
  match: Match;
  message: IncomingMessage;
  requestId: string;
  /** Without the stage, percent-encoded as it came. */
  path: string;
  query: URLSearchParams;
  body: Buffer;
  claims: JWTPayload | undefined;
  timeMs: number;
}

/** The event of a Lambda proxy integration, version 1.0. */
export function proxyEvent(request: ApiRequest): object {
  const { api, match, message, path, query, body, claims, requestId } = request;
  const headers = headersOf(message);
  const isBase64Encoded = body.length > 0 && isBinary(api, message.headers['content-type']);
  const values = new Map<string, string[]>();
  for (const [name, value] of query) values.set(name, [...(values.get(name) ?? []), value]);
  const multiValueQuery = Object.fromEntries(values); // also of a name such as __proto__
  const hasQuery = Object.keys(multiValueQuery).length > 0;
  return {
    resource: match.method.resourcePath,
    path,
    httpMethod: message.method,
    headers: mapValues(headers, (values) => values.at(-1)),
    multiValueHeaders: headers,
    queryStringParameters: hasQuery ? mapValues(multiValueQuery, (values) => values.at(-1)) : null,
    multiValueQueryStringParameters: hasQuery ? multiValueQuery : null,
    pathParameters: match.pathParameters,
    stageVariables: null,
    requestContext: {
      resourceId: match.method.resourceId,
      resourcePath: match.method.resourcePath,
      httpMethod: message.method,
      extendedRequestId: requestId,
      requestTime: clfTime(request.timeMs),
      requestTimeEpoch: request.timeMs,
      path: `/${api.stage}${path}`,
      accountId,
      protocol: `HTTP/${message.httpVersion}`,
      stage: api.stage,
      domainPrefix: '127',
      domainName: message.headers.host ?? '127.0.0.1',
      requestId,
      apiId: api.id,
      identity: {
        sourceIp: message.socket.remoteAddress ?? '127.0.0.1',
        userAgent: message.headers['user-agent'] ?? null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        accountId: null,
        apiKey: null,
        caller: null,
        user: null,
        userArn: null,
      },
      // API Gateway hands claims on as text, whatever they were.
      ...(claims && { authorizer: { claims: mapValues(claims, String) } }),
    },
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/** What a function's answer becomes; undefined when it has not the shape that the integration wants. */
export function proxyResponse(
  payload: string,
): { status: number; headers: Record<string, string | string[]>; body: Buffer } | undefined {
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const { statusCode, headers = {}, multiValueHeaders = {}, body = '', isBase64Encoded } = answer ?? {};
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (typeof body !== 'string' || typeof headers !== 'object') return undefined;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...lowerKeys(mapValues((headers ?? {}) as Record<string, unknown>, String)),
      ...lowerKeys((multiValueHeaders ?? {}) as Record<string, string[]>),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** Names as they were sent, with all their values. */
function headersOf({ rawHeaders }: IncomingMessage): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = String(rawHeaders[index]);
    headers.set(name, [...(headers.get(name) ?? []), String(rawHeaders[index + 1])]);
  }
  return Object.fromEntries(headers);
}

function isBinary(api: RestApi, contentType = ''): boolean {
  const type = contentType.split(';')[0]?.trim() ?? '';
  return api.binaryMediaTypes.some((binary) => binary === '*/*' || binary === type);
}

function mapValues<From, To>(object: Record<string, From>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, to(value)]));
}

function lowerKeys<Value>(object: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]));
}

/** `10/Oct/2026:13:55:36 +0000` */
function clfTime(timeMs: number): string {
  const [, day, month, year, time] =
    /, (\d\d) (\w{3}) (\d{4}) ([\d:]+) GMT/.exec(new Date(timeMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
