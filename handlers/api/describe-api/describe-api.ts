import { type OpenApiInput, openApiDocument } from '../contract/openapi.ts';
import type { RoutesOf } from '../contract/routes.ts';
import { service } from '../contract/service.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { createRouter } from '../http/router.ts';
import { answerOtherMethod } from './other-methods.ts';

export interface DescribeApiPorts extends Omit<OpenApiInput, 'basePath'> {
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** The public routes, and what no route has, by a function that has no rights at all. */
export function createDescribeApi(ports: DescribeApiPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const answer = createRouter<RoutesOf<'describe-api'>>({
    routes: service,
    endpoints: {
      health: () => ({
        value: { status: 'ok', version: ports.version },
        headers: { 'cache-control': 'no-store' },
      }),
      openapi: (_, { basePath }) => ({
        value: openApiDocument({ ...ports, basePath }),
        headers: { 'cache-control': 'no-cache' },
      }),
    },
    onFault: ports.onFault,
  });
  return async (request) => answerOtherMethod(request) ?? answer(request);
}
