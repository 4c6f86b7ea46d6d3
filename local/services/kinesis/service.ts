import { AwsError, arn, type Service } from '../../engine/calls.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import { openIterator, sealIterator } from './iterator.ts';
import type { ShardBatch } from './shard.ts';
import {
  DataStream,
  type DataStreamSettings,
  type NewRecord,
  positionOf,
  sequenceNumberOf,
  shardIdOf,
} from './stream.ts';

/** Kinesis Data Streams: records that are put, and read by shard. */
export interface Kinesis extends Service {
  createStream(settings: DataStreamSettings): { arn: string };
  /** For services that read without the endpoint: how many shards the stream has, undefined where there is no such stream. */
  shardCount(streamArn: string): number | undefined;
  /** Where a reader begins that wants only what comes from now on. */
  latest(streamArn: string, shard: number): number;
  /** Up to 10,000 records of a shard from a position on. */
  read(streamArn: string, shard: number, position: number): ShardBatch;
  /** Each record of a put fails with this probability, 0 to 1, as when a shard is written to beyond its rate. Draws from `random`, 0 to 1. */
  setPartialFailure(failure: { rate: number; random?: () => number }): void;
  close(): void;
}

const maxRecords = 500;
/** Data and partition key, as a stream takes it that does not ask for larger ones. */
const maxRecordBytes = 1024 * 1024;
const maxRequestBytes = 10 * 1024 * 1024;
const maxRead = 10_000;

export interface KinesisOptions {
  directory: string;
  /** Told of each put: what was taken, and how many records were refused. */
  onPut?(stream: string, put: { records: number; bytes: number; refused: number }): void;
}

export function createKinesis({ directory, onPut = () => {} }: KinesisOptions): Kinesis {
  const streams = new Map<string, DataStream>();
  let failure: { rate: number; random: () => number } = { rate: 0, random: Math.random };

  function find({ StreamARN, StreamName }: JsonInput): DataStream {
    const name = nameOf({ StreamARN, StreamName });
    const stream = streams.get(name);
    if (stream !== undefined) return stream;
    throw new AwsError('ResourceNotFoundException', `Stream ${name} under account 000000000000 not found.`);
  }

  const fails = (): boolean => failure.rate > 0 && failure.random() < failure.rate;

  function readShard(stream: DataStream, shard: number, position: number, max: number): ShardBatch {
    const batch = stream.shards[shard]?.read(position, max);
    if (batch !== undefined) return batch;
    throw new AwsError('ResourceNotFoundException', `Shard ${shardIdOf(shard)} does not exist`);
  }

  const service = createJsonService({
    name: 'kinesis',
    version: '1.1',
    targetPrefix: 'Kinesis_20131202',
    // 10 MiB in base64, 500 times the JSON around a record.
    maxBodyBytes: 15 * 1024 * 1024,
    resourceOf: (input) => streamArnOf(input),
    operations: {
      PutRecord(input) {
        const stream = find(input);
        const record = recordOf(input);
        if (fails()) {
          onPut(stream.settings.name, { records: 0, bytes: 0, refused: 1 });
          throw new AwsError(throughput, tooFast(stream));
        }
        const [placed] = stream.put([record]);
        onPut(stream.settings.name, { records: 1, bytes: record.data.length, refused: 0 });
        return { ShardId: placed?.shardId, SequenceNumber: placed?.sequenceNumber };
      },
      PutRecords(input) {
        const stream = find(input);
        const given: unknown = input.Records;
        if (!Array.isArray(given) || given.length < 1 || given.length > maxRecords)
          throw invalid(`Records must have from 1 to ${maxRecords} entries`);
        const records = given.map(recordOf);
        const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
        if (bytes > maxRequestBytes)
          throw invalid(`Records have ${bytes} bytes with their keys, more than ${maxRequestBytes}`);
        const failed = records.map(fails);
        const taken = records.filter((_, index) => !failed[index]);
        const placed = stream.put(taken);
        const refused = records.length - taken.length;
        const size = taken.reduce((sum, { data }) => sum + data.length, 0);
        onPut(stream.settings.name, { records: taken.length, bytes: size, refused });
        return {
          FailedRecordCount: refused,
          Records: failed.map((isFailed) => {
            if (isFailed) return { ErrorCode: throughput, ErrorMessage: tooFast(stream) };
            const { shardId, sequenceNumber } = placed.shift() ?? {};
            return { ShardId: shardId, SequenceNumber: sequenceNumber };
          }),
        };
      },
      GetShardIterator(input) {
        const stream = find(input);
        const shard = stream.indexOf(input.ShardId);
        return {
          ShardIterator: sealIterator({
            stream: stream.settings.name,
            shard,
            position: beginning(stream, shard, input),
          }),
        };
      },
      GetRecords(input) {
        const { stream: name, shard, position } = openIterator(input.ShardIterator);
        const stream = find({ StreamName: name });
        const limit = input.Limit ?? maxRead;
        if (!Number.isInteger(limit) || limit < 1 || limit > maxRead)
          throw invalid(`Limit must be from 1 to ${maxRead}`);
        const { records, next, behindMs } = readShard(stream, shard, position, limit);
        return {
          MillisBehindLatest: behindMs,
          NextShardIterator: sealIterator({ stream: name, shard, position: next }),
          Records: records.map((record) => ({
            ApproximateArrivalTimestamp: record.arrivedMs / 1000,
            Data: record.data.toString('base64'),
            PartitionKey: record.partitionKey,
            SequenceNumber: sequenceNumberOf(shard, record.position),
          })),
        };
      },
      ListShards: (input) => ({ Shards: shardsOf(find(input)) }),
      DescribeStream: (input) => {
        const stream = find(input);
        return {
          StreamDescription: { ...describe(stream), HasMoreShards: false, Shards: shardsOf(stream) },
        };
      },
      DescribeStreamSummary: (input) => {
        const stream = find(input);
        return {
          StreamDescriptionSummary: {
            ...describe(stream),
            OpenShardCount: stream.shards.length,
            ConsumerCount: 0,
          },
        };
      },
      ListStreams: () => ({ StreamNames: [...streams.keys()].sort(), HasMoreStreams: false }),
    },
  });

  return {
    ...service,
    createStream(settings) {
      streams.get(settings.name)?.shards.map((shard) => shard.close());
      const stream = new DataStream(directory, settings);
      streams.set(settings.name, stream);
      return { arn: stream.arn };
    },
    shardCount: (StreamARN) => streams.get(nameOf({ StreamARN }))?.shards.length,
    latest: (StreamARN, shard) => find({ StreamARN }).shards[shard]?.next ?? 0,
    read: (StreamARN, shard, position) => readShard(find({ StreamARN }), shard, position, maxRead),
    setPartialFailure({ rate, random = Math.random }) {
      failure = { rate, random };
    },
    close() {
      for (const { shards } of streams.values()) for (const shard of shards) shard.close();
    },
  };
}

