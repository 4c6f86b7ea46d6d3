import type * as z from 'zod/mini';
import { StoreUnavailable } from '../../../ports/faults.ts';
import { type RouteScope, refusalOf } from './access.ts';
import type { HttpAnswer, HttpRequest } from './messages.ts';
import { type ParameterSchema, readParameters } from './parameters.ts';
import { type Problem, problemAnswer } from './problem.ts';
import { type Answer, type AnswerRules, represent } from './representation.ts';

/** A route as far as answering it needs to know. */
export interface HttpRoute extends AnswerRules {
  readonly method: 'GET' | 'POST';
  /** Parameters in braces are one segment of the path. */
  readonly path: string;
  /** What an access token must allow, without its resource server; `null` is public. API Gateway checks it, and this kit the group of a person. */
  readonly scope: RouteScope | null;
  readonly parameters: ParameterSchema;
  /** Of the value that the route answers with. */
  readonly answer: z.core.$ZodType;
}

/** Routes by the names of their operations. */
type HttpRoutes = Readonly<Record<string, HttpRoute>>;

/** What an endpoint comes to. The router writes both as HTTP. */
export type Outcome<Value> = Answer<Value> | Problem;

/** What answers each of the routes, all of them: valid parameters in, a value of the route's answer or a problem out. */
export type Endpoints<Routes extends HttpRoutes> = {
  readonly [Operation in keyof Routes]: (
    parameters: z.core.output<Routes[Operation]['parameters']>,
    request: HttpRequest,
  ) => OutcomeOf<Routes[Operation]> | Promise<OutcomeOf<Routes[Operation]>>;
};
type OutcomeOf<Route extends HttpRoute> = Outcome<z.core.output<Route['answer']>>;

export interface RouterOptions<Routes extends HttpRoutes> {
  readonly routes: Routes;
  readonly endpoints: Endpoints<Routes>;
  /** Called with every fault. The caller of the API learns only the instance id. */
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** Answers requests to the routes. Never throws: a fault becomes a 500 that gives its instance and nothing else. */
export function createRouter<Routes extends HttpRoutes>(
  options: RouterOptions<Routes>,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const { routes, endpoints, onFault } = options;
  const operations = new Map<string, keyof Routes>(
    Object.entries(routes).map(([operation, { method, path }]) => [`${method} ${path}`, operation]),
  );
  const answer = async (request: HttpRequest): Promise<HttpAnswer | Problem> => {
    // HEAD is answered as GET: the gateway tells the length of the body, and keeps it.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const operation = operations.get(`${method} ${request.route}`);
    if (operation === undefined) return noRoute(request, [...operations.keys()]);
    const route: Routes[keyof Routes] = routes[operation];
    const refusal = refusalOf(route.scope, request);
    if (refusal !== undefined) return refusal;
    const read = readParameters(route.parameters, request);
    if ('problem' in read) return read;
    // The cast: the value is of this route's schema, which the compiler does not follow through the table.
    const value = read.value as z.core.output<Routes[keyof Routes]['parameters']>;
    const outcome = await endpoints[operation](value, request);
    return 'problem' in outcome ? outcome : represent(route, request, outcome);
  };
  return async (request) => {
    try {
      return rendered(await answer(request), request);
    } catch (fault) {
      onFault(fault, request);
      return rendered(problemOfFault(fault), request);
    }
  };
}

const rendered = (answered: HttpAnswer | Problem, { requestId }: HttpRequest): HttpAnswer =>
  'problem' in answered ? problemAnswer(answered, requestId) : answered;

function noRoute(request: HttpRequest, accepted: readonly string[]): Problem {
  return { problem: 'not-found', detail: `unknown route: ${request.method} ${request.route}`, accepted };
}

/** What the caller may know of a fault: that it will pass, or only that there was one. */
function problemOfFault(fault: unknown): Problem {
  if (fault instanceof StoreUnavailable) {
    const detail = 'a data store is busy or unavailable; send the same request again later';
    return { problem: 'unavailable', detail, headers: { 'retry-after': '2' } };
  }
  return {
    problem: 'internal-error',
    detail: 'an unexpected error, not caused by the request; the log has the details under this instance',
  };
}
