import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Tables } from '../data/tables.ts';
import { jobObjects, uploads } from '../jobs/job-functions.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { type Permission, tableKeyActions, tableReadKeyActions } from '../shared/permissions.ts';
import { apiTimeoutSeconds } from './api-functions.ts';

export interface JobApiFunctionsProps {
  readonly bucket: Bucket;
  readonly machine: StateMachine;
  readonly tables: Tables;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/** The functions behind the API's routes of the jobs of toons: one writes, one reads. */
export class JobApiFunctions extends Construct {
  /** By the folder under `handlers/`, as the table of routes names it. */
  readonly byHandler: Readonly<Record<string, HandlerFunction>>;

  constructor(scope: Construct, id: string, props: JobApiFunctionsProps) {
    super(scope, id);
    const { bucket, machine, tables, key, config, code } = props;
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds };
    const useKey: Permission = { actions: tableKeyActions, resources: [key.keyArn] };
    const jobs = tables.jobs.tableArn;
    const environment = { TOONS_BUCKET: bucket.bucketName, JOBS_TABLE: tables.jobs.tableName };
    const submitJob = new HandlerFunction(this, 'SubmitJob', {
      ...common,
      handler: 'api/submit-job',
      description: 'Takes jobs of toons and gives links for their uploads',
      memoryMiB: 1769, // a manifest of 32 MiB is held whole, and parsed by one whole vCPU
      environment: { ...environment, JOB_MACHINE_ARN: machine.stateMachineArn },
      permissions: [
        { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }, // so that an absent manifest is 404 and not 403
        jobObjects(bucket, ['s3:PutObject']),
        uploads(bucket, ['s3:GetObject', 's3:PutObject']), // the links it signs write with its own rights
        { actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], resources: [jobs] },
        { actions: ['states:StartExecution'], resources: [machine.stateMachineArn] },
        useKey,
      ],
    });
    const queryJobs = new HandlerFunction(this, 'QueryJobs', {
      ...common,
      handler: 'api/query-jobs',
      description: 'Answers the results of jobs of toons, page by page',
      memoryMiB: 1024,
      environment,
      permissions: [
        { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [jobs] },
        {
          actions: ['s3:GetObject'],
          resources: [bucket.arnForObjects('thumbnails/*')],
          wildcard: 'The links it signs read with its own rights; thumbnails lie under this prefix.',
        },
        { actions: tableReadKeyActions, resources: [key.keyArn] },
      ],
    });
    this.byHandler = { 'submit-job': submitJob, 'query-jobs': queryJobs };
  }
}
