import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Stations } from '../../../core/dataset/stations.ts';
import type { AlertQueries, SegmentQueries, StatisticsQueries } from '../../../ports/queries.ts';
import type { JobLister, JobViewer } from '../../../ports/toons.ts';
import { datasets as datasetRoutes } from '../contract/datasets.ts';
import { datasetNamed } from '../contract/fields.ts';
import { gaps } from '../contract/gaps.ts';
import { jobs } from '../contract/jobs.ts';
import { projections } from '../contract/projections/projections.ts';
import type { RoutesOf } from '../contract/routes.ts';
import { storedReadings } from '../contract/stored-readings.ts';
import { waterTemperature } from '../contract/water-temperature.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';
import { createRouter, type Outcome } from '../http/router.ts';
import { getDataset, listDatasets } from './datasets.ts';
import { explainGaps, type GapPorts } from './gaps/explain-gaps.ts';
import { getJob } from './get-job.ts';
import { listAlerts } from './list-alerts.ts';
import { listJobs } from './list-jobs.ts';
import { maxDeviation, maxDifference, meanTemperature } from './month-of-water.ts';
import { queryStatistics } from './query-statistics.ts';
import { listSensors } from './sensors/list-sensors.ts';
import { getProjection } from './set/get-projection.ts';
import { listReadings } from './set/list-readings.ts';

export interface QueryApiPorts extends GapPorts {
  readonly datasets: readonly Dataset[];
  /** What is known of their stations; by default nothing. */
  readonly stations?: Stations;
  readonly statistics: StatisticsQueries;
  readonly alerts: AlertQueries;
  readonly jobs: JobViewer & JobLister;
  readonly segments: SegmentQueries;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** The read side of the API: every route that the contract gives to `query-api`. */
export function createQueryApi(ports: QueryApiPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const { datasets, stations = {}, statistics } = ports;
  const stationsOf = ({ name }: Dataset) => stations[name] ?? [];
  return createRouter<RoutesOf<'query-api'>>({
    routes: { ...waterTemperature, ...datasetRoutes, ...storedReadings, ...projections, ...gaps, ...jobs },
    endpoints: {
      meanTemperature: async (query) => answered(await meanTemperature(statistics, datasets, query)),
      maxDeviation: async (query) => answered(await maxDeviation(statistics, datasets, query)),
      maxDifference: async (query) => answered(await maxDifference(statistics, datasets, query)),
      listDatasets: () => ({ value: listDatasets(datasets) }),
      getDataset: ({ dataset }) => withDataset(dataset, (known) => ({ value: getDataset(known) })),
      listSensors: ({ dataset, ...query }) =>
        withDataset(dataset, (known) =>
          listSensors(statistics, known, query, { stations: stationsOf(known), nowMs: ports.clock.nowMs() }),
        ),
      queryStatistics: ({ dataset, ...query }) =>
        withDataset(dataset, (known) => queryStatistics(ports, known, query, stationsOf(known))),
      listReadings: ({ dataset, ...query }) =>
        withDataset(dataset, (known) => listReadings(ports, known, query)),
      getProjection: ({ dataset, ...query }) =>
        withDataset(dataset, (known) => getProjection(ports, known, query)),
      explainGaps: ({ dataset, ...query }) =>
        withDataset(dataset, async (known) => ({ value: await explainGaps(ports, known, query) })),
      listAlerts: ({ dataset, ...query }) =>
        withDataset(dataset, (known) => listAlerts(ports, known, query, stationsOf(known))),
      getJob: async ({ jobId }, request) => answered(await getJob(ports, jobId, request)),
      listJobs: (query, request) => listJobs(ports.jobs, query, request),
    },
    onFault: ports.onFault,
  });

  function withDataset<Found>(name: string, run: (dataset: Dataset) => Found): Found | Problem {
    const known = datasetNamed(datasets, name);
    return 'problem' in known ? known : run(known);
  }
}

function answered<Value extends object>(found: Value | Problem): Outcome<Value> {
  return 'problem' in found ? found : { value: found };
}
