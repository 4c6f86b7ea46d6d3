import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AwsError, arn, type Service } from '../../engine/calls.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import type { S3 } from '../s3/service.ts';
import { type SourceAction, SourceReader, type Sources } from './source-reader.ts';
import {
  type DeliveryCheck,
  DeliveryStream,
  type FailureLog,
  failureLine,
  type StreamSettings,
} from './stream.ts';

export interface FirehoseOptions {
  directory: string;
  s3: S3;
  /** Divides `bufferSeconds`. Default 1. */
  timeScale?: number;
  /** Called before an object is written; throwing keeps it from being written until the next attempt. */
  mayDeliver?: DeliveryCheck;
  /** Called after an attempt that failed. */
  logFailure?: FailureLog;
  onFault?: (fault: unknown) => void;
  /** Told of the records that were taken. */
  onPut?: (stream: string, records: number, bytes: number) => void;
  /** The streams that delivery streams may read. Without it none can. */
  sources?: () => Sources;
  /** Called before each call to a source; throwing keeps it from being read until the next attempt. */
  mayRead?: (stream: StreamSettings, action: SourceAction) => void;
  /** Told of what was read of a source, and how old the oldest record is that was not. */
  onRead?: (stream: string, read: { records: number; bytes: number; behindMs: number }) => void;
}

/** Firehose with S3 as its destination. */
export interface Firehose extends Service {
  createStream(settings: StreamSettings): { arn: string };
  /** Takes records as PutRecordBatch does, for services that act without the endpoint. On disk when it returns. */
  put(stream: string, records: readonly Buffer[]): void;
  /** Each record fails with this probability (0 to 1), drawn from a generator that `seed` starts. */
  setPartialFailure(failure: { rate: number; seed?: number }): void;
  /** What CloudWatch is told of each stream: how long its oldest record waits, 0 without one. */
  load(): { name: string; oldestAgeMs: number }[];
  /** Delivers what is buffered; resolves when it is in the bucket. Default: all streams. */
  flush(stream?: string): Promise<void>;
  /** Delivers what an earlier process had acknowledged, and from then on by time. */
  start(): void;
  close(): Promise<void>;
}

const maxRecords = 500;
const maxBatchBytes = 4 * 1024 * 1024;
const maxRecordBytes = 1000 * 1024;

