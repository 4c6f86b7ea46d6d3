/**
 * The routes of the API. `infra/` makes the resources, the authorizer's scopes and the integrations from this table,
 * each function looks up its own routes in it, and `/openapi.json` lists it: so it imports nothing.
 */
export interface Route {
  /** The name that the route's answer, its schema and its OpenAPI operation share. */
  readonly operation: string;
  readonly method: 'GET' | 'POST';
  /** Parameters in braces are one segment of the path. */
  readonly path: string;
  /** The scope that an access token must have, without its resource server; `null` is public. */
  readonly scope: 'read' | 'write' | null;
  /** The folder under `handlers/` of the function that answers. */
  readonly function: string;
}

export const routes = [
  { operation: 'health', method: 'GET', path: '/health', scope: null, function: 'describe-api' },
  { operation: 'openapi', method: 'GET', path: '/openapi.json', scope: null, function: 'describe-api' },
  { operation: 'meanTemperature', method: 'GET', path: '/temp', scope: 'read', function: 'query-api' },
  { operation: 'maxDeviation', method: 'GET', path: '/sd', scope: 'read', function: 'query-api' },
  { operation: 'maxDifference', method: 'GET', path: '/maxdiff', scope: 'read', function: 'query-api' },
  { operation: 'listDatasets', method: 'GET', path: '/datasets', scope: 'read', function: 'query-api' },
  {
    operation: 'getDataset',
    method: 'GET',
    path: '/datasets/{dataset}',
    scope: 'read',
    function: 'query-api',
  },
  {
    operation: 'listSensors',
    method: 'GET',
    path: '/datasets/{dataset}/sensors',
    scope: 'read',
    function: 'query-api',
  },
  {
    operation: 'queryStatistics',
    method: 'GET',
    path: '/datasets/{dataset}/statistics',
    scope: 'read',
    function: 'query-api',
  },
  {
    operation: 'listAlerts',
    method: 'GET',
    path: '/datasets/{dataset}/alerts',
    scope: 'read',
    function: 'query-api',
  },
  {
    operation: 'submitReadings',
    method: 'POST',
    path: '/datasets/{dataset}/readings',
    scope: 'write',
    function: 'submit-readings',
  },
  { operation: 'getJob', method: 'GET', path: '/jobs/{jobId}', scope: 'read', function: 'query-api' },
  { operation: 'submitJob', method: 'POST', path: '/submit-job', scope: 'write', function: 'submit-job' },
  { operation: 'createJob', method: 'POST', path: '/jobs', scope: 'write', function: 'submit-job' },
  {
    operation: 'createUploads',
    method: 'POST',
    path: '/jobs/uploads',
    scope: 'write',
    function: 'submit-job',
  },
  { operation: 'listResults', method: 'GET', path: '/results', scope: 'read', function: 'query-jobs' },
  {
    operation: 'listJobResults',
    method: 'GET',
    path: '/jobs/{jobId}/results',
    scope: 'read',
    function: 'query-jobs',
  },
] as const satisfies readonly Route[];

/** The operations that a function answers. */
export type OperationOf<Function extends string> = Extract<
  (typeof routes)[number],
  { readonly function: Function }
>['operation'];
