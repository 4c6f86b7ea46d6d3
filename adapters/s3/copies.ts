import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectCopier, ObjectStreamer, VersionDescriber } from '../../ports/objects.ts';
import { asFault, reachingEach, statusOf } from '../store-faults.ts';

/**
 * Copies of objects over S3, which moves the bytes itself. The role needs `s3:GetObject` on the source (`s3:GetObjectVersion` where a version
 * is named) and `s3:PutObject` on the target, and `s3:ListBucket`, without which a source that is not there is forbidden.
 */
export function createObjectCopier(client: S3Client): ObjectCopier {
  return {
    async copy({ from, to, contentType, metadata }) {
      const version = from.versionId === undefined ? '' : `?versionId=${from.versionId}`;
      try {
        const copied = await client.send(
          new CopyObjectCommand({
            Bucket: to.bucket,
            Key: to.key,
            CopySource: `${from.bucket}/${encodeURIComponent(from.key)}${version}`,
            MetadataDirective: 'REPLACE',
            ContentType: contentType,
            Metadata: { ...metadata },
          }),
        );
        return copied.VersionId ?? 'null';
      } catch (fault) {
        if (statusOf(fault) === 404 && (fault as Error).name !== 'NoSuchBucket') return undefined;
        throw asFault(fault);
      }
    },
  };
}

/** What is said of versions of objects. The role needs `s3:GetObjectVersion`. */
export function createVersionDescriber(client: S3Client): VersionDescriber {
  return {
    async describeVersion({ bucket, key, versionId }) {
      try {
        const { ContentType, Metadata = {} } = await client.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
        );
        return { contentType: ContentType, metadata: Metadata };
      } catch (fault) {
        if (statusOf(fault) === 404) return undefined;
        throw asFault(fault);
      }
    },
  };
}

/** Streams objects from S3, a chunk at a time. The role needs `s3:GetObject`, and `s3:ListBucket`, without which one that is not there is forbidden. */
export function createObjectStreamer(client: S3Client): ObjectStreamer {
  return {
    async stream({ bucket, key }, { maxBytes } = {}) {
      const range = maxBytes === undefined ? {} : { Range: `bytes=0-${maxBytes - 1}` };
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...range }));
        return reachingEach((Body ?? []) as AsyncIterable<Uint8Array>); // in Node the SDK's body is a Readable
      } catch (fault) {
        if (statusOf(fault) === 404) return undefined;
        throw asFault(fault);
      }
    },
  };
}
