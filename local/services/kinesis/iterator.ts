import { AwsError } from '../../engine/calls.ts';

/** Where a reader is. */
export interface ShardIterator {
  readonly stream: string;
  readonly shard: number;
  /** Of the record that it reads next. */
  readonly position: number;
}

const validMs = 300_000;

/** The text that a caller is given for it, for five minutes. */
export const sealIterator = (iterator: ShardIterator): string =>
  Buffer.from(JSON.stringify({ ...iterator, sealedMs: Date.now() })).toString('base64url');

/** @throws {AwsError} InvalidArgumentException, ExpiredIteratorException */
export function openIterator(text: unknown): ShardIterator {
  const opened = parse(String(text).slice(0, 1_000));
  if (opened === undefined) throw new AwsError('InvalidArgumentException', 'Invalid ShardIterator.');
  const { sealedMs, ...iterator } = opened;
  if (Date.now() - sealedMs > validMs)
    throw new AwsError(
      'ExpiredIteratorException',
      `Iterator expired. It was made more than ${validMs} milliseconds ago.`,
    );
  return iterator;
}

function parse(text: string): (ShardIterator & { sealedMs: number }) | undefined {
  try {
    const { stream, shard, position, sealedMs } = JSON.parse(Buffer.from(text, 'base64url').toString());
    const areNumbers = [shard, position, sealedMs].every((each) => Number.isSafeInteger(each) && each >= 0);
    return typeof stream === 'string' && areNumbers ? { stream, shard, position, sealedMs } : undefined;
  } catch {
    return undefined;
  }
}
