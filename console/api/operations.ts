import type * as z from 'zod/mini';
import type { AnswerOf, Operation, RouteOf } from '../../handlers/api/contract/routes.ts';

type Declared<Name extends Operation> = readonly [RouteOf<Name>['method'], RouteOf<Name>['path']];

/**
 * The operations that the console calls. Method and path are those of the API's own table, which the compiler holds them against:
 * the table itself would bring its schemas, and so a library for them, into the page.
 */
export const operations = {
  listDatasets: ['GET', '/datasets'],
  getDataset: ['GET', '/datasets/{dataset}'],
  listSensors: ['GET', '/datasets/{dataset}/sensors'],
  queryStatistics: ['GET', '/datasets/{dataset}/statistics'],
  listAlerts: ['GET', '/datasets/{dataset}/alerts'],
  explainGaps: ['GET', '/datasets/{dataset}/gaps'],
  getProjection: ['GET', '/datasets/{dataset}/projections/{projection}'],
  listReadings: ['GET', '/datasets/{dataset}/readings'],
  listJobs: ['GET', '/jobs'],
  getJob: ['GET', '/jobs/{jobId}'],
  listJobResults: ['GET', '/jobs/{jobId}/results'],
  listExecutions: ['GET', '/executions'],
  getExecution: ['GET', '/executions/{name}'],
  redriveExecution: ['POST', '/executions/{name}/redrive'],
  startUpload: ['POST', '/uploads'],
  getUpload: ['GET', '/uploads/{uploadId}'],
  inspectUpload: ['POST', '/uploads/{uploadId}/inspect'],
  previewUpload: ['POST', '/uploads/{uploadId}/preview'],
  landUpload: ['POST', '/uploads/{uploadId}/land'],
  getStatus: ['GET', '/status'],
  getMetrics: ['GET', '/metrics'],
  listRejects: ['GET', '/rejects'],
  listRejectedLines: ['GET', '/rejects/lines'],
  getMendable: ['GET', '/rejects/mendable'],
  listRefusedFiles: ['GET', '/refused-files'],
  acceptRefusedFile: ['POST', '/refused-files/accept'],
  withdrawReadings: ['POST', '/withdrawals'],
} as const satisfies { readonly [Name in Operation]?: Declared<Name> };

export type Called = keyof typeof operations;

/** What an operation answers. */
export type Answer<Name extends Called> = AnswerOf<Name>;

type Loose<Given> = { readonly [Key in keyof Given]: Given[Key] | undefined };

/** What an operation takes in its path and query; a member that is `undefined` is left out. */
export type Parameters<Name extends Called> = Loose<z.core.input<RouteOf<Name>['parameters']>>;
