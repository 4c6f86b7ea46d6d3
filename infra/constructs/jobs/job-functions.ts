import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Tables } from '../data/tables.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { fullMetrics } from '../shared/own-metrics.ts';
import {
  idempotencyActions,
  type Permission,
  tableKeyActions,
  tableReadKeyActions,
} from '../shared/permissions.ts';

export interface JobFunctionsProps {
  readonly bucket: Bucket;
  readonly tables: Tables;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/**
 * Seconds that one toon may take in one attempt. The retries in job.asl.json are counted from it: all attempts of a child
 * have to fit into the 300 s of an Express execution.
 */
export const toonTimeoutSeconds = 30;

/** 1,769 MiB buy one whole vCPU; the worst image that is let in takes 520 MB, see docs/adr/toon-images.md. */
const oneCpuMiB = 1769;

/** What lies under `jobs/`, as a permission. */
export const jobObjects = (bucket: Bucket, actions: readonly string[]): Permission => ({
  actions,
  resources: [bucket.arnForObjects('jobs/*')],
  wildcard: 'Contents, manifests and results of the map are named by job; all lie under this prefix.',
});

/** Uploads of callers, as a permission. */
export const uploads = (bucket: Bucket, actions: readonly string[]): Permission => ({
  actions,
  resources: [bucket.arnForObjects('toons/*')],
  wildcard: 'Uploads are named by client and file; all lie under this prefix.',
});

/** The functions of the state machine `job`, each named as the state that calls it. */
export class JobFunctions extends Construct {
  /** By the name of the state. */
  readonly byState: Readonly<Record<string, HandlerFunction>>;

  constructor(scope: Construct, id: string, props: JobFunctionsProps) {
    super(scope, id);
    const { bucket, tables, key, config, code } = props;
    const common = { code, config, key };
    const useKey: Permission = {
      actions: tableKeyActions,
      resources: [key.keyArn],
      via: ['dynamodb', 's3'],
    };
    const list: Permission = { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }; // so that an absent object is 404 and not 403
    const environment = { JOBS_TABLE: tables.jobs.tableName };

    const planJob = new HandlerFunction(this, 'PlanJob', {
      ...common,
      handler: 'toons/plan-job',
      description: 'Marks a job as processing and writes the manifest of its toons',
      memoryMiB: 1024, // ten thousand toons are 3 MB of JSON
      timeoutSeconds: 60,
      environment,
      permissions: [
        list,
        jobObjects(bucket, ['s3:GetObject', 's3:PutObject']),
        { actions: ['dynamodb:UpdateItem'], resources: [tables.jobs.tableArn] },
        useKey,
      ],
    });
    const processToon = new HandlerFunction(this, 'ProcessToon', {
      ...common,
      handler: 'toons/process-toon',
      description: 'Processes one toon and writes its record and thumbnail',
      memoryMiB: oneCpuMiB,
      timeoutSeconds: toonTimeoutSeconds,
      environment: {
        ...environment,
        IDEMPOTENCY_TABLE: tables.idempotency.tableName,
        ...fullMetrics(config),
      },
      permissions: [
        list,
        jobObjects(bucket, ['s3:GetObject']),
        uploads(bucket, ['s3:GetObject']),
        {
          actions: ['s3:PutObject'],
          resources: [bucket.arnForObjects('thumbnails/*')],
          wildcard: 'Thumbnails are named by job and toon; all lie under this prefix.',
        },
        {
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          resources: [tables.jobs.tableArn],
        },
        {
          actions: idempotencyActions,
          resources: [tables.idempotency.tableArn],
        },
        useKey,
      ],
    });
    const summarizeJob = new HandlerFunction(this, 'SummarizeJob', {
      ...common,
      handler: 'toons/summarize-job',
      description: 'Counts the records of a job',
      memoryMiB: 512, // it waits for DynamoDB, a page at a time
      timeoutSeconds: 120,
      environment,
      permissions: [
        { actions: ['dynamodb:Query'], resources: [tables.jobs.tableArn] },
        { actions: tableReadKeyActions, resources: [key.keyArn], via: ['dynamodb'] },
      ],
    });
    this.byState = { PlanJob: planJob, ProcessToon: processToon, SummarizeJob: summarizeJob };
  }
}
