import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { ApiFunction } from '../../../handlers/api/contract/routes.ts';
import type { Config } from '../../config.ts';
import type { Buckets } from '../data/buckets.ts';
import type { Tables } from '../data/tables.ts';
import type { DeliveryStream } from '../ingest/delivery-stream.ts';
import { jobObjects, uploads } from '../jobs/job-functions.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { type Permission, tableKeyActions, tableReadKeyActions } from '../shared/permissions.ts';

/** Functions by their folders under `handlers/api/`. Only functions that have routes can be among them. */
export type FunctionsOf<Name extends ApiFunction> = Readonly<Record<Name, HandlerFunction>>;

export interface ApiFunctionsProps {
  readonly tables: Tables;
  readonly curated: Bucket;
  readonly raw: Bucket;
  readonly stream: DeliveryStream;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
  /** Where tokens are issued, for the OpenAPI document to say. */
  readonly tokenUrl: string;
}

/** API Gateway answers for a function after 29 s; what has not been answered by then nobody waits for. */
export const apiTimeoutSeconds = 28;

/** The origin whose pages may call the API, where there is one. */
export const corsOf = ({ corsOrigin }: Config): Record<string, string> =>
  corsOrigin === undefined ? {} : { CORS_ORIGIN: corsOrigin };

/** The functions behind the API's routes. Reading, writing and the public routes are apart, so that each has only its own rights. */
export class ApiFunctions extends Construct {
  readonly byHandler: FunctionsOf<'describe-api' | 'query-api' | 'submit-readings'>;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    const { tables, curated, raw, stream, key, config, code } = props;
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds };
    const describeApi = new HandlerFunction(this, 'DescribeApi', {
      ...common,
      handler: 'api/describe-api',
      description: 'Public: health and the OpenAPI document',
      memoryMiB: 256,
      environment: {
        TOKEN_URL: props.tokenUrl,
        ...(config.streams ? {} : { WITHOUT_STREAMS: 'true' }),
        ...corsOf(config),
      },
      permissions: [],
    });
    const queryApi = new HandlerFunction(this, 'QueryApi', {
      ...common,
      handler: 'api/query-api',
      description: 'Answers queries about datasets, readings, statistics, alerts and jobs',
      memoryMiB: 1024, // half a CPU more starts the SDK in half the time; a query of statistics needs little, one of readings some 200 MiB
      environment: {
        STATISTICS_TABLE: tables.statistics.tableName,
        JOBS_TABLE: tables.jobs.tableName,
        ALERTS_TABLE: tables.alerts.tableName,
        CURATED_BUCKET: curated.bucketName,
        RAW_BUCKET: raw.bucketName,
        ...corsOf(config),
      },
      permissions: [
        {
          actions: ['dynamodb:Query'],
          resources: [
            tables.statistics.tableArn,
            tables.jobs.tableArn,
            `${tables.jobs.tableArn}/index/by-kind`,
            `${tables.alerts.tableArn}/index/by-day`,
          ],
        },
        {
          actions: ['dynamodb:BatchGetItem'],
          resources: [tables.statistics.tableArn, tables.jobs.tableArn],
        },
        { actions: ['dynamodb:GetItem'], resources: [tables.jobs.tableArn] },
        { actions: ['s3:ListBucket'], resources: [curated.bucketArn] }, // so that an absent partition is 404 and not 403
        {
          actions: ['s3:GetObject'],
          resources: [curated.arnForObjects('curated/*')],
          wildcard: 'Readings of all datasets are asked for; their partitions lie under this prefix.',
        },
        {
          actions: ['s3:ListBucketVersions'], // names and times: why a reading is missing
          resources: [raw.bucketArn],
          conditions: { StringLike: { 's3:prefix': ['landing/*', 'raw/*'] } },
        },
        {
          actions: ['s3:GetObject'],
          resources: [curated.arnForObjects('rejects/*')],
          wildcard: 'Rejected lines of any segment may be why; their files lie under this prefix.',
        },
        { actions: tableReadKeyActions, resources: [key.keyArn], via: ['dynamodb', 's3'] },
      ],
    });
    const submitReadings = new HandlerFunction(this, 'SubmitReadings', {
      ...common,
      handler: 'api/submit-readings',
      description: 'Validates readings and puts them to the delivery stream',
      memoryMiB: 1024,
      environment: { DELIVERY_STREAM: stream.stream.ref, ...corsOf(config) },
      permissions: [{ actions: ['firehose:PutRecordBatch'], resources: [stream.stream.attrArn] }],
    });
    this.byHandler = {
      'describe-api': describeApi,
      'query-api': queryApi,
      'submit-readings': submitReadings,
    };
  }
}

