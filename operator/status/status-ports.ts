import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { datasets } from '#datasets';
import { createPendingAlertQueries } from '../../adapters/dynamodb/alerts-table.ts';
import { createFailedSegmentQueries } from '../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-queries.ts';
import { createCommitOutbox } from '../../adapters/dynamodb/streams-table.ts';
import { queueCounts, ruleState, streamState } from '../../adapters/flow.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { storedDays } from '../../adapters/s3/stored-days.ts';
import { createExecutionLister, createExecutionReader } from '../../adapters/step-functions/executions.ts';
import type { StatusPorts } from '../../handlers/operations/status/status-report.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';
import { pipeOf, queueArns } from '../shared/queue-and-pipe.ts';

/** What the status of an installation is asked of. */
export function statusPorts({
  installation,
  s3,
  documents,
  sqs,
  stepFunctions,
  settings,
}: OpenInstallation): StatusPorts {
  const { rawBucket, curatedBucket, jobsTable, streamsTable, relayRule } = installation;
  return {
    datasets,
    flow: {
      stream: () => streamState(new FirehoseClient(settings), installation.deliveryStream),
      pipe: async () => pipeOf(settings, (await queueArns(sqs, installation.ingestQueue)).arn),
      queues: () =>
        queueCounts(sqs, {
          ingest: installation.ingestQueue,
          ingestDeadLetters: installation.ingestDeadLetterQueue,
          jobDeadLetters: installation.jobDeadLetterQueue,
          busDeadLetters: installation.busDeadLetterQueue,
        }),
    },
    lister: createVersionLister(s3),
    ledgers: createLedgers(documents, jobsTable),
    segments: createFailedSegmentQueries(documents, jobsTable),
    executions: { ...createExecutionLister(stepFunctions), ...createExecutionReader(stepFunctions) },
    machines: { ingest: installation.ingestMachine, jobs: installation.jobMachine },
    alerts: createPendingAlertQueries(documents, installation.alertsTable),
    statistics: createStatisticsQueries(documents, installation.statisticsTable),
    relay:
      streamsTable === undefined
        ? undefined
        : {
            outbox: createCommitOutbox(documents, streamsTable),
            rule: async () =>
              relayRule === undefined ? undefined : ruleState(new EventBridgeClient(settings), relayRule),
          },
    curated: createObjects(s3),
    ...{ rawBucket, curatedBucket },
    storedDays: (dataset) => storedDays(s3, curatedBucket, dataset),
  };
}

/** The endpoint, or the region on AWS. */
export const whereOf = async ({ s3, settings }: OpenInstallation): Promise<string> =>
  settings.endpoint ?? process.env.AWS_ENDPOINT_URL ?? (await s3.config.region());
