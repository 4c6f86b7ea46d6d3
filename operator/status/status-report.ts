import { DescribeDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { ListObjectsV2Command, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { createPendingAlertQueries } from '../../adapters/dynamodb/alerts-table.ts';
import { createFailedSegmentQueries } from '../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-table.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionFromKey } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import type { PendingAlerts } from '../../ports/queries.ts';
import { type ExecutionHealth, executionHealth } from '../shared/execution-health.ts';
import { listExecutions } from '../shared/execution-queries.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';
import { type PipeState, pipeOf, type QueueCounts, queueCounts } from '../shared/queue-and-pipe.ts';
import { type RecentObjects, recentObjects } from '../shared/recent-objects.ts';
import { type SilentSeries, silentSeries } from './silent-series.ts';

/** What an installation does at the moment. */
export interface StatusReport {
  readonly at: string;
  /** The endpoint, or the region on AWS. */
  readonly where: string;
  readonly stream: { readonly name: string; readonly status: string };
  /** Objects of records that Firehose could not deliver, of the last 14 days; at most 1,000 are counted. */
  readonly undeliverable: number;
  readonly objects: RecentObjects;
  readonly queue: QueueCounts;
  readonly pipe: PipeState | undefined;
  readonly deadLetters: { readonly ingest: number; readonly jobs: number };
  readonly executions: ExecutionHealth;
  /** Of the state machine of the jobs of toons, in the last 24 hours. */
  readonly failedJobs: readonly string[];
  readonly alerts: PendingAlerts;
  readonly newest: readonly NewestReading[];
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
  const firehose = new FirehoseClient(settings);
  const queue = await queueCounts(sqs, installation.ingestQueue);
  const [stream, undeliverable, objects, pipe, ingest, jobs, executions, failedJobs, alerts, ...newest] =
    await Promise.all([
      firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: installation.deliveryStream })),
      countUndeliverable(s3, installation.rawBucket, nowMs),
      recentObjects({ lister, ledgers, rawBucket: installation.rawBucket }, nowMs, { wholeDay: true }),
      pipeOf(settings, queue.arn),
      queueCounts(sqs, installation.ingestDeadLetterQueue),
      queueCounts(sqs, installation.jobDeadLetterQueue),
      executionHealth(
        {
          client: stepFunctions,
          segments: createFailedSegmentQueries(documents, installation.jobsTable),
          ledgers,
        },
        { machine: installation.ingestMachine, nowMs },
      ),
      failedJobsSince(found, nowMs - dayMs),
      createPendingAlertQueries(documents, installation.alertsTable).pending(),
      ...datasets.map((dataset) => newestReading(s3, installation.curatedBucket, dataset)),
    ]);
  return {
    at: new Date(nowMs).toISOString(),
    where: await whereOf(found),
    stream: {
      name: installation.deliveryStream,
      status: stream.DeliveryStreamDescription?.DeliveryStreamStatus ?? '?',
    },
    undeliverable,
    objects,
    queue,
    pipe,
    deadLetters: { ingest: ingest.visible + ingest.inFlight, jobs: jobs.visible + jobs.inFlight },
    executions,
    failedJobs,
    alerts,
    newest,
    silent: await silentSeries(
      {
        statistics: createStatisticsQueries(documents, installation.statisticsTable),
        curated: createObjects(s3),
        curatedBucket: installation.curatedBucket,
      },
      datasets,
      nowMs,
    ),
  };
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

/** The newest reading of a dataset. */
interface NewestReading {
  readonly dataset: string;
  /** UTC ms; undefined when there is none. */
  readonly timestampMs: number | undefined;
  readonly sensorId: string | undefined;
}

/** Reads the newest partition of a dataset: the days are listed (one call for a thousand), the shards of the last one read. */
async function newestReading(s3: S3Client, bucket: string, dataset: Dataset): Promise<NewestReading> {
  const prefix = `curated/dataset=${dataset.storageName}/date=`;
  let last: string | undefined;
  const days = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix, Delimiter: '/' });
  for await (const { CommonPrefixes: prefixes } of days) last = prefixes?.at(-1)?.Prefix ?? last;
  let newest: NewestReading = { dataset: dataset.name, timestampMs: undefined, sensorId: undefined };
  if (last === undefined) return newest;
  const { Contents: files = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: last }));
  for (const { Key: key = '' } of files) {
    if (partitionFromKey(dataset, key) === undefined) continue;
    const stored = await createObjects(s3).read({ bucket, key });
    if (stored === undefined) continue;
    const { columns } = await decodePartition(dataset, stored.bytes);
    for (let row = 0; row < columns.length; row++) {
      const at = columns.timestampMs[row] ?? 0;
      if (newest.timestampMs !== undefined && at <= newest.timestampMs) continue;
      const sensorId = columns.sensors[columns.sensor[row] ?? -1];
      newest = { dataset: dataset.name, timestampMs: at, sensorId };
    }
  }
  return newest;
}
