import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { IngestStack } from '../../stacks/ingest-stack.ts';
import type { JobsStack } from '../../stacks/jobs-stack.ts';
import type { Buckets } from '../data/buckets.ts';
import type { Tables } from '../data/tables.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { namespaceOf } from '../shared/own-metrics.ts';
import { type Permission, tableReadKeyActions } from '../shared/permissions.ts';
import { kinesisDeliveryName } from '../sources/source-options.ts';
import { apiTimeoutSeconds, corsOf, type FunctionsOf } from './api-functions.ts';
import { apiName } from './rest-api.ts';
import type { StreamFunctions } from './stream-functions.ts';

export interface OperationFunctionsProps {
  readonly tables: Tables;
  readonly buckets: Buckets;
  /** What is looked at: stream, queues, pipe and machines. */
  readonly ingest: Pick<IngestStack, 'stream' | 'queue' | 'busDeadLetters' | 'pipe' | 'machine'>;
  readonly jobs: Pick<JobsStack, 'workflow' | 'deadLetterQueue'>;
  /** Where there are any, what publishes their commits. */
  readonly streams: Pick<StreamFunctions, 'rule'> | undefined;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

const named = 'Executions and map runs are named when they start; all are of the two state machines.';

/** The functions behind the routes of those who look after the installation: one only reads, one acts. */
export class OperationFunctions extends Construct {
  readonly byHandler: FunctionsOf<'query-operations' | 'operate'>;