export interface UploadFunctionsProps {
  readonly buckets: Buckets;
  readonly tables: Tables;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/** The functions behind the routes of uploads: one takes and lands them, one only looks at them. */
export class UploadFunctions extends Construct {
  readonly byHandler: FunctionsOf<'inspect-file' | 'upload-files'>;

  constructor(scope: Construct, id: string, props: UploadFunctionsProps) {
    super(scope, id);
    const { buckets, tables, key, config, code } = props;
    const { raw, uploads: bucket } = buckets;
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds };
    const list: Permission = { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }; // so that an absent upload is 404 and not 403
    const ofUploads = (actions: readonly string[]): Permission => ({
      actions,
      resources: [bucket.arnForObjects('uploads/*'), bucket.arnForObjects('records/*')],
      wildcard: 'Uploads and their records are named by their ids; all lie under these prefixes.',
    });
    const uploadFiles = new HandlerFunction(this, 'UploadFiles', {
      ...common,
      handler: 'api/upload-files',
      description: 'Gives links for uploads, lands them, and says what became of them',
      memoryMiB: 1024, // as the query function: the SDK starts in half the time
      environment: {
        UPLOADS_BUCKET: bucket.bucketName,
        RAW_BUCKET: raw.bucketName,
        JOBS_TABLE: tables.jobs.tableName,
        ...corsOf(config),
      },
      permissions: [
        list,
        ofUploads(['s3:GetObject', 's3:PutObject']), // the links it signs write with its own rights
        {
          actions: ['s3:PutObject'],
          resources: [raw.arnForObjects('landing/*')],
          wildcard: 'Files are named by people; all that lands does so under this prefix.',
        },
        {
          actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
          resources: [tables.jobs.tableArn],
        },
        {
          actions: [...tableReadKeyActions, 'kms:GenerateDataKey'],
          resources: [key.keyArn],
          via: ['dynamodb', 's3'],
        },
      ],
    });
    const inspectFile = new HandlerFunction(this, 'InspectFile', {
      ...common,
      handler: 'api/inspect-file',
      description: 'Says what an uploaded file is, and what it would come to',
      memoryMiB: 1769, // one whole vCPU reads the file; two million readings of three measures take 400 MB
      environment: { UPLOADS_BUCKET: bucket.bucketName, ...corsOf(config) },
      permissions: [
        list,
        ofUploads(['s3:GetObject']),
        { actions: ['kms:Decrypt'], resources: [key.keyArn], via: ['s3'] },
      ],
    });
    this.byHandler = { 'inspect-file': inspectFile, 'upload-files': uploadFiles };
  }
}

export interface JobApiFunctionsProps {
  readonly bucket: Bucket;
  readonly machine: StateMachine;
  readonly tables: Tables;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/** The functions behind the routes of jobs of toons: one writes, one reads. */
export class JobApiFunctions extends Construct {
  readonly byHandler: FunctionsOf<'submit-job' | 'query-jobs'>;

  constructor(scope: Construct, id: string, props: JobApiFunctionsProps) {
    super(scope, id);
    const { bucket, machine, tables, key, config, code } = props;
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds };
    const useKey: Permission = {
      actions: tableKeyActions,
      resources: [key.keyArn],
      via: ['dynamodb', 's3'],
    };
    const jobs = tables.jobs.tableArn;
    const environment = {
      TOONS_BUCKET: bucket.bucketName,
      JOBS_TABLE: tables.jobs.tableName,
      ...corsOf(config),
    };
    const submitJob = new HandlerFunction(this, 'SubmitJob', {
      ...common,
      handler: 'api/submit-job',
      description: 'Takes jobs of toons and gives links for their uploads',
      memoryMiB: 1769, // a manifest of 32 MiB is held whole, and parsed by one whole vCPU
      environment: {
        ...environment,
        JOB_MACHINE_ARN: machine.stateMachineArn,
        UPLOAD_BYTES_PER_DAY: String(config.uploadGiBPerDay * 2 ** 30),
      },
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
        { actions: tableReadKeyActions, resources: [key.keyArn], via: ['dynamodb', 's3'] },
      ],
    });
    this.byHandler = { 'submit-job': submitJob, 'query-jobs': queryJobs };
  }
}