const nameOf = ({ StreamARN, StreamName }: JsonInput): string =>
  String(StreamARN ?? StreamName ?? '')
    .split('/')
    .at(-1) ?? '';

/** The stream that a call is about: by ARN, by name, or by its iterator. Undefined for one that names none. */
export function streamArnOf(input: JsonInput): string | undefined {
  if (input.ShardIterator !== undefined)
    return arn('kinesis', `stream/${openIterator(input.ShardIterator).stream}`);
  const name = nameOf(input);
  return name === '' ? undefined : arn('kinesis', `stream/${name}`);
}

function beginning(stream: DataStream, shard: number, input: JsonInput): number {
  const { ShardIteratorType: type, StartingSequenceNumber: sequence, Timestamp: at } = input;
  const there = stream.shards[shard];
  switch (type) {
    case 'TRIM_HORIZON':
      return 0;
    case 'LATEST':
      return there?.next ?? 0;
    case 'AT_SEQUENCE_NUMBER':
      return positionOf(String(sequence), shard);
    case 'AFTER_SEQUENCE_NUMBER':
      return positionOf(String(sequence), shard) + 1;
    case 'AT_TIMESTAMP':
      return there?.positionAt(Number(at) * 1000) ?? 0;
    default:
      throw invalid(`ShardIteratorType ${type} is none of those that there are`);
  }
}

const throughput = 'ProvisionedThroughputExceededException';
const tooFast = ({ settings }: DataStream): string => `Rate exceeded for stream ${settings.name}.`;

const sizeOf = ({ data, partitionKey }: NewRecord): number => data.length + Buffer.byteLength(partitionKey);

function recordOf({ Data, PartitionKey, ExplicitHashKey }: JsonInput): NewRecord {
  if (typeof Data !== 'string') throw invalid("Value at 'data' must not be null");
  if (typeof PartitionKey !== 'string' || PartitionKey.length < 1 || PartitionKey.length > 256)
    throw invalid("Value at 'partitionKey' must have from 1 to 256 characters");
  const explicitHashKey = ExplicitHashKey === undefined ? undefined : String(ExplicitHashKey);
  if (
    explicitHashKey !== undefined &&
    (!/^(0|[1-9]\d{0,38})$/.test(explicitHashKey) || BigInt(explicitHashKey) >= 2n ** 128n)
  )
    throw new AwsError(
      'InvalidArgumentException',
      `ExplicitHashKey ${explicitHashKey} is not from 0 to 2^128 - 1.`,
    );
  const record = { partitionKey: PartitionKey, explicitHashKey, data: Buffer.from(Data, 'base64') };
  if (sizeOf(record) > maxRecordBytes)
    throw invalid(`a record has ${sizeOf(record)} bytes with its key, more than ${maxRecordBytes}`);
  return record;
}

function invalid(detail: string): AwsError {
  return new AwsError('ValidationException', `1 validation error detected: ${detail}`);
}

const shardsOf = (stream: DataStream): object[] =>
  stream.shards.map((_, index) => ({
    ShardId: shardIdOf(index),
    HashKeyRange: stream.rangeOf(index),
    SequenceNumberRange: { StartingSequenceNumber: sequenceNumberOf(index, 0) },
  }));

function describe({ arn: StreamARN, settings, createdAt }: DataStream): object {
  return {
    StreamName: settings.name,
    StreamARN,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: settings.onDemand ? 'ON_DEMAND' : 'PROVISIONED' },
    RetentionPeriodHours: settings.retentionHours,
    StreamCreationTimestamp: createdAt.getTime() / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  };
}
