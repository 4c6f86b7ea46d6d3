import {
  DescribeDeliveryStreamCommand,
  type DescribeDeliveryStreamCommandOutput,
  FirehoseClient,
} from '@aws-sdk/client-firehose';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { createPendingAlertQueries } from '../../adapters/dynamodb/alerts-table.ts';
import { createFailedSegmentQueries } from '../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-queries.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { storedDays } from '../../adapters/s3/stored-days.ts';
import { createExecutionLister, createExecutionReader } from '../../adapters/step-functions/executions.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import {
  ArrivedSpans,
  type ContestedReadings,
  contestedReadings,
} from '../../handlers/operations/contested-readings.ts';
import { type ExecutionHealth, executionHealth } from '../../handlers/operations/execution-health.ts';
import { type NewestReadings, newestReadings } from '../../handlers/operations/newest-readings.ts';
import { type RecentObjects, recentObjects } from '../../handlers/operations/recent-objects.ts';
import { type SilentSeries, silentSeries } from '../../handlers/operations/silent-series.ts';
import type { PendingAlerts } from '../../ports/queries.ts';
import { listExecutions } from '../shared/execution-queries.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';
import { type PipeState, pipeOf, type QueueCounts, queueCounts } from '../shared/queue-and-pipe.ts';

/** What an installation does at the moment. */
export interface StatusReport {
  readonly at: string;
  /** The endpoint, or the region on AWS. */
  readonly where: string;
  readonly stream: {
    readonly name: string;
    readonly status: string;
    /** How long it gathers readings before it writes an object. */
    readonly bufferSeconds: number;
  };
  /** Objects of records that Firehose could not deliver, of the last 14 days; at most 1,000 are counted. */
  readonly undeliverable: number;
  readonly objects: RecentObjects;
  readonly queue: QueueCounts;
  readonly pipe: PipeState | undefined;
  readonly deadLetters: { readonly ingest: number; readonly jobs: number; readonly events: number };
  readonly executions: ExecutionHealth;
  /** Of the state machine of the jobs of toons, in the last 24 hours. */
  readonly failedJobs: readonly string[];
  readonly alerts: PendingAlerts;
  readonly newest: readonly NewestReadings[];
  readonly contested: readonly ContestedReadings[];
  /** Of each dataset that says how often its series report. */
  readonly silent: readonly SilentSeries[];
}

const dayMs = 86_400_000;

/** Asks every service. Nothing is changed, and no message is received. */
export async function statusReport(
  found: OpenInstallation,
  datasets: readonly Dataset[],
  nowMs: number,
): Promise<StatusReport> {
  const { installation, s3, documents, sqs, stepFunctions, settings } = found;
  const ledgers = createLedgers(documents, installation.jobsTable);
  const lister = createVersionLister(s3);
  const arrivals = new ArrivedSpans();
  const firehose = new FirehoseClient(settings);
  const queue = await queueCounts(sqs, installation.ingestQueue);
  const [stream, undeliverable, objects, pipe, ingest, jobs, events, executions, failedJobs, alerts] =
    await Promise.all([
      firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: installation.deliveryStream })),
      countUndeliverable(s3, installation.rawBucket, nowMs),
      recentObjects({ lister, ledgers, rawBucket: installation.rawBucket }, nowMs, {
        wholeDay: true,
        holding: (holding, arrived) => arrivals.add(holding, arrived),
      }),
      pipeOf(settings, queue.arn),
      queueCounts(sqs, installation.ingestDeadLetterQueue),
      queueCounts(sqs, installation.jobDeadLetterQueue),
      queueCounts(sqs, installation.busDeadLetterQueue),
      executionHealth(
        {
          executions: { ...createExecutionLister(stepFunctions), ...createExecutionReader(stepFunctions) },
          segments: createFailedSegmentQueries(documents, installation.jobsTable),
          ledgers,
        },
        { machine: installation.ingestMachine, nowMs },
      ),
      failedJobsSince(found, nowMs - dayMs),
      createPendingAlertQueries(documents, installation.alertsTable).pending(),
    ]);
  const data = {
    statistics: createStatisticsQueries(documents, installation.statisticsTable),
    curated: createObjects(s3),
    curatedBucket: installation.curatedBucket,
  };
  const newest: NewestReadings[] = [];
  const contested: ContestedReadings[] = [];
  for (const dataset of datasets) {
    const days = await storedDays(s3, data.curatedBucket, dataset);
    newest.push(await newestReadings(data, dataset, { days, nowMs }));
    contested.push(await contestedReadings(data, dataset, arrivals.daysOf(dataset, days)));
  }
  return {
    at: new Date(nowMs).toISOString(),
    where: await whereOf(found),
    stream: {
      name: installation.deliveryStream,
      status: stream.DeliveryStreamDescription?.DeliveryStreamStatus ?? '?',
      bufferSeconds: bufferSecondsOf(stream),
    },
    undeliverable,
    objects,
    queue,
    pipe,
    deadLetters: {
      ingest: ingest.visible + ingest.inFlight,
      jobs: jobs.visible + jobs.inFlight,
      events: events.visible + events.inFlight,
    },
    executions,
    failedJobs,
    alerts,
    newest,
    contested,
    silent: await silentSeries(data, datasets, nowMs),
  };
}

/** AWS's own default where the stream does not say. */
function bufferSecondsOf({ DeliveryStreamDescription: of }: DescribeDeliveryStreamCommandOutput): number {
  const [destination] = of?.Destinations ?? [];
  return destination?.ExtendedS3DestinationDescription?.BufferingHints?.IntervalInSeconds ?? 300;
}

async function whereOf({ s3, settings }: OpenInstallation): Promise<string> {
  return settings.endpoint ?? process.env.AWS_ENDPOINT_URL ?? (await s3.config.region());
}

/** Firehose writes them under `errors/<type>/<yyyy/MM/dd>/`. */
async function countUndeliverable(s3: S3Client, bucket: string, nowMs: number): Promise<number> {
  const { Contents: found = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: 'errors/' }),
  );
  return found.filter(({ LastModified }) => (LastModified?.getTime() ?? 0) > nowMs - 14 * dayMs).length;
}

async function failedJobsSince(
  { stepFunctions, installation }: OpenInstallation,
  sinceMs: number,
): Promise<string[]> {
  const failed = await listExecutions(stepFunctions, { status: 'FAILED', limit: 100 });
  return failed
    .filter(
      ({ stateMachineArn, startDate }) =>
        stateMachineArn === installation.jobMachine && (startDate?.getTime() ?? 0) > sinceMs,
    )
    .map(({ name = '' }) => name);
}
