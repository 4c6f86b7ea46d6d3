import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { AlertQueries, SegmentQueries, StatisticsQueries } from '../../../ports/queries.ts';
import type { JobViewer } from '../../../ports/toons.ts';
import { parameters } from '../contract/parameters.ts';
import { type OperationOf, routes } from '../contract/routes.ts';
import { withEntityTag } from '../http/entity-tag.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http/http.ts';
import type { Problem } from '../http/problem.ts';
import { createRouter, type Endpoint, endpoint, type Outcome } from '../http/router.ts';
import { getDataset, listDatasets } from './datasets.ts';
import { getJob } from './get-job.ts';
import { knownDataset } from './known.ts';
import { listAlerts } from './list-alerts.ts';
import { listSensors } from './list-sensors.ts';
import { bounded } from './merged.ts';
import { maxDeviation, maxDifference, meanTemperature } from './month-of-water.ts';
import { queryStatistics } from './query-statistics.ts';

export interface QueryApiPorts {
  readonly datasets: readonly Dataset[];
  readonly statistics: StatisticsQueries;
  readonly alerts: AlertQueries;
  readonly jobs: JobViewer;
  readonly segments: SegmentQueries;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** The read side of the API: every route that the table gives to `query-api`. */
export function createQueryApi(ports: QueryApiPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const { datasets, statistics } = ports;
  const endpoints: Record<OperationOf<'query-api'>, Endpoint> = {
    meanTemperature: endpoint(parameters.meanTemperature, async (query, request) =>
      tagged(request, await bounded(meanTemperature(statistics, datasets, query))),
    ),
    maxDeviation: endpoint(parameters.maxDeviation, async (query, request) =>
      tagged(request, await bounded(maxDeviation(statistics, datasets, query))),
    ),
    maxDifference: endpoint(parameters.maxDifference, async (query, request) =>
      tagged(request, await bounded(maxDifference(statistics, datasets, query))),
    ),
    listDatasets: endpoint(parameters.listDatasets, (_, request) => tagged(request, listDatasets(datasets))),
    getDataset: endpoint(parameters.getDataset, ({ dataset }, request) =>
      withDataset(dataset, (known) => tagged(request, getDataset(known))),
    ),
    listSensors: endpoint(parameters.listSensors, ({ dataset, ...query }, request) =>
      withDataset(dataset, (known) => listSensors(statistics, known, query, request, ports.clock.nowMs())),
    ),
    queryStatistics: endpoint(parameters.queryStatistics, ({ dataset, ...query }, request) =>
      withDataset(dataset, (known) => queryStatistics(statistics, known, query, request)),
    ),
    listAlerts: endpoint(parameters.listAlerts, ({ dataset, ...query }, request) =>
      withDataset(dataset, (known) => listAlerts(ports.alerts, known, query, request)),
    ),
    getJob: endpoint(parameters.getJob, async ({ jobId }, request) =>
      tagged(request, await getJob(ports, jobId)),
    ),
  };

  function withDataset(name: string, run: (dataset: Dataset) => Outcome | Promise<Outcome>) {
    const known = knownDataset(datasets, name);
    return 'kind' in known ? known : run(known);
  }
  return createRouter({ routes, endpoints, onFault: ports.onFault });
}

/** A value as a JSON answer with its entity tag; a problem stays what it is. */
function tagged(request: HttpRequest, found: object | Problem): Outcome {
  return isProblem(found) ? found : withEntityTag(request, jsonAnswer(found));
}

/** Answers have no `detail`, whatever else they have. */
function isProblem(found: object): found is Problem {
  return 'kind' in found && 'detail' in found;
}
