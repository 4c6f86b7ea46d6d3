import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { fromProxyEvent, toProxyResult } from './api-gateway.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';

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
 * the log has too; each answer and each fault is logged, the latter with what the caller is not told.
 * @param answering makes what answers, given where to tell faults; it never throws
 */
export function createApiFunction(
  log: ApiLog,
  answering: (
    onFault: (fault: unknown, request: HttpRequest) => void,
  ) => (request: HttpRequest) => Promise<HttpAnswer>,
): ApiFunction {
  const answer = answering((fault, { method, path }) =>
    log.error('request failed', { error: fault as Error, method, path }),
  );
  return async (event, context) => {
    log.addContext(context);
    const request = fromProxyEvent(event, context.awsRequestId);
    const answered = await answer(request);
    const { method, route, clientId } = request;
    log.info('answered', { method, route, status: answered.status, clientId });
    return toProxyResult(answered);
  };
}
