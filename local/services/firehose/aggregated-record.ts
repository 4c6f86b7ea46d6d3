import { createHash } from 'node:crypto';

const magic = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);
const checksumBytes = 16;

/**
 * The records that the Kinesis Producer Library put together into this one, in their order, as Firehose takes them apart before it delivers
 * them. They are parts of the same memory. Any other record is itself, and so is one that only begins like such a one: with a wrong
 * checksum, or with a message that can't be read. What they hold is not taken apart again.
 *
 * The format is the library's aggregation-format.md: four bytes, a message of protobuf, its MD5.
 *
 * @param record at most what a stream takes, 1 MiB
 */
export function takeApart(record: Buffer): Buffer[] {
  const endsAt = record.length - checksumBytes;
  if (endsAt < magic.length || !record.subarray(0, magic.length).equals(magic)) return [record];
  const message = record.subarray(magic.length, endsAt);
  const checksum = createHash('md5').update(message).digest();
  if (!checksum.equals(record.subarray(endsAt))) return [record];
  return dataIn(message) ?? [record];
}

/** Numbers of the fields of AggregatedRecord, and of a Record in it. */
const aggregated = { partitionKeys: 1, explicitHashKeys: 2, records: 3 } as const;
const inner = { partitionKey: 1, explicitHashKey: 2, data: 3 } as const;

/** Undefined for a message that is no AggregatedRecord. */
function dataIn(message: Buffer): Buffer[] | undefined {
  const fields = fieldsOf(message);
  if (fields === undefined) return undefined;
  const tableSize = (number: number): number => fields.filter((each) => each.number === number).length;
  const keys = {
    partition: tableSize(aggregated.partitionKeys),
    hash: tableSize(aggregated.explicitHashKeys),
  };
  const found: Buffer[] = [];
  for (const { number, value } of fields) {
    if (number > aggregated.records) continue;
    if (typeof value === 'number') return undefined;
    if (number !== aggregated.records) continue;
    const data = dataOf(value, keys);
    if (data === undefined) return undefined;
    found.push(data);
  }
  return found;
}

/** The data of one Record, whose indexes must be of the tables. As always in protobuf, the last of a field that is there twice holds. */
function dataOf(record: Buffer, keys: { partition: number; hash: number }): Buffer | undefined {
  const fields = fieldsOf(record);
  const last = (number: number) => fields?.findLast((each) => each.number === number)?.value;
  const [partitionKey, hashKey, data] = [
    last(inner.partitionKey),
    last(inner.explicitHashKey) ?? 'none',
    last(inner.data),
  ];
  const isOf = (index: unknown, size: number): boolean => typeof index === 'number' && index < size;
  if (!isOf(partitionKey, keys.partition)) return undefined;
  if (hashKey !== 'none' && !isOf(hashKey, keys.hash)) return undefined;
  return data instanceof Buffer ? data : undefined;
}

interface Field {
  readonly number: number;
  /** Of a varint its number, inexact from 2^53 on; of anything else its bytes. */
  readonly value: number | Buffer;
}

/** Undefined for what is no message of protobuf, or has groups, which proto2 keeps only for what is old. */
function fieldsOf(message: Buffer): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = varintAt(message, at);
    if (tag === undefined) return undefined;
    const [number, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
    const content = number === 0 ? undefined : contentAt(message, tag.end, wireType);
    if (content === undefined) return undefined;
    fields.push({ number, value: content.value });
    at = content.end;
  }
  return fields;
}

function contentAt(message: Buffer, at: number, wireType: number) {
  if (wireType === 0) return varintAt(message, at);
  const length = { 1: { value: 8, end: at }, 2: varintAt(message, at), 5: { value: 4, end: at } }[wireType];
  if (length === undefined || length.value > message.length - length.end) return undefined;
  const end = length.end + length.value;
  return { value: message.subarray(length.end, end), end };
}

/** A number of up to ten bytes, seven bits in each, the lowest first. */
function varintAt(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte % 128) * 2 ** (7 * index);
    if (byte < 128) return { value, end: at + index + 1 };
  }
  return undefined;
}
