import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PartReader } from '../../ports/objects.ts';
import { asFault, statusOf } from '../store-faults.ts';

/**
 * Parts of objects over S3, by ranges. The role needs `s3:ListBucket` beside `s3:GetObject`: without it S3 answers 403 for an object that
 * is not there. Its own module, so that who only reads does not carry what writes.
 */
export function createObjectParts(client: S3Client): PartReader {
  /** The answer with its body whole. */
  const fetchRange = async (input: { Bucket: string; Key: string; Range: string; IfMatch?: string }) => {
    const answer = await client.send(new GetObjectCommand(input));
    return { answer, bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array() };
  };
  return {
    async readEnd({ bucket, key, length }) {
      try {
        const { answer, bytes } = await fetchRange({ Bucket: bucket, Key: key, Range: `bytes=-${length}` });
        // `bytes 100-199/200`; an answer without it is the whole object.
        const size = Number(answer.ContentRange?.split('/')[1] ?? bytes.length);
        return { bytes, size, etag: answer.ETag ?? '' };
      } catch (fault) {
        if (statusOf(fault) === 404) return undefined;
        throw asFault(fault);
      }
    },

    async readPart({ bucket, key, start, end, etag }) {
      try {
        const range = { Bucket: bucket, Key: key, Range: `bytes=${start}-${end - 1}`, IfMatch: etag };
        return (await fetchRange(range)).bytes;
      } catch (fault) {
        const status = statusOf(fault);
        if (status === 412 || status === 404) return 'changed';
        throw asFault(fault);
      }
    },
  };
}
