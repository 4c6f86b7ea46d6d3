import type { ExecutionLister } from '../../../ports/executions.ts';
import { executions } from '../contract/executions.ts';
import type { RoutesOf } from '../contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { createRouter } from '../http/router.ts';
import { type ExecutionPorts, getExecution } from './get-execution.ts';
import { listExecutions } from './list-executions.ts';

export interface QueryOperationsPorts extends ExecutionPorts {
  readonly executions: ExecutionPorts['executions'] & ExecutionLister;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** What people who look after the installation ask: every route that the contract gives to `query-operations`. Nothing is changed. */
export function createQueryOperations(
  ports: QueryOperationsPorts,
): (request: HttpRequest) => Promise<HttpAnswer> {
  return createRouter<RoutesOf<'query-operations'>>({
    routes: executions,
    endpoints: {
      listExecutions: (query) => listExecutions(ports, query),
      getExecution: async (query) => {
        const found = await getExecution(ports, query);
        return 'problem' in found ? found : { value: found };
      },
    },
    onFault: ports.onFault,
  });
}
