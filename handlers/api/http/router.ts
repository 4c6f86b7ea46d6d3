import type * as z from 'zod/mini';
import { StoreUnavailable } from '../../../ports/faults.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { type ParameterSchema, readParameters } from './parameters.ts';
import { type Problem, problemAnswer } from './problem.ts';

/** What an operation comes to: an answer, or a problem that the router renders. */
export type Outcome = HttpAnswer | Problem;

/** One operation of the API: its parameters, and what it does with valid ones. */
export interface Endpoint {
  readonly parameters: ParameterSchema;
  run(parameters: never, request: HttpRequest): Outcome | Promise<Outcome>;
}

/** Ties an operation to the schema that types its parameters. */
export function endpoint<Schema extends ParameterSchema>(
  parameters: Schema,
  run: (parameters: z.core.output<Schema>, request: HttpRequest) => Outcome | Promise<Outcome>,
): Endpoint {
  return { parameters, run: run as Endpoint['run'] }; // `readParameters` gives it what the schema says
}

/** The lines of the route table that matter here. */
interface RouteEntry {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

export interface RouterOptions {
  readonly routes: readonly RouteEntry[];
  /** By operation. A route without an endpoint here belongs to another function. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** Told of every fault, with the instance id that the caller was given. */
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** Answers requests by the route table. Never throws: a fault becomes a 500 that tells its instance and nothing else. */
export function createRouter(options: RouterOptions): (request: HttpRequest) => Promise<HttpAnswer> {
  const byRoute = new Map<string, Endpoint>();
  for (const { operation, method, path } of options.routes) {
    const found = Object.hasOwn(options.endpoints, operation) ? options.endpoints[operation] : undefined;
    if (found) byRoute.set(`${method} ${path}`, found);
  }
  return async (request) => {
    const found = byRoute.get(`${request.method} ${request.route}`);
    if (found === undefined) return render(noRoute(request, [...byRoute.keys()]), request);
    try {
      const read = readParameters(found.parameters, request);
      if (read.kind === 'problem') return render(read.problem, request);
      return render(await found.run(read.value as never, request), request); // see `endpoint`
    } catch (fault) {
      options.onFault(fault, request);
      return render(problemOfFault(fault), request);
    }
  };
}

function render(outcome: Outcome, request: HttpRequest): HttpAnswer {
  return 'kind' in outcome ? problemAnswer(outcome, request.requestId) : outcome;
}

function noRoute(request: HttpRequest, accepted: readonly string[]): Problem {
  return { kind: 'not-found', detail: `there is no ${request.method} ${request.route}`, accepted };
}

/** What the caller may know of a fault: that it passes by itself, or only that there was one. */
function problemOfFault(fault: unknown): Problem {
  if (fault instanceof StoreUnavailable) {
    const detail = 'a store is busy or away; the same request will succeed later';
    return { kind: 'unavailable', detail, headers: { 'retry-after': '2' } };
  }
  return {
    kind: 'internal-error',
    detail: 'something went wrong that is not your fault; the log has the instance',
  };
}
