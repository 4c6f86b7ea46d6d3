import type { Clock } from '../../../ports/clock.ts';
import type { ExecutionLister } from '../../../ports/executions.ts';
import { createMetricsReport, type MetricsPorts } from '../../operations/metrics-report.ts';
import type { StatusPorts } from '../../operations/status/status-report.ts';
import { executions } from '../contract/executions.ts';
import { installation } from '../contract/operations/installation.ts';
import { rejects } from '../contract/rejects.ts';
import type { RoutesOf } from '../contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { createRouter } from '../http/router.ts';
import { type ExecutionPorts, getExecution } from './get-execution.ts';
import { getStatus } from './get-status.ts';
import { listExecutions } from './list-executions.ts';
import {
  getMendable,
  listRefusedFiles,
  listRejectedLines,
  listRejects,
  type RejectsApiPorts,
} from './rejects.ts';

export interface QueryOperationsPorts extends ExecutionPorts {
  readonly executions: ExecutionPorts['executions'] & ExecutionLister;
  readonly status: StatusPorts;
  readonly rejects: RejectsApiPorts;
  readonly metrics: MetricsPorts;
  readonly clock: Pick<Clock, 'nowMs' | 'pause'>;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** What people who look after the installation ask: every route that the contract gives to `query-operations`. Nothing is changed. */
export function createQueryOperations(
  ports: QueryOperationsPorts,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const metricsOf = createMetricsReport(ports.metrics);
  return createRouter<RoutesOf<'query-operations'>>({
    routes: { ...installation, ...executions, ...rejects },
    endpoints: {
      getStatus: async () => ({ value: await getStatus(ports.status, ports.clock) }),
      getMetrics: async ({ span }) => ({ value: await metricsOf(span) }),
      listExecutions: (query) => listExecutions(ports, query),
      getExecution: async (query) => {
        const found = await getExecution(ports, query);
        return 'problem' in found ? found : { value: found };
      },
      listRejects: (query) => listRejects(ports.rejects, query),
      listRejectedLines: (query) => listRejectedLines(ports.rejects, query),
      getMendable: (query) => getMendable(ports.rejects, query),
      listRefusedFiles: (query) => listRefusedFiles(ports.rejects, query),
    },
    onFault: ports.onFault,
  });
}
