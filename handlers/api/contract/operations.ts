import type * as z from 'zod/mini';
import type { ParameterSchema } from '../http/parameters.ts';
import type { ProblemKind } from '../http/problem.ts';
import { answers } from './answers.ts';
import { parameters } from './parameters.ts';
import type { routes } from './routes.ts';
import { toonOperations } from './toon-operations.ts';

/** What `/openapi.json` says of an operation beside what the route table says. */
export interface Operation {
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: ParameterSchema;
  readonly status: 200 | 201 | 202;
  readonly answer: z.core.$ZodType;
  /** The answer can be CSV as well. */
  readonly csv?: boolean;
  /** A page or value with an entity tag: `If-None-Match` is answered with 304. */
  readonly tagged?: boolean;
  /** The same request sent again is answered with 200 and what came of the first one. */
  readonly repeatable?: boolean;
  readonly body?: z.core.$ZodType | 'readings';
  /** Beside those that every operation may end in. */
  readonly problems: readonly ProblemKind[];
}

export const tags = {
  service: 'The service itself; public',
  'water temperature': 'Three questions about a month of the dataset water-temperature',
  datasets: 'What is measured, and what came of it',
  readings: 'Readings over HTTP',
  jobs: 'Ingestions, and batches of toons',
} as const;

const query = { status: 200, tagged: true } as const;

/** By the operations of the route table, all of them: the compiler holds it. */
export const operations: Record<(typeof routes)[number]['operation'], Operation> = {
  health: {
    tag: 'service',
    summary: 'Whether the API answers, and its version',
    parameters: parameters.health,
    status: 200,
    answer: answers.health,
    problems: [],
  },
  openapi: {
    tag: 'service',
    summary: 'This document',
    parameters: parameters.openapi,
    ...query,
    answer: answers.openapi,
    problems: [],
  },
  meanTemperature: {
    tag: 'water temperature',
    summary: 'Mean temperature of a month',
    parameters: parameters.meanTemperature,
    ...query,
    answer: answers.meanTemperature,
    problems: ['not-found'],
  },
  maxDeviation: {
    tag: 'water temperature',
    summary: 'Highest deviation of a month',
    parameters: parameters.maxDeviation,
    ...query,
    answer: answers.maxDeviation,
    problems: ['not-found'],
  },
  maxDifference: {
    tag: 'water temperature',
    summary: 'Maximum of a month minus that of the month before',
    description:
      'The month before is the last one that has readings, wherever months are missing. For the first month the difference is 0.',
    parameters: parameters.maxDifference,
    ...query,
    answer: answers.maxDifference,
    problems: ['not-found'],
  },
  listDatasets: {
    tag: 'datasets',
    summary: 'All datasets',
    parameters: parameters.listDatasets,
    ...query,
    answer: answers.listDatasets,
    problems: [],
  },
  getDataset: {
    tag: 'datasets',
    summary: 'One dataset: measures, alerts, CSV columns, the schema of a reading',
    parameters: parameters.getDataset,
    ...query,
    answer: answers.getDataset,
    problems: ['not-found'],
  },
  listSensors: {
    tag: 'datasets',
    summary: 'The sensors that have readings in a month',
    description:
      'Without `month` it is the newest month that has readings, not after the present one and at most ten years back.',
    parameters: parameters.listSensors,
    ...query,
    answer: answers.listSensors,
    problems: ['not-found', 'not-acceptable'],
  },
  queryStatistics: {
    tag: 'datasets',
    summary: 'Statistics by month or day, of one sensor or of all of them merged',
    description:
      'Periods without readings are left out. A page may have fewer rows than `limit`, or none, and still a `cursor`. In CSV the cursor is in the Link header.',
    parameters: parameters.queryStatistics,
    ...query,
    csv: true,
    answer: answers.queryStatistics,
    problems: ['not-found', 'not-acceptable'],
  },
  listAlerts: {
    tag: 'datasets',
    summary: 'Alerts by day: at most one for a sensor, a rule and a day',
    parameters: parameters.listAlerts,
    ...query,
    answer: answers.listAlerts,
    problems: ['not-found', 'not-acceptable'],
  },
  submitReadings: {
    tag: 'readings',
    summary: 'Takes in readings',
    description:
      '1 to 500 readings as JSON, or up to 14,000 as NDJSON, 1 MiB at most. A reading may leave `dataset` out. 202 says that all valid readings were acknowledged by the stream; a 503 names in `unacknowledged` the indexes of those to send again. Repeating a reading changes nothing. They are in the statistics a minute or two later.',
    parameters: parameters.submitReadings,
    status: 202,
    answer: answers.submitReadings,
    body: 'readings',
    problems: [
      'not-found',
      'invalid-body',
      'body-too-large',
      'unsupported-media-type',
      'nothing-valid',
      'unavailable',
    ],
  },
  getJob: {
    tag: 'jobs',
    summary: 'State and progress of a job: of an ingestion, or of a batch of toons',
    parameters: parameters.getJob,
    ...query,
    answer: answers.getJob,
    problems: ['not-found'],
  },
  ...toonOperations,
};