  constructor(scope: Construct, id: string, props: OperationFunctionsProps) {
    super(scope, id);
    const { tables, buckets, ingest, jobs, streams, key, config, code } = props;
    const { raw, curated } = buckets;
    const relay = streams && tables.streams && { rule: streams.rule, table: tables.streams };
    const ingestMachine = ingest.machine.machine;
    const jobMachine = jobs.workflow.machine;
    // One whole vCPU reads files and partitions; two million readings of three measures take 400 MB.
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds, memoryMiB: 1769 };
    const machines = [ingestMachine.stateMachineArn, jobMachine.stateMachineArn];
    const environment = {
      INGEST_MACHINE_ARN: ingestMachine.stateMachineArn,
      JOB_MACHINE_ARN: jobMachine.stateMachineArn,
      STATISTICS_TABLE: tables.statistics.tableName,
      JOBS_TABLE: tables.jobs.tableName,
      RAW_BUCKET: raw.bucketName,
      CURATED_BUCKET: curated.bucketName,
      ...corsOf(config),
    };
    const ofMachines = (resource: string, after: string) =>
      [ingestMachine, jobMachine].map((machine) =>
        Stack.of(this).formatArn({
          service: 'states',
          resource,
          resourceName: `${machine.stateMachineName}${after}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      );
    const executions = ofMachines('execution', ':*');
    const mapRuns = ofMachines('mapRun', '/*');
    /** The executions of an encrypted machine are read with its key. */
    const readExecutions: Permission = {
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: {
        StringLike: {
          'kms:EncryptionContext:aws:states:stateMachineArn': machines.flatMap((arn) => [arn, `${arn}/*`]),
        },
      },
    };
    const listVersions = (prefixes: readonly string[]): Permission => ({
      actions: ['s3:ListBucketVersions'],
      resources: [raw.bucketArn],
      conditions: { StringLike: { 's3:prefix': prefixes } },
    });
    const readRaw: Permission = {
      actions: ['s3:GetObjectVersion'],
      resources: [raw.arnForObjects('raw/*'), raw.arnForObjects('landing/*')],
      wildcard: 'Raw objects are named by Firehose and by people; all lie under these prefixes.',
    };
    const readStatistics: Permission = {
      actions: ['dynamodb:BatchGetItem', 'dynamodb:Query'],
      resources: [tables.statistics.tableArn],
    };
    const queryOperations = new HandlerFunction(this, 'QueryOperations', {
      ...common,
      handler: 'api/query-operations',
      description: 'Answers how the installation does, and what failed',
      environment: {
        ...environment,
        ALERTS_TABLE: tables.alerts.tableName,
        DELIVERY_STREAM: ingest.stream.stream.ref,
        ...(config.kinesis && { SOURCE_DELIVERY_STREAM: kinesisDeliveryName(config.kinesis, config.stage) }),
        PIPE: ingest.pipe.pipe.ref,
        INGEST_QUEUE_URL: ingest.queue.queue.queueUrl,
        INGEST_DEAD_LETTERS_URL: ingest.queue.deadLetterQueue.queueUrl,
        JOB_DEAD_LETTERS_URL: jobs.deadLetterQueue.queueUrl,
        BUS_DEAD_LETTERS_URL: ingest.busDeadLetters.queueUrl,
        ...(relay && { STREAMS_TABLE: relay.table.tableName, RELAY_RULE: relay.rule.ref }),
        API_NAME: apiName(config),
        OBSERVABILITY: config.observability,
        WATCHED_NAMESPACE: namespaceOf(config), // another name than that of functions that write metrics: this one writes none
      },
      permissions: [
        { actions: ['states:DescribeStateMachine', 'states:ListExecutions'], resources: machines },
        {
          actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:ListMapRuns'],
          resources: executions,
          wildcard: named,
        },
        {
          actions: ['states:DescribeMapRun', 'states:ListExecutions'],
          resources: mapRuns,
          wildcard: named,
        },
        {
          actions: ['states:DescribeExecution'],
          resources: ofMachines('express', '/*'),
          wildcard: 'The children of maps are named when they start; all are of the two state machines.',
        },
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:Query'], resources: [tables.jobs.tableArn] },
        readStatistics,
        { actions: ['dynamodb:Query'], resources: [`${tables.alerts.tableArn}/index/pending`] },
        ...(relay === undefined
          ? []
          : [
              { actions: ['dynamodb:Query'], resources: [`${relay.table.tableArn}/index/pending`] },
              { actions: ['events:DescribeRule'], resources: [relay.rule.attrArn] },
            ]),
        { actions: ['firehose:DescribeDeliveryStream'], resources: [ingest.stream.stream.attrArn] },
        { actions: ['pipes:DescribePipe'], resources: [ingest.pipe.pipe.attrArn] },
        {
          actions: ['sqs:GetQueueAttributes'],
          resources: [
            ingest.queue.queue.queueArn,
            ingest.queue.deadLetterQueue.queueArn,
            jobs.deadLetterQueue.queueArn,
            ingest.busDeadLetters.queueArn,
          ],
        },
        {
          actions: ['cloudwatch:GetMetricData'],
          resources: ['*'],
          wildcard: 'cloudwatch:GetMetricData knows no resource to name.',
        },
        listVersions(['landing/*', 'raw/*', 'errors/*']),
        readRaw,
        { actions: ['s3:ListBucket'], resources: [curated.bucketArn] }, // which days there are, and that an absent partition is 404 and not 403
        {
          actions: ['s3:GetObject'],
          resources: [curated.arnForObjects('curated/*'), curated.arnForObjects('rejects/*')],
          wildcard:
            'Partitions and rejected lines of all datasets are asked for; they lie under these prefixes.',
        },
        { actions: tableReadKeyActions, resources: [key.keyArn], via: ['dynamodb', 's3'] },
        readExecutions,
      ],
    });
    const operate = new HandlerFunction(this, 'Operate', {
      ...common,
      handler: 'api/operate',
      description: 'Redrives executions, accepts refused files, withdraws readings',
      environment,
      permissions: [
        {
          actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:RedriveExecution'],
          resources: executions,
          wildcard: named,
        },
        { actions: ['states:StartExecution'], resources: [ingestMachine.stateMachineArn] },
        readExecutions,
        listVersions(['landing/*', 'raw/*']),
        readRaw,
        {
          actions: ['s3:PutObject'],
          resources: [raw.arnForObjects('landing/*')],
          wildcard: 'Files are named by people; all that lands does so under this prefix.',
        },
        { actions: ['s3:ListBucket'], resources: [curated.bucketArn] }, // which partitions there are
        {
          actions: ['s3:GetObject'],
          resources: [curated.arnForObjects('curated/*')],
          wildcard: 'Readings of all datasets are withdrawn; their partitions lie under this prefix.',
        },
        { actions: ['dynamodb:BatchGetItem'], resources: [tables.jobs.tableArn] },
        readStatistics,
        {
          actions: [...tableReadKeyActions, 'kms:GenerateDataKey'],
          resources: [key.keyArn],
          via: ['dynamodb', 's3'],
        },
      ],
    });
    this.byHandler = { 'query-operations': queryOperations, operate };
  }
}
