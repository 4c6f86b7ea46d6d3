import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type LocalCloud, startCloud } from '../../local/engine/cloud.ts';
import type { Machine } from '../../local/services/step-functions/machine.ts';
import { FaultInjector, untouchedKey } from '../../local/testing/injector.ts';
import { accessToken, output } from '../support/job-world.ts';

/** Buffers, windows and the intervals of retries: five minutes are 0.4 s. */
const timeScale = 750;
/**
 * Locks and timeouts: a function's 40 s are 4 s, in which a cold one does its work on a busy machine. Shorter ones feed on
 * themselves: who runs into its timeout is killed, and the next begins cold and takes longer still.
 */
const functionTimeScale = 10;

/** Two at a time race each other as well as four, and processes that share two cores with those of other clouds cost more. */
const concurrentFunctions = 2;

/** The names that the tests look at. */
interface Names {
  rawBucket: string;
  curatedBucket: string;
  statisticsTable: string;
  alertsTable: string;
  jobsTable: string;
  idempotencyTable: string;
  streamsTable: string;
  stream: string;
  queue: string;
  deadLetters: string;
}

/** A local cloud with faults, used for one seed after the other. */
export interface FaultWorld {
  readonly cloud: LocalCloud;
  readonly injector: FaultInjector;
  readonly names: Names;
  readonly machine: Machine;
  /** Clients that faults pass by: who looks, clears up, and plays the rival. */
  readonly s3: S3Client;
  readonly firehose: FirehoseClient;
  readonly documents: DynamoDBDocumentClient;
  /** Clients that faults meet. */
  readonly producer: { s3: S3Client; firehose: FirehoseClient };
  /** The name of the function that publishes what commands left, as a schedule calls it. */
  readonly relayFunction: string;
  /** For calls of the API that read and write, for an hour. */
  token(): Promise<string>;
  /** Empties every store but that of the streams, whose functions remember where logs end. To be called when nothing moves. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultWorld(assembly: string): Promise<FaultWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'caudal-faults-'));
  const injector = new FaultInjector();
  const cloud = await startCloud({
    assembly,
    directory,
    ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
    timeScale,
    functionTimeScale,
    concurrentFunctions,
    // Of each of ingestion's functions as many as can run.
    warmFunctions: 5 * concurrentFunctions,
    alarmsByThemselves: false,
    faults: injector.attach,
    accounts: { [untouchedKey]: 'local', producer: 'local' },
  });
  const data = (name: string) => output(cloud, 'CaudalData', name);
  const ingest = (name: string) => output(cloud, 'CaudalIngest', name);
  const names: Names = {
    rawBucket: data('RawBucket'),
    curatedBucket: data('CuratedBucket'),
    statisticsTable: data('StatisticsTable'),
    alertsTable: data('AlertsTable'),
    jobsTable: data('JobsTable'),
    idempotencyTable: data('IdempotencyTable'),
    streamsTable: data('StreamsTable'),
    stream: ingest('DeliveryStream'),
    queue: ingest('IngestQueue'),
    deadLetters: ingest('IngestDeadLetterQueue'),
  };
  const settings = (accessKeyId: string) => ({
    endpoint: cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });
  const s3 = new S3Client(settings(untouchedKey));
  const firehose = new FirehoseClient(settings(untouchedKey));
  const dynamoDb = new DynamoDBClient(settings(untouchedKey));
  const producer = {
    s3: new S3Client(settings('producer')),
    firehose: new FirehoseClient(settings('producer')),
  };
  return {
    cloud,
    injector,
    names,
    machine: cloud.services.stepFunctions.machine(ingest('IngestMachine')),
    s3,
    firehose,
    relayFunction: functionNamed(cloud, 'RelayCommits'),
    token: () => accessToken(cloud),
    documents: DynamoDBDocumentClient.from(dynamoDb),
    producer,
    async reset() {
      injector.disarm();
      for (const bucket of [names.rawBucket, names.curatedBucket]) await emptyBucket(s3, bucket);
      const { statisticsTable, alertsTable, jobsTable, idempotencyTable } = names;
      for (const table of [statisticsTable, alertsTable, jobsTable, idempotencyTable]) {
        await emptyTable(cloud, table);
      }
    },
    async close() {
      for (const client of [s3, firehose, dynamoDb, producer.s3, producer.firehose]) client.destroy();
      await cloud.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function functionNamed({ resources }: LocalCloud, part: string): string {
  const found = resources.find(
    ({ logicalId, type }) => type === 'AWS::Lambda::Function' && logicalId.includes(part),
  );
  if (found === undefined) throw new Error(`no function has ${part} in its name`);
  return found.ref;
}

async function emptyBucket(s3: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
}

/** Made again, which is quicker than deleting each item. */
async function emptyTable({ services: { dynamodb } }: LocalCloud, TableName: string): Promise<void> {
  const { Table } = (await dynamodb.call('DescribeTable', { TableName })) as {
    Table: Record<string, unknown>;
  };
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = Table;
  await dynamodb.call('DeleteTable', { TableName });
  for (;;) {
    const { TableNames } = (await dynamodb.call('ListTables', {})) as { TableNames: string[] };
    if (!TableNames.includes(TableName)) break;
    await sleep(1);
  }
  await dynamodb.createTable({ KeySchema, AttributeDefinitions, GlobalSecondaryIndexes }, TableName);
}
