import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { HttpAnswer, HttpRequest } from './http.ts';

/**
 * A proxy event of a REST API as a request.
 * @param requestId of the invocation: a UUID, which the log has
 */
export function fromProxyEvent(event: APIGatewayProxyEvent, requestId: string): HttpRequest {
  const { requestContext } = event;
  const path = requestContext?.path ?? event.path;
  const query: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(event.queryStringParameters ?? {})) query[name] = [value ?? ''];
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    query[name] = values ?? [];
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) headers[name.toLowerCase()] = value ?? '';
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    headers[name.toLowerCase()] = (values ?? []).join(', ');
  }
  return {
    method: event.httpMethod,
    route: event.resource,
    pathParameters: Object.fromEntries(
      Object.entries(event.pathParameters ?? {}).map(([name, value]) => [name, decode(value ?? '')]),
    ),
    query,
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    path,
    basePath: path.endsWith(event.path) ? path.slice(0, path.length - event.path.length) : '',
    clientId: clientIdOf(requestContext?.authorizer),
    requestId,
  };
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

function clientIdOf(authorizer: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  const claims = authorizer?.claims as Readonly<Record<string, unknown>> | undefined; // as the Cognito authorizer gives it
  const clientId = claims?.client_id;
  return typeof clientId === 'string' ? clientId : undefined;
}
