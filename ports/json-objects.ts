import type { ObjectLocation } from './objects.ts';

/** JSON of our own writing as bytes, and back. The shape is the writer's word: the same deployment reads it. */
export const toJsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
export const fromJsonBytes = <Shape>(bytes: Uint8Array): Shape =>
  JSON.parse(Buffer.from(bytes).toString('utf8'));

/** For messages. */
export const addressOf = ({ bucket, key }: ObjectLocation): string => `s3://${bucket}/${key}`;
