import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { createSegmentQueries } from '../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import { createJobLister, createJobViewer } from '../../adapters/dynamodb/jobs-table/job-view.ts';
import { toonJobKey } from '../../adapters/dynamodb/jobs-table/keys.ts';
import { createToonJobs, createToonRecords } from '../../adapters/dynamodb/jobs-table/toon-jobs.ts';
import { createUploadAccounts } from '../../adapters/dynamodb/jobs-table/upload-accounts.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createLinkSigner, createToonReader } from '../../adapters/s3/toons.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { createQueryApi } from '../../handlers/api/query-api/query-api.ts';
import { createQueryJobs } from '../../handlers/api/query-jobs/query-jobs.ts';
import { createSubmitJobApi } from '../../handlers/api/submit-job/endpoints.ts';
import { createSubmitJob } from '../../handlers/api/submit-job/submit-job.ts';
import { createEndpoint } from '../../local/engine/endpoint.ts';
import { createS3 } from '../../local/services/s3/service.ts';
import type { JobStart, JobView } from '../../ports/toons.ts';
import { startDynamoDb } from './dynamodb-tables.ts';
import { MemoryObjects } from './memory-objects.ts';
import { MemoryAlertQueries, MemoryStatisticsQueries, nothingArrived } from './memory-queries.ts';

export interface JobApi {
  /** Answers the routes of jobs, by the functions that have them. */
  answer(request: HttpRequest): Promise<HttpAnswer>;
  /** Faults that were told. */
  readonly faults: unknown[];
  /** Executions that were started, none of which runs. */
  readonly started: JobStart[];
  /** Puts an upload into the bucket of the toons. */
  upload(key: string, text: string): Promise<void>;
  readonly jobs: ReturnType<typeof createToonJobs>;
  readonly records: ReturnType<typeof createToonRecords>;
  view(jobId: string): Promise<JobView | undefined>;
  /** Removes a job that has no records. */
  forget(jobId: string): Promise<void>;
  close(): Promise<void>;
}

/** The routes of jobs over the local S3 and DynamoDB, through the adapters that are deployed; only executions are kept in memory. */
export async function startJobApi(): Promise<JobApi> {
  const bucket = 'toons';
  const directory = mkdtempSync(join(tmpdir(), 'caudal-job-api-'));
  const s3 = createS3({ directory });
  s3.createBucket({ name: bucket });
  const endpoint = createEndpoint({ services: [s3], onFault: (fault) => faults.push(fault) });
  const { port } = await endpoint.listen(0);
  const dynamoDb = await startDynamoDb();
  const { documents } = dynamoDb;
  const table = dynamoDb.tables.jobs;
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

  const faults: unknown[] = [];
  const started: JobStart[] = [];
  const onFault = (fault: unknown) => faults.push(fault);
  const clock = { nowMs: () => Date.UTC(2026, 0, 1) };
  const links = createLinkSigner(client, { secondsValid: 3600, nowMs: clock.nowMs });
  const jobs = createToonJobs(documents, table);
  const viewer = createJobViewer(documents, table);
  const records = createToonRecords(documents, table);
  const submit = createSubmitJob({
    bucket,
    manifests: createToonReader(client),
    objects: createObjects(client),
    jobs: { ...jobs, ...viewer },
    executions: { start: async (job) => void started.push(job) },
    clock,
  });
  const submitJob = createSubmitJobApi({
    bucket,
    links,
    submit,
    accounts: createUploadAccounts(documents, table),
    bytesPerDay: 50 * 2 ** 30,
    clock,
    onFault,
  });
  const queryJobs = createQueryJobs({ bucket, jobs: viewer, records, links, onFault });
  const queries = createQueryApi({
    datasets: [],
    statistics: new MemoryStatisticsQueries(),
    alerts: new MemoryAlertQueries(),
    jobs: { ...viewer, ...createJobLister(documents, table) },
    segments: createSegmentQueries(documents, table),
    objects: new MemoryObjects(),
    curatedBucket: 'curated',
    ...nothingArrived,
    clock,
    onFault,
  });

  return {
    answer: (request) => {
      if (request.method === 'POST') return submitJob(request);
      return ['/jobs', '/jobs/{jobId}'].includes(request.route) ? queries(request) : queryJobs(request);
    },
    faults,
    started,
    upload: async (key, text) => void (await s3.putObject({ bucket, key, body: text })),
    jobs,
    records,
    view: viewer.view,
    forget: async (jobId) =>
      void (await documents.send(new DeleteCommand({ TableName: table, Key: toonJobKey(jobId) }))),
    close: async () => {
      client.destroy();
      await endpoint.close();
      await dynamoDb.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
