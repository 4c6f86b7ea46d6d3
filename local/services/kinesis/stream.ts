import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, arn } from '../../engine/calls.ts';
import { Shard } from './shard.ts';

export interface DataStreamSettings {
  name: string;
  /** 1 to 500; AWS begins a stream on demand with 4. */
  shards: number;
  onDemand: boolean;
  /** 24 to 8,760. */
  retentionHours: number;
}

export interface NewRecord {
  readonly partitionKey: string;
  /** Decimal, below 2^128: takes the place of the key's hash. */
  readonly explicitHashKey?: string | undefined;
  readonly data: Buffer;
}

export interface Placed {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

const hashKeys = 2n ** 128n;

export const shardIdOf = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/** A sequence number grows within a shard and is of one record of the stream. It has 56 digits, as on AWS: 49, the position, the shard. */
export const sequenceNumberOf = (shard: number, position: number): string =>
  `49${String(position).padStart(42, '0')}${String(shard).padStart(12, '0')}`;

/** @throws {AwsError} InvalidArgumentException for a number that no record of the shard could have */
export function positionOf(sequenceNumber: string, shard: number): number {
  if (!/^49\d{54}$/.test(sequenceNumber) || Number(sequenceNumber.slice(44)) !== shard) {
    throw new AwsError(
      'InvalidArgumentException',
      `StartingSequenceNumber ${sequenceNumber} is not of shard ${shardIdOf(shard)}.`,
    );
  }
  return Number(sequenceNumber.slice(2, 44));
}

/** A stream of Kinesis Data Streams: shards over equal ranges of hash keys. */
export class DataStream {
  readonly arn: string;
  readonly settings: DataStreamSettings;
  readonly createdAt = new Date();
  readonly shards: readonly Shard[];

  constructor(directory: string, settings: DataStreamSettings) {
    this.settings = settings;
    this.arn = arn('kinesis', `stream/${settings.name}`);
    const pathOf = (index: number): string => join(directory, settings.name, `${shardIdOf(index)}.jsonl`);
    let count = settings.shards;
    // A template that asks for fewer shards than before does not make records disappear.
    while (existsSync(pathOf(count))) count++;
    const retentionMs = settings.retentionHours * 3_600_000;
    this.shards = Array.from({ length: count }, (_, index) => new Shard(pathOf(index), retentionMs));
  }

  /** On disk when it returns, in the order of the records. */
  put(records: readonly NewRecord[]): Placed[] {
    const byShard = Map.groupBy(records.keys(), (index) => this.#shardFor(records[index] as NewRecord));
    const placed: Placed[] = [];
    for (const [shard, indexes] of byShard) {
      const positions = this.shards[shard]?.put(indexes.map((index) => records[index] as NewRecord)) ?? [];
      for (const [at, index] of indexes.entries())
        placed[index] = {
          shardId: shardIdOf(shard),
          sequenceNumber: sequenceNumberOf(shard, positions[at] ?? 0),
        };
    }
    return placed;
  }

  /** The first and the last hash key of a shard. */
  rangeOf(shard: number): { StartingHashKey: string; EndingHashKey: string } {
    const width = hashKeys / BigInt(this.shards.length);
    const isLast = shard === this.shards.length - 1;
    return {
      StartingHashKey: String(BigInt(shard) * width),
      EndingHashKey: String(isLast ? hashKeys - 1n : BigInt(shard + 1) * width - 1n),
    };
  }

  /** @throws {AwsError} ResourceNotFoundException */
  indexOf(shardId: unknown): number {
    const index = this.shards.findIndex((_, each) => shardIdOf(each) === shardId);
    if (index !== -1) return index;
    throw new AwsError(
      'ResourceNotFoundException',
      `Shard ${shardId} in stream ${this.settings.name} under account 000000000000 does not exist`,
    );
  }

  #shardFor({ partitionKey, explicitHashKey }: NewRecord): number {
    const hash = BigInt(explicitHashKey ?? `0x${createHash('md5').update(partitionKey).digest('hex')}`);
    const width = hashKeys / BigInt(this.shards.length);
    return Math.min(Number(hash / width), this.shards.length - 1);
  }
}