export function createFirehose({
  directory,
  s3,
  timeScale = 1,
  mayDeliver = () => {},
  logFailure = () => {},
  onFault = () => {},
  onPut,
  sources,
  mayRead = () => {},
  onRead = () => {},
}: FirehoseOptions): Firehose {
  const streams = new Map<string, DeliveryStream>();
  const readers = new Map<string, SourceReader>();
  let started = false;
  let failure = { rate: 0, next: generator(1) };

  function find(name: unknown): DeliveryStream {
    const stream = streams.get(String(name));
    if (stream !== undefined) return stream;
    throw new AwsError('ResourceNotFoundException', `Firehose ${name} under account not found.`);
  }

  /** One that takes what is put. */
  function findDirect(name: unknown): DeliveryStream {
    const stream = find(name);
    if (stream.settings.source === undefined) return stream;
    throw new AwsError(
      'InvalidArgumentException',
      'This operation is not permitted on KinesisStreamAsSource delivery stream type.',
    );
  }

  function readerOf(stream: DeliveryStream, streamArn: string): SourceReader {
    const { settings } = stream;
    if (sources === undefined)
      throw new Error(`Delivery stream ${settings.name} reads ${streamArn}, and no streams are given.`);
    return new SourceReader({
      sources: sources(),
      streamArn,
      path: join(directory, `${settings.name}.source.json`),
      everyMs: Math.max(20, 1_000 / timeScale),
      may: (action) => mayRead(stream.settings, action),
      put: (records) => stream.put(records),
      onRead: (read) => onRead(settings.name, read),
      onFault(error) {
        onFault(error);
        logFailure(stream.settings, failureLine(stream.settings, 'Kinesis', error));
      },
    });
  }

  const fails = () => failure.rate > 0 && failure.next() < failure.rate;

  const service = createJsonService({
    name: 'firehose',
    version: '1.1',
    targetPrefix: 'Firehose_20150804',
    // 4 MiB in base64, 500 times the JSON around a record.
    maxBodyBytes: 6 * 1024 * 1024,
    resourceOf: ({ DeliveryStreamName: name }) =>
      name ? arn('firehose', `deliverystream/${name}`) : undefined,
    operations: {
      PutRecord(input) {
        const stream = findDirect(input.DeliveryStreamName);
        const record = dataOf(input.Record, 'record');
        if (fails()) throw new AwsError('ServiceUnavailableException', 'Slow down.', { status: 503 });
        stream.put([record]);
        onPut?.(stream.settings.name, 1, record.length);
        return { RecordId: recordId(), Encrypted: false };
      },
      PutRecordBatch(input) {
        const stream = findDirect(input.DeliveryStreamName);
        const records = (input.Records ?? []) as JsonInput[];
        if (!Array.isArray(records) || records.length < 1 || records.length > maxRecords) {
          throw invalid(`records must have length between 1 and ${maxRecords}, not ${records.length}`);
        }
        const bytes = records.map((record, index) => dataOf(record, `records.${index + 1}.member`));
        const total = bytes.reduce((sum, record) => sum + record.length, 0);
        if (total > maxBatchBytes) throw invalid(`Records size exceeds ${maxBatchBytes} bytes: ${total}`);
        const failed = bytes.map(fails);
        const taken = bytes.filter((_, index) => !failed[index]);
        stream.put(taken);
        const size = taken.reduce((sum, record) => sum + record.length, 0);
        onPut?.(stream.settings.name, taken.length, size);
        return {
          FailedPutCount: failed.filter(Boolean).length,
          Encrypted: false,
          RequestResponses: failed.map((each) =>
            each
              ? { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' }
              : { RecordId: recordId() },
          ),
        };
      },
      DescribeDeliveryStream: (input) => ({
        DeliveryStreamDescription: describe(find(input.DeliveryStreamName)),
      }),
      ListDeliveryStreams(input) {
        const after = String(input.ExclusiveStartDeliveryStreamName ?? '');
        const names = [...streams.keys()].sort().filter((name) => name > after);
        const limit = Number(input.Limit ?? 10);
        return { DeliveryStreamNames: names.slice(0, limit), HasMoreDeliveryStreams: names.length > limit };
      },
    },
  });

  return {
    ...service,
    createStream(settings) {
      const known = streams.get(settings.name);
      if (known !== undefined) {
        known.settings = settings;
      } else {
        const stream = new DeliveryStream(settings, {
          ...{ directory, s3, timeScale },
          ...{ mayDeliver, logFailure, onFault },
        });
        streams.set(settings.name, stream);
        if (settings.source !== undefined) readers.set(settings.name, readerOf(stream, settings.source));
        if (started) stream.start();
        if (started) readers.get(settings.name)?.start();
      }
      return { arn: arn('firehose', `deliverystream/${settings.name}`) };
    },
    put(name, records) {
      const tooLarge = records.find(({ length }) => length > maxRecordBytes);
      if (tooLarge !== undefined)
        throw invalid(`a record of ${tooLarge.length} bytes; at most ${maxRecordBytes}`);
      const stream = findDirect(name);
      stream.put([...records]);
      onPut?.(
        name,
        records.length,
        records.reduce((sum, { length }) => sum + length, 0),
      );
    },
    setPartialFailure({ rate, seed = 1 }) {
      failure = { rate, next: generator(seed) };
    },
    load: () => [...streams].map(([name, stream]) => ({ name, oldestAgeMs: stream.oldestAgeMs() })),
    async flush(name) {
      await Promise.all(
        (name === undefined ? [...streams.values()] : [find(name)]).map((stream) => stream.flush()),
      );
    },
    start() {
      started = true;
      for (const stream of streams.values()) stream.start();
      for (const reader of readers.values()) reader.start();
    },
    async close() {
      await Promise.all([...readers.values()].map((reader) => reader.close()));
      await Promise.all([...streams.values()].map((stream) => stream.close()));
    },
  };
}

function dataOf(record: JsonInput | undefined, at: string): Buffer {
  if (typeof record?.Data !== 'string') throw invalid(`Value at '${at}.data' must not be null`);
  const bytes = Buffer.from(record.Data, 'base64');
  if (bytes.length > maxRecordBytes) {
    throw invalid(`Value at '${at}.data' must have length less than or equal to ${maxRecordBytes}`);
  }
  return bytes;
}

function invalid(detail: string): AwsError {
  return new AwsError('ValidationException', `1 validation error detected: ${detail}`);
}

function recordId(): string {
  return randomUUID().replaceAll('-', '').repeat(4);
}

function describe({ settings, createdAt }: DeliveryStream): object {
  const { name, bucket, prefix = '', errorPrefix = '', gzip, bufferSeconds, bufferMiB, errorLog } = settings;
  const destination = {
    RoleARN: 'arn:aws:iam::000000000000:role/local',
    BucketARN: arn('s3', bucket),
    Prefix: prefix,
    ErrorOutputPrefix: errorPrefix,
    BufferingHints: { SizeInMBs: bufferMiB, IntervalInSeconds: bufferSeconds },
    CompressionFormat: gzip ? 'GZIP' : 'UNCOMPRESSED',
    EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
    CloudWatchLoggingOptions:
      errorLog === undefined
        ? { Enabled: false }
        : { Enabled: true, LogGroupName: errorLog.group, LogStreamName: errorLog.stream },
  };
  return {
    DeliveryStreamName: name,
    DeliveryStreamARN: arn('firehose', `deliverystream/${name}`),
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamType: settings.source === undefined ? 'DirectPut' : 'KinesisStreamAsSource',
    ...(settings.source !== undefined && {
      Source: {
        KinesisStreamSourceDescription: {
          KinesisStreamARN: settings.source,
          RoleARN: settings.roleArn,
          DeliveryStartTimestamp: createdAt.getTime() / 1000,
        },
      },
    }),
    VersionId: '1',
    CreateTimestamp: createdAt.getTime() / 1000,
    HasMoreDestinations: false,
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        S3DestinationDescription: destination,
        ExtendedS3DestinationDescription: destination,
      },
    ],
  };
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
