import { methodsOf } from '../contract/routes.ts';
import { type HttpAnswer, type HttpRequest, textAnswer } from '../http/messages.ts';
import { problemAnswer } from '../http/problem.ts';

/** What a browser's page may send with a request to another origin, and how long it may remember that, in s. */
const preflight = {
  'access-control-allow-headers': 'Accept, Authorization, Content-Type, If-Match, If-None-Match',
  'access-control-max-age': '7200',
};

/**
 * Answers what no route has: OPTIONS with the methods of its path, which is what a browser asks before a page's request, and any other method
 * with 405. `undefined` for what a route has. The path is one of the table: what is none of it does not come here.
 */
export function answerOtherMethod(request: HttpRequest): HttpAnswer | undefined {
  const methods = methodsOf(request.route);
  const allow = methods.join(', ');
  if (request.method === 'OPTIONS' && methods.length > 0) {
    const headers = { allow, 'access-control-allow-methods': allow, ...preflight };
    const { 'content-type': _, ...rest } = textAnswer({ contentType: '', body: '', headers }).headers;
    return { status: 204, headers: rest, body: '' };
  }
  if (methods.length === 0 || methods.includes(request.method)) return undefined;
  const detail = `${request.route} does not take ${request.method}; accepted: ${allow}`;
  return problemAnswer(
    { problem: 'method-not-allowed', detail, accepted: methods, headers: { allow } },
    request.requestId,
  );
}
