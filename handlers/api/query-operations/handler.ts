import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { PipesClient } from '@aws-sdk/client-pipes';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { datasets } from '#datasets';
import { createMetricReader } from '../../../adapters/cloudwatch.ts';
import { createPendingAlertQueries } from '../../../adapters/dynamodb/alerts-table.ts';
import { openDocuments } from '../../../adapters/dynamodb/documents.ts';
import { createFailedSegmentQueries } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createLedgers } from '../../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../../adapters/dynamodb/statistics-queries.ts';
import { createCommitOutbox } from '../../../adapters/dynamodb/streams-table.ts';
import { createFlowReader, ruleState } from '../../../adapters/flow.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { createRejectsReader } from '../../../adapters/s3/rejects-files.ts';
import { createSegmentOpener, createVersionLister } from '../../../adapters/s3/segments.ts';
import { storedDays } from '../../../adapters/s3/stored-days.ts';
import {
  createDefinitionReader,
  createExecutionLister,
  createExecutionReader,
} from '../../../adapters/step-functions/executions.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import type { RelayPorts } from '../../operations/status/relay-health.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createQueryOperations } from './query-operations.ts';

const variables = requireVariables(process.env, [
  'STATISTICS_TABLE',
  'JOBS_TABLE',
  'ALERTS_TABLE',
  'RAW_BUCKET',
  'CURATED_BUCKET',
  'INGEST_MACHINE_ARN',
  'JOB_MACHINE_ARN',
  'DELIVERY_STREAM',
  'PIPE',
  'INGEST_QUEUE_URL',
  'INGEST_DEAD_LETTERS_URL',
  'JOB_DEAD_LETTERS_URL',
  'BUS_DEAD_LETTERS_URL',
  'API_NAME',
  'OBSERVABILITY',
  'WATCHED_NAMESPACE',
]);
const documents = openDocuments();
const stepFunctions = new SFNClient({});
const s3 = new S3Client({});

const machines = { ingest: variables.INGEST_MACHINE_ARN, jobs: variables.JOB_MACHINE_ARN };
const buckets = { rawBucket: variables.RAW_BUCKET, curatedBucket: variables.CURATED_BUCKET };
const executions = {
  ...createExecutionLister(stepFunctions),
  ...createExecutionReader(stepFunctions),
  ...createDefinitionReader(stepFunctions),
};
const segments = createFailedSegmentQueries(documents, variables.JOBS_TABLE);
const ledgers = createLedgers(documents, variables.JOBS_TABLE);
const lister = createVersionLister(s3);

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createQueryOperations({
      ...{ executions, segments, machines, onFault },
      clock: systemClock,
      status: {
        ...{ datasets, lister, ledgers, segments, executions, machines },
        ...buckets,
        flow: createFlowReader(
          { firehose: new FirehoseClient({}), sqs: new SQSClient({}), pipes: new PipesClient({}) },
          {
            stream: variables.DELIVERY_STREAM,
            pipe: variables.PIPE,
            queues: {
              ingest: variables.INGEST_QUEUE_URL,
              ingestDeadLetters: variables.INGEST_DEAD_LETTERS_URL,
              jobDeadLetters: variables.JOB_DEAD_LETTERS_URL,
              busDeadLetters: variables.BUS_DEAD_LETTERS_URL,
            },
          },
        ),
        alerts: createPendingAlertQueries(documents, variables.ALERTS_TABLE),
        statistics: createStatisticsQueries(documents, variables.STATISTICS_TABLE),
        relay: relayPorts(process.env),
        curated: createObjects(s3),
        storedDays: (dataset) => storedDays(s3, variables.CURATED_BUCKET, dataset),
      },
      rejects: {
        ...{ datasets, lister, ledgers, clock: systemClock },
        rawBucket: variables.RAW_BUCKET,
        lines: createRejectsReader(s3, variables.CURATED_BUCKET),
        segments: createSegmentOpener(s3),
      },
      metrics: {
        reader: createMetricReader(new CloudWatchClient({})),
        clock: systemClock,
        datasets: datasets.map(({ name }) => name),
        namespace: variables.WATCHED_NAMESPACE,
        isFull: variables.OBSERVABILITY === 'full',
        subjects: {
          stream: variables.DELIVERY_STREAM,
          source: process.env.SOURCE_DELIVERY_STREAM,
          queue: variables.INGEST_QUEUE_URL.split('/').at(-1) ?? '',
          machine: variables.INGEST_MACHINE_ARN,
          api: variables.API_NAME,
        },
      },
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);

/** Where there are streams. */
function relayPorts({ STREAMS_TABLE: table, RELAY_RULE: rule }: NodeJS.ProcessEnv): RelayPorts | undefined {
  if (table === undefined || rule === undefined) return undefined;
  const client = new EventBridgeClient({});
  return { outbox: createCommitOutbox(documents, table), rule: () => ruleState(client, rule) };
}
