import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { RejectedLine, RejectsReader } from '../../ports/rejected-lines.ts';

/** The files of rejected lines in the curated bucket. The role needs `s3:GetObject`. */
export const createRejectsReader = (s3: S3Client, bucket: string): RejectsReader =>
  async function* (key) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const input = Body as Readable; // in Node the SDK's body is a Readable
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      if (text !== '') yield JSON.parse(text) as RejectedLine; // ValidateSegment wrote it
  };
