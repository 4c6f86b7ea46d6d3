import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { HttpAnswer, HttpRequest } from './messages.ts';

/** Where a function of the API writes; Powertools' logger is one. */
export interface ApiLog {
  addContext(context: Context): void;
  info(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
}

/** A handler of API Gateway's proxy integration. */
export type ApiFunction = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/**
 * What all functions of the API do around their answers: the event becomes a request whose id is that of the invocation, which
 * the log has too; each answer and each fault is logged, the latter with what the caller does not see.
 * @param answering makes what answers, given where to report faults; it never throws
 * @param options.corsOrigin the origin whose pages may call the API from a browser; without it none may
 */
export function createApiFunction(
  log: ApiLog,
  answering: (
    onFault: (fault: unknown, request: HttpRequest) => void,
  ) => (request: HttpRequest) => Promise<HttpAnswer>,
  { corsOrigin }: { readonly corsOrigin?: string | undefined } = {},
): ApiFunction {
  const answer = answering((fault, { method, path }) =>
    log.error('request failed', { error: fault as Error, method, path }),
  );
  return async (event, context) => {
    log.addContext(context);
    const request = fromProxyEvent(event, context.awsRequestId);
    const answered = forOrigin(corsOrigin, request, await answer(request));
    const { method, route, clientId, user } = request;
    const jobId = request.pathParameters.jobId ?? jobOf(answered);
    const about = jobId === undefined ? {} : { correlation_id: jobId };
    const who = user === undefined ? { clientId } : { clientId, userId: user.id };
    log.info('answered', { method, route, status: answered.status, ...who, ...about });
    return toProxyResult(answered);
  };
}

/** The job that an answer says was made: its execution has the name of the job, and the logs of its functions have it too. */
const jobOf = ({ headers }: HttpAnswer): string | undefined =>
  /\/jobs\/([\w-]+)$/.exec(
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'location')?.[1] ?? '',
  )?.[1];

/**
 * A proxy event of a REST API as a request.
 * @param requestId of the invocation: a UUID, which the log has
 */
export function fromProxyEvent(event: APIGatewayProxyEvent, requestId: string): HttpRequest {
  const { requestContext } = event;
  const path = requestContext?.path ?? event.path;
  // Maps first: a name may be `__proto__`, which an object would take for something else.
  const query = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(event.queryStringParameters ?? {}))
    query.set(name, [value ?? '']);
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    query.set(name, values ?? []);
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(event.headers ?? {}))
    headers.set(name.toLowerCase(), value ?? '');
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    headers.set(name.toLowerCase(), (values ?? []).join(', '));
  }
  return {
    method: event.httpMethod,
    route: event.resource,
    pathParameters: Object.fromEntries(
      Object.entries(event.pathParameters ?? {}).map(([name, value]) => [name, decode(value ?? '')]),
    ),
    query: Object.fromEntries(query),
    headers: Object.fromEntries(headers),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    path,
    basePath: path.endsWith(event.path) ? path.slice(0, path.length - event.path.length) : '',
    clientId: claimOf(requestContext?.authorizer, 'client_id'),
    user: userOf(requestContext?.authorizer),
    scopes: claimOf(requestContext?.authorizer, 'scope')?.split(' ') ?? [],
    requestId,
  };
}

/** Headers of answers that a page may read, beside those that it always may. */
const exposed = 'Allow, ETag, Link, Location, Retry-After, WWW-Authenticate';

/** The answer as the request's origin may read it: only the one that is configured may, as it stands. */
function forOrigin(origin: string | undefined, request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const isAllowed = origin !== undefined && request.headers.origin === origin;
  const headers = Object.entries(answer.headers).filter(
    ([name]) => isAllowed || !name.startsWith('access-control-'),
  );
  if (origin === undefined) return { ...answer, headers: Object.fromEntries(headers) };
  const vary = [answer.headers.vary, 'Origin'].filter((name) => name !== undefined).join(', ');
  const cors = { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed };
  return { ...answer, headers: { ...Object.fromEntries(headers), vary, ...(isAllowed ? cors : {}) } };
}

/** An answer as the result of a proxy integration. */
export function toProxyResult(answer: HttpAnswer): APIGatewayProxyResult {
  return { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body };
}

/** A REST API hands path parameters on as they were sent. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Authorizer = Readonly<Record<string, unknown>> | null | undefined;

/** The person of an access token: it alone has `username`, a machine's has none. */
function userOf(authorizer: Authorizer): HttpRequest['user'] {
  const username = claimOf(authorizer, 'username');
  if (username === undefined) return undefined;
  return { id: claimOf(authorizer, 'sub') ?? username, groups: groupsOf(authorizer) };
}

/** A REST API hands a list on as text, with commas; other ways to call a function hand on the list. */
function groupsOf(authorizer: Authorizer): readonly string[] {
  const groups = claimsOf(authorizer)?.['cognito:groups'];
  if (typeof groups === 'string') return groups.split(',').filter((group) => group !== '');
  return Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
}

function claimOf(authorizer: Authorizer, name: string): string | undefined {
  const claim = claimsOf(authorizer)?.[name];
  return typeof claim === 'string' ? claim : undefined;
}

/** As the Cognito authorizer gives them. */
const claimsOf = (authorizer: Authorizer): Readonly<Record<string, unknown>> | undefined =>
  authorizer?.claims as Readonly<Record<string, unknown>> | undefined;
