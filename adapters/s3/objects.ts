import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type {
  ConditionalWriter,
  ObjectDescriber,
  ObjectReader,
  ObjectRemover,
  ObjectWriter,
  RangeReader,
} from '../../ports/objects.ts';
import { asFault, reaching, statusOf } from '../store-faults.ts';

/** All that whole, small objects are asked for. */
export type Objects = ObjectReader &
  RangeReader &
  ObjectWriter &
  ObjectRemover &
  ObjectDescriber &
  ConditionalWriter;

/**
 * Objects over S3. A read throws `StoreUnavailable` too when its body breaks off. The role needs `s3:ListBucket` beside `s3:GetObject`: without it S3 answers 403 for an object that is
 * not there, and what is merely new would look forbidden.
 */
export function createObjects(client: S3Client): Objects {
  /** The answer's body whole; `undefined` for 404. A body that breaks off is as unavailable as no answer. */
  const fetchBody = async (input: { Bucket: string; Key: string; Range?: string }) => {
    try {
      const answer = await client.send(new GetObjectCommand(input));
      const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, etag: answer.ETag ?? '', metadata: answer.Metadata ?? {} };
    } catch (fault) {
      if (statusOf(fault) === 404) return undefined;
      throw asFault(fault);
    }
  };
  return {
    read: ({ bucket, key }) => fetchBody({ Bucket: bucket, Key: key }),

    async readRange({ bucket, key, start, end }) {
      if (end <= start) return new Uint8Array(); // HTTP has no empty range
      return (await fetchBody({ Bucket: bucket, Key: key, Range: `bytes=${start}-${end - 1}` }))?.bytes;
    },

    async write({ bucket, key, bytes, contentType }) {
      await reaching(
        client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }),
        ),
      );
    },

    async remove({ bucket, key }) {
      await reaching(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },

    async describe({ bucket, key }) {
      try {
        return (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).Metadata ?? {};
      } catch (fault) {
        if (statusOf(fault) === 404) return undefined;
        throw asFault(fault);
      }
    },

    async writeIf({ bucket, key, bytes, contentType, metadata, condition }) {
      const only = condition.kind === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ContentType: contentType,
            Metadata: { ...metadata },
            ...only,
          }),
        );
        return 'written';
      } catch (fault) {
        // 412: another object is there; 409: another conditional write was under way; 404: If-Match, and it was deleted.
        if ([412, 409, 404].includes(statusOf(fault) ?? 0) && (fault as Error).name !== 'NoSuchBucket')
          return 'conflict';
        throw asFault(fault);
      }
    },
  };
}
