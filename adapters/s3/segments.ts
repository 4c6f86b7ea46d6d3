import { GetObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { parseTimestamp } from '../../core/time/calendar.ts';
import { SegmentForbidden, SegmentMissing } from '../../ports/faults.ts';
import { acceptedName, acceptedValue } from '../../ports/keys.ts';
import type { ListedVersion, SegmentOpener, VersionLister } from '../../ports/objects.ts';
import { asFault, nameOf, reaching, reachingEach, statusOf } from '../store-faults.ts';

/**
 * Streams raw objects from S3: a body is in memory a chunk at a time. The role needs `s3:GetObjectVersion`, without which every
 * segment is `SegmentForbidden`, and `s3:ListBucket`, without which one that is missing is too.
 */
export function createSegmentOpener(client: S3Client): SegmentOpener {
  return {
    async open({ bucket, key, versionId }) {
      try {
        const { Body, Metadata, LastModified } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
        );
        return {
          bytes: reachingEach((Body ?? []) as AsyncIterable<Uint8Array>), // in Node the SDK's body is a Readable
          arrivedMs: uploadTime(Metadata, LastModified?.getTime() ?? 0),
          accepted: Metadata?.[acceptedName] === acceptedValue,
        };
      } catch (fault) {
        const what = `s3://${bucket}/${key} version ${versionId}: ${nameOf(fault)}`;
        // 403: a policy, or an object in an archive. With 400 S3 passes on what KMS says, as of a key that is disabled.
        if (statusOf(fault) === 403 || nameOf(fault).startsWith('KMS.')) {
          throw new SegmentForbidden(`${what}: ${(fault as Error).message}`, { cause: fault });
        }
        // 400: not a version id; 405: the version is a delete marker.
        if ([400, 404, 405].includes(statusOf(fault) ?? 0)) throw new SegmentMissing(what, { cause: fault });
        throw asFault(fault);
      }
    },
  };
}

const dayMs = 86_400_000;

/**
 * When an object was uploaded, UTC ms: its metadata `uploaded-at`, unless that is no time, or over a day after S3 stored it: then
 * the clock of whoever wrote it was wrong, and the object would outrank all that comes before that day.
 */
function uploadTime(metadata: Readonly<Record<string, string>> | undefined, lastModifiedMs: number): number {
  const told = parseTimestamp(metadata?.['uploaded-at'] ?? '');
  return told === undefined || told > lastModifiedMs + dayMs ? lastModifiedMs : told;
}

/**
 * Lists the versions of raw objects, a page of at most 1,000 in memory. The SDK has no paginator for versions: one needs two
 * markers. The role needs `s3:ListBucketVersions`.
 */
export function createVersionLister(client: S3Client): VersionLister {
  return {
    async *list({ bucket, prefix, startAfter, deleted: withDeleted = false }): AsyncGenerator<ListedVersion> {
      let keyMarker = startAfter;
      let versionMarker: string | undefined;
      let deleted = new Set<string>();
      for (;;) {
        const page = await reaching(
          client.send(
            new ListObjectVersionsCommand({
              Bucket: bucket,
              Prefix: prefix,
              KeyMarker: keyMarker,
              VersionIdMarker: versionMarker,
            }),
          ),
        );
        const markers = page.DeleteMarkers ?? [];
        // A key's versions may continue on the next page, away from the marker that deleted it.
        const carried: string[] = keyMarker !== undefined && deleted.has(keyMarker) ? [keyMarker] : [];
        deleted = new Set([...carried, ...markers.filter((m) => m.IsLatest).map((m) => m.Key ?? '')]);
        for (const version of page.Versions ?? []) {
          const {
            Key: key = '',
            VersionId: versionId = 'null',
            Size: size = 0,
            LastModified: modified,
            IsLatest: isCurrent = false,
          } = version;
          if (withDeleted || !deleted.has(key))
            yield { key, versionId, size, lastModifiedMs: modified?.getTime() ?? 0, isCurrent };
        }
        if (page.IsTruncated !== true) return;
        keyMarker = page.NextKeyMarker;
        versionMarker = page.NextVersionIdMarker;
      }
    },
  };
}
