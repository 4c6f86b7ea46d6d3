import type { AnswerOf } from '../contract/answers.ts';
import { type OpenApiInput, openApiDocument } from '../contract/openapi.ts';
import { parameters } from '../contract/parameters.ts';
import { type OperationOf, routes } from '../contract/routes.ts';
import { withEntityTag } from '../http/entity-tag.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http/http.ts';
import { createRouter, type Endpoint, endpoint } from '../http/router.ts';

export interface DescribeApiPorts extends Omit<OpenApiInput, 'basePath'> {
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** The public routes, by a function that has no rights at all. */
export function createDescribeApi(ports: DescribeApiPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const endpoints: Record<OperationOf<'describe-api'>, Endpoint> = {
    health: endpoint(parameters.health, () => {
      const answer: AnswerOf<'health'> = { status: 'ok', version: ports.version };
      return jsonAnswer(answer, { headers: { 'cache-control': 'no-store' } });
    }),
    openapi: endpoint(parameters.openapi, (_, request) => {
      const document = openApiDocument({ ...ports, basePath: request.basePath });
      return withEntityTag(request, jsonAnswer(document, { headers: { 'cache-control': 'no-cache' } }));
    }),
  };
  return createRouter({ routes, endpoints, onFault: ports.onFault });
}
