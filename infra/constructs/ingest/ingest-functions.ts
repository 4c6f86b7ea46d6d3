import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Buckets } from '../data/buckets.ts';
import type { Tables } from '../data/tables.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { fullMetrics, namespaceOf } from '../shared/own-metrics.ts';
import { idempotencyActions, type Permission, tableKeyActions } from '../shared/permissions.ts';

export interface IngestFunctionsProps {
  readonly buckets: Buckets;
  readonly tables: Tables;
  readonly topic: ITopic;
  readonly bus: EventBus;
  /** Of new objects. */
  readonly queue: IQueue;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/**
 * Seconds that one child of a map may take in one attempt. The retries in ingest.asl.json are counted from it: all attempts
 * of a child have to fit into the 300 s of an Express execution.
 */
export const childTimeoutSeconds = 40;

/** 1,769 MiB buy one whole vCPU, and no function of ours computes on two: more would only cost. */
const oneCpuMiB = 1769;

/** The functions of the state machine `ingest`, each named as the state that calls it. */
export class IngestFunctions extends Construct {
  /** By the name of the state. */
  readonly byState: Readonly<Record<string, HandlerFunction>>;

  constructor(scope: Construct, id: string, props: IngestFunctionsProps) {
    super(scope, id);
    const { buckets, tables, topic, bus, queue, key, config, code } = props;
    const { raw, curated } = buckets;
    const common = { code, config, key, reservedConcurrency: config.ingestConcurrency };
    const useKey: Permission = {
      actions: tableKeyActions,
      resources: [key.keyArn],
      via: ['dynamodb', 's3'],
    };
    const listCurated: Permission = { actions: ['s3:ListBucket'], resources: [curated.bucketArn] };
    // Parts that are to come are worth a wait: merges ask whether objects still wait for an execution.
    const countQueue: Permission = { actions: ['sqs:GetQueueAttributes'], resources: [queue.queueArn] };
    const multipart = ['s3:AbortMultipartUpload', 's3:PutObject'];
    const staged = (actions: readonly string[]): Permission => ({
      actions,
      resources: [curated.arnForObjects('staging/*')],
      wildcard: 'What the steps of a job hand to each other is named by job; all lies under this prefix.',
    });

    const planIngest = new HandlerFunction(this, 'PlanIngest', {
      ...common,
      handler: 'ingest/plan-ingest',
      description: 'Removes duplicate segments and writes the manifest and the job',
      memoryMiB: 512, // it waits for listings of S3
      timeoutSeconds: 300, // a replay of years lists 1,000 objects a call, and reads their ledgers in ten
      environment: {
        RAW_BUCKET: raw.bucketName,
        CURATED_BUCKET: curated.bucketName,
        JOBS_TABLE: tables.jobs.tableName,
      },
      permissions: [
        {
          actions: ['s3:ListBucketVersions'],
          resources: [raw.bucketArn],
          conditions: { StringLike: { 's3:prefix': ['landing/*', 'raw/*'] } },
        },
        staged(multipart),
        // A replay of a dataset, or of the readings of some days, asks the ledgers which objects have any.
        {
          actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          resources: [tables.jobs.tableArn],
        },
        useKey,
      ],
    });
    const validateSegment = new HandlerFunction(this, 'ValidateSegment', {
      ...common,
      handler: 'ingest/validate-segment',
      description:
        'Parses one raw object; writes its valid readings as parts, its rejected lines and its ledger',
      memoryMiB: oneCpuMiB,
      timeoutSeconds: childTimeoutSeconds,
      environment: {
        CURATED_BUCKET: curated.bucketName,
        JOBS_TABLE: tables.jobs.tableName,
        IDEMPOTENCY_TABLE: tables.idempotency.tableName,
        METRICS_NAMESPACE: namespaceOf(config),
      },
      permissions: [
        { actions: ['s3:ListBucket'], resources: [raw.bucketArn] }, // so that an absent object is 404 and not 403
        {
          actions: ['s3:GetObjectVersion'], // a segment names its version
          resources: [raw.arnForObjects('raw/*'), raw.arnForObjects('landing/*')],
          wildcard:
            'Raw objects are named by time and by people; these two prefixes hold all that is ingested.',
        },
        {
          actions: [...multipart, 's3:DeleteObject'],
          resources: [curated.arnForObjects('rejects/*')],
          wildcard:
            'Rejected lines are named by segment; a run without rejects removes those of an earlier one.',
        },
        staged(['s3:PutObject']),
        { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], resources: [tables.jobs.tableArn] },
        {
          actions: idempotencyActions,
          resources: [tables.idempotency.tableArn],
        },
        useKey,
      ],
    });
    const planMerge = new HandlerFunction(this, 'PlanMerge', {
      ...common,
      handler: 'ingest/plan-merge',
      description: 'Puts the parts of a job into the inbox of the merge',
      memoryMiB: oneCpuMiB, // it reads what every child of the map returned
      timeoutSeconds: 300, // thousands of segments
      environment: {
        CURATED_BUCKET: curated.bucketName,
        JOBS_TABLE: tables.jobs.tableName,
        BUFFER_MIB: String(config.bufferMiB),
      },
      permissions: [
        listCurated,
        staged(['s3:GetObject', 's3:PutObject']),
        {
          actions: ['s3:GetObject', 's3:PutObject'],
          resources: [curated.arnForObjects('curated/*')],
          wildcard:
            "It reads, and on first use writes, each dataset's _layout.json; datasets are files, not resources.",
        },
        {
          actions: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          resources: [tables.jobs.tableArn],
        },
        useKey,
      ],
    });
    const mergePartition = new HandlerFunction(this, 'MergePartition', {
      ...common,
      handler: 'ingest/merge-partition',
      description: 'Merges the parts that wait into partitions and brings statistics and alerts up to date',
      memoryMiB: oneCpuMiB,
      timeoutSeconds: childTimeoutSeconds,
      environment: {
        STATISTICS_TABLE: tables.statistics.tableName,
        ALERTS_TABLE: tables.alerts.tableName,
        JOBS_TABLE: tables.jobs.tableName,
        INGEST_QUEUE_URL: queue.queueUrl,
        ...fullMetrics(config),
      },
      permissions: [
        listCurated,
        staged(['s3:GetObject']),
        countQueue,
        {
          actions: ['s3:GetObject', 's3:PutObject'],
          resources: [curated.arnForObjects('curated/*')],
          wildcard: 'Partitions are named by dataset, day and shard; all lie under this prefix.',
        },
        {
          actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
          resources: [tables.statistics.tableArn],
        },
        {
          actions: ['dynamodb:GetItem', 'dynamodb:PartiQLUpdate', 'dynamodb:PutItem', 'dynamodb:Query'],
          resources: [tables.alerts.tableArn],
        },
        {
          actions: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
          resources: [tables.jobs.tableArn],
        },
        useKey,
      ],
    });
    const finishIngest = new HandlerFunction(this, 'FinishIngest', {
      ...common,
      handler: 'ingest/finish-ingest',
      description:
        'Looks for what still waits to be merged; publishes pending alerts, completes the job and tells the bus',
      memoryMiB: 512, // it waits for DynamoDB and SNS
      timeoutSeconds: 120, // a claim of an alert lasts as long
      environment: {
        CURATED_BUCKET: curated.bucketName,
        JOBS_TABLE: tables.jobs.tableName,
        ALERTS_TABLE: tables.alerts.tableName,
        ALERT_TOPIC_ARN: topic.topicArn,
        EVENT_BUS_NAME: bus.eventBusName,
        INGEST_QUEUE_URL: queue.queueUrl,
      },
      permissions: [
        staged(['s3:GetObject', 's3:PutObject']),
        countQueue,
        {
          actions: ['dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
          resources: [tables.jobs.tableArn],
        },
        {
          actions: ['dynamodb:Query'],
          resources: [`${tables.alerts.tableArn}/index/pending`],
        },
        { actions: ['dynamodb:UpdateItem'], resources: [tables.alerts.tableArn] },
        { actions: ['sns:Publish'], resources: [topic.topicArn] },
        { actions: ['events:PutEvents'], resources: [bus.eventBusArn] },
        { ...useKey, via: ['dynamodb', 's3', 'sns'] },
      ],
    });
    this.byState = {
      PlanIngest: planIngest,
      ValidateSegment: validateSegment,
      PlanMerge: planMerge,
      MergePartition: mergePartition,
      FinishIngest: finishIngest,
    };
  }
}
